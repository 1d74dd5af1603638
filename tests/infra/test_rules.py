"""Rules for all resources: policies, logs, tags, alarms, secrets."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.infra.plans import ROOT, Environment, Resource


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def documents(environment: Environment) -> Iterator[tuple[Resource, str, list[dict[str, Any]]]]:
    """Yields every policy: the resource, the attribute and the statements."""
    for resource in environment.applied:
        for name, value in resource.values.items():
            if not isinstance(value, str) or '"Statement"' not in value:
                continue
            yield resource, name, as_list(json.loads(value)["Statement"])


def test_policies_of_all_kinds_are_found(environment: Environment):
    """Otherwise the tests below would prove nothing."""
    kinds = {resource.type for resource, _, _ in documents(environment)}
    of_chat = {"aws_efs_file_system_policy"} if environment.locals["synapse"] else set()
    assert kinds - of_chat == {
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_s3_bucket_policy",
        "aws_vpc_endpoint",
        "aws_kms_key",
        "aws_sns_topic_policy",
    }
    assert of_chat <= kinds


def test_no_policy_allows_all_actions_on_all_resources(environment: Environment):
    for resource, _, statements in documents(environment):
        if resource.type == "aws_kms_key":
            continue  # "*" in a key policy means this key
        for statement in statements:
            actions, resources = as_list(statement.get("Action", [])), as_list(statement.get("Resource", []))
            wide = any(action == "*" or action.endswith(":*") for action in actions)
            assert statement["Effect"] == "Deny" or not (wide and "*" in resources), (resource.address, statement)
            assert statement["Effect"] == "Deny" or "NotAction" not in statement, resource.address
            assert "NotResource" not in statement, resource.address


def test_wildcard_principals_have_a_condition(environment: Environment):
    for resource, _, statements in documents(environment):
        for statement in statements:
            if statement["Effect"] != "Allow" or statement.get("Principal") not in ("*", {"AWS": "*"}):
                continue
            if resource.type == "aws_vpc_endpoint":
                assert statement.get("Condition") or statement["Action"] == "s3:GetObject", statement
            else:  # a fixed endpoint: S3 would reject the policy as public otherwise
                (endpoint,) = {e.values["id"] for e in environment.state_of("aws_vpc_endpoint") if _is_for_s3(e)}
                assert resource.address == "module.clamd[0].module.bucket[0].aws_s3_bucket_policy.this"
                assert statement["Condition"] == {"StringEquals": {"aws:SourceVpce": endpoint}}


def _is_for_s3(endpoint: Resource) -> bool:
    return bool(endpoint.values["service_name"].endswith(".s3"))


def test_service_principals_are_limited_to_this_account(environment: Environment):
    """Without aws:SourceAccount, a service could act for resources of another account (confused deputy).

    CloudFormation is an exception: it only uses a role that a principal of this account passes.
    """
    for resource, _, statements in documents(environment):
        if resource.address in {f"module.ci.aws_iam_role.{name}[0]" for name in ("cloudformation", "administrator")}:
            continue
        for statement in statements:
            if isinstance(statement.get("Principal"), dict) and "Service" in statement["Principal"]:
                assert "aws:SourceAccount" in statement["Condition"]["StringEquals"], resource.address


def test_every_log_group_has_the_configured_retention(environment: Environment):
    groups = environment.plan_of("aws_cloudwatch_log_group")
    kept = {group.values["name"]: group.values["retention_in_days"] for group in groups}
    assert set(kept.values()) == {environment.locals["log_retention_days"]}
    (database,) = environment.plan_of("aws_db_instance")
    for kind in database.values["enabled_cloudwatch_logs_exports"]:
        assert f"/aws/rds/instance/{database.values['identifier']}/{kind}" in kept
    for container in containers(environment):
        assert container["logConfiguration"]["options"]["awslogs-group"] in kept
    (cluster,) = environment.plan_of("aws_ecs_cluster")
    assert f"/aws/ecs/containerinsights/{cluster.values['name']}/performance" in kept


def test_every_taggable_resource_is_tagged(environment: Environment):
    taggable = [resource for resource in environment.planned if "tags_all" in resource.values]
    assert len(taggable) > 100
    for resource in taggable:
        tags = resource.values["tags_all"]
        assert tags["application"] == "phenom", resource.address
        assert tags["environment"] == environment.short, resource.address
        assert tags["owner"] == environment.locals["owner"], resource.address


def test_tasks_inherit_the_tags_of_their_service(environment: Environment):
    assert {service.values["propagate_tags"] for service in environment.plan_of("aws_ecs_service")} == {"SERVICE"}


def test_every_alarm_notifies_the_topic(environment: Environment):
    (topic,) = environment.state_of("aws_sns_topic")
    alarms = environment.state_of("aws_cloudwatch_metric_alarm")
    assert len({alarm.values["alarm_name"] for alarm in alarms}) == len(alarms)
    for alarm in alarms:
        assert alarm.values["alarm_actions"] == [topic.values["arn"]], alarm.address


def test_every_alarm_description_names_its_runbook(environment: Environment):
    for alarm in environment.plan_of("aws_cloudwatch_metric_alarm"):
        runbook = re.search(r" Runbook: (docs/runbooks/[a-z0-9-]+\.md)$", alarm.values["alarm_description"])
        assert runbook, alarm.address
        text = (ROOT / runbook[1]).read_text()
        kind = alarm.values["alarm_name"].removeprefix(f"phenom-{environment.short}-")
        service = kind.partition("-")[0]
        assert f"`phenom-<env>-{kind}`" in text or (
            f"`phenom-<env>-<service>-{kind.removeprefix(f'{service}-')}`" in text and f"`{service}`" in text
        ), runbook[1]


def test_alarms_evaluate_at_most_the_time_that_cloudwatch_accepts(environment: Environment):
    """PutMetricAlarm accepts 7 days, and one day for periods below an hour."""
    for alarm in environment.plan_of("aws_cloudwatch_metric_alarm"):
        period = alarm.values["period"]
        limit = 86_400 if period < 3600 else 7 * 86_400
        assert period * alarm.values["evaluation_periods"] <= limit, alarm.address


def test_every_service_and_the_database_have_alarms(environment: Environment):
    names = {alarm.values["alarm_name"] for alarm in environment.plan_of("aws_cloudwatch_metric_alarm")}
    for service in ("graphql", "auth", "storage", "functions"):
        for kind in ("cpu", "memory", "tasks", "unhealthy"):
            assert f"phenom-{environment.short}-{service}-{kind}" in names
    for kind in ("cpu", "memory", "tasks"):
        assert f"phenom-{environment.short}-clamd-{kind}" in names
    for kind in ("cpu", "storage", "connections", "memory"):
        assert f"phenom-{environment.short}-database-{kind}" in names


def test_plan_and_state_contain_no_secret(environment: Environment):
    (database,) = environment.state_of("aws_db_instance")
    assert database.values["password"] is None
    for version in environment.state_of("aws_secretsmanager_secret_version"):
        assert version.values["secret_string"] is None, version.address
        assert version.values["secret_string_wo"] is None, version.address
    assert not environment.state_of("random_password")


def containers(environment: Environment) -> list[dict[str, Any]]:
    tasks = environment.state_of("aws_ecs_task_definition")
    return [one for task in tasks for one in json.loads(task.values["container_definitions"])]


def test_containers_get_secrets_by_reference(environment: Environment):
    for container in containers(environment):
        secret_names = {secret["name"] for secret in container.get("secrets", [])}
        plain = {variable["name"] for variable in container.get("environment", [])}
        assert not secret_names & plain
        assert not any("SECRET" in name.removesuffix("JWT_SECRET") or "PASSWORD" in name for name in plain)
        assert all(secret["valueFrom"].endswith("::") for secret in container.get("secrets", []))


def test_every_bucket_is_private_encrypted_and_requires_tls(environment: Environment):
    buckets = [bucket.values["bucket"] for bucket in environment.plan_of("aws_s3_bucket")]
    prefix = f"phenom-{environment.short}"
    kinds = [name.rstrip("0123456789").removeprefix(prefix) for name in buckets]
    of_chat = ["-chat-logs-", "-chat-trust-"] if environment.locals["chat"] else []
    assert sorted(kinds) == sorted(["-alb-logs-", "-definitions-", "-storage-", *of_chat])
    for kind in ("ownership_controls", "server_side_encryption_configuration", "versioning", "lifecycle_configuration"):
        assert len(environment.plan_of(f"aws_s3_bucket_{kind}")) == len(buckets), kind
    blocks = environment.plan_of("aws_s3_bucket_public_access_block")
    assert len(blocks) == len(buckets)
    for block in blocks:
        assert all(value for name, value in block.values.items() if name.startswith(("block_", "ignore_", "restrict_")))
    policies = [s for resource, _, s in documents(environment) if resource.type == "aws_s3_bucket_policy"]
    assert len(policies) == len(buckets)
    for statements in policies:
        assert [s["Condition"] for s in statements if s["Effect"] == "Deny"] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]


def test_only_load_balancers_write_to_their_log_buckets(environment: Environment):
    allowed = {
        resource.address: statement
        for resource, _, statements in documents(environment)
        if resource.type == "aws_s3_bucket_policy"
        for statement in statements
        if statement["Effect"] == "Allow" and statement["Principal"] != "*"
    }
    expected = (
        {"alb": "-alb-logs-", "chat_edge[0]": "-chat-logs-"} if environment.locals["chat"] else {"alb": "-alb-logs-"}
    )
    for module, bucket in expected.items():
        one = allowed.pop(f"module.{module}.module.logs.aws_s3_bucket_policy.this")
        assert one["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
        assert one["Action"] == "s3:PutObject"
        assert one["Resource"].endswith(f"{bucket}111122223333/AWSLogs/111122223333/*")
    assert not allowed
