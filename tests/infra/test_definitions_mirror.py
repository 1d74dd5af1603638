"""Who may read, write and refresh the private mirror of virus definitions, and what raises its alarm."""

import json

from tests.infra.iam import is_allowed, statements
from tests.infra.plans import TERRAFORM, Environment, Resource

ENDPOINT = {"aws_SourceVpce": "vpce-0123456789abcdef0"}
HERE = "us-east-1:111122223333"


def find(environment: Environment, address: str) -> Resource:
    """Returns a resource of the module clamd after the test's apply."""
    (found,) = [one for one in environment.applied if one.address == f"module.clamd[0].{address}"]
    return found


def bucket_arn(environment: Environment) -> str:
    return f"arn:aws:s3:::phenom-{environment.short}-definitions-111122223333"


def test_only_the_endpoint_may_read_without_credentials(environment: Environment):
    policy = find(environment, "module.bucket[0].aws_s3_bucket_policy.this").values["policy"]
    found, bucket = statements(policy), bucket_arn(environment)
    assert is_allowed(found, "s3:GetObject", f"{bucket}/daily.cvd", **ENDPOINT)
    assert is_allowed(found, "s3:ListBucket", bucket, **ENDPOINT), "a missing file would be answered with 403, not 404"
    assert not is_allowed(found, "s3:GetObject", f"{bucket}/daily.cvd")
    assert not is_allowed(found, "s3:GetObject", f"{bucket}/daily.cvd", aws_SourceVpce="vpce-other")
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:PutObjectAcl"):
        assert not is_allowed(found, action, f"{bucket}/daily.cvd", **ENDPOINT)


def test_endpoint_lets_requests_for_the_bucket_through(environment: Environment):
    (endpoint,) = [e for e in environment.state_of("aws_vpc_endpoint") if e.values["service_name"].endswith(".s3")]
    assert endpoint.values["id"] == ENDPOINT["aws_SourceVpce"]
    policy = statements(endpoint.values["policy"])
    for action, resource in (("s3:GetObject", "/daily.cvd"), ("s3:ListBucket", ""), ("s3:PutObject", "/daily.cvd")):
        own = bucket_arn(environment) + resource
        assert is_allowed(policy, action, own, aws_ResourceAccount="111122223333"), action


def test_refresh_only_writes_the_three_files(environment: Environment):
    policy = statements(find(environment, "aws_iam_role_policy.refresh[0]").values["policy"])
    bucket = bucket_arn(environment)
    for file in ("main", "daily", "bytecode"):
        assert is_allowed(policy, "s3:PutObject", f"{bucket}/{file}.cvd")
    assert not is_allowed(policy, "s3:PutObject", f"{bucket}/other.cvd")
    assert not is_allowed(policy, "s3:DeleteObject", f"{bucket}/main.cvd")
    (task,) = [s for s in environment.state_of("aws_iam_role") if s.values["name"].endswith("-clamd-task")]
    assert not [r for r in environment.state_of("aws_iam_role_policy") if r.values["role"] == task.values["id"]]


def test_schedule_runs_only_the_refresh_in_this_cluster(environment: Environment):
    policy = statements(find(environment, "aws_iam_role_policy.scheduler[0]").values["policy"])
    (cluster,) = environment.state_of("aws_ecs_cluster")
    inside = {"ecs_cluster": cluster.values["arn"]}
    task = f"arn:aws:ecs:{HERE}:task-definition/phenom-{environment.short}-clamd-refresh:3"
    assert is_allowed(policy, "ecs:RunTask", task, **inside)
    assert not is_allowed(policy, "ecs:RunTask", task, ecs_cluster="arn:aws:ecs:us-east-1:111122223333:cluster/other")
    assert not is_allowed(policy, "ecs:RunTask", task.replace("clamd-refresh", "database-role"), **inside)
    role = find(environment, "aws_iam_role.refresh[0]").values["arn"]
    assert is_allowed(policy, "iam:PassRole", role, iam_PassedToService="ecs-tasks.amazonaws.com")
    assert not is_allowed(policy, "iam:PassRole", role, iam_PassedToService="lambda.amazonaws.com")
    tag = f"arn:aws:ecs:{HERE}:task/phenom-{environment.short}-cluster/0123"
    assert is_allowed(policy, "ecs:TagResource", tag, ecs_CreateAction="RunTask")
    assert not is_allowed(policy, "ecs:TagResource", tag)


def test_schedule_starts_the_task_in_private_subnets_after_its_permissions(environment: Environment):
    schedule = find(environment, "aws_scheduler_schedule.refresh[0]")
    (target,) = schedule.values["target"]
    (parameters,) = target["ecs_parameters"]
    (network,) = parameters["network_configuration"]
    service = find(environment, "module.service.aws_ecs_service.this").values["network_configuration"][0]
    assert network["subnets"] == service["subnets"]
    assert network["security_groups"] == service["security_groups"]
    assert network["assign_public_ip"] is False
    before = environment.created_before("module.clamd.aws_scheduler_schedule.refresh")
    assert {f"module.clamd.aws_iam_role_policy.{name}" for name in ("scheduler", "refresh")} <= before


def test_clamd_and_the_refresh_use_the_same_mirror_and_image(environment: Environment):
    addresses = ("aws_ecs_task_definition.refresh[0]", "module.service.aws_ecs_task_definition.this")
    tasks = [find(environment, address) for address in addresses]
    containers = [json.loads(task.values["container_definitions"])[0] for task in tasks]
    assert len({container["image"] for container in containers}) == 1
    urls = {variable["value"] for c in containers for variable in c["environment"] if variable["name"] == "MIRROR_URL"}
    assert len(urls) == 1
    (url,) = urls
    assert url.startswith("https://")
    assert url.endswith(".s3.us-east-1.amazonaws.com")


def test_old_or_unknown_age_raises_the_alarm(environment: Environment):
    alarm = find(environment, "aws_cloudwatch_metric_alarm.age").values
    transformation = find(environment, "aws_cloudwatch_log_metric_filter.age").values["metric_transformation"][0]
    assert (alarm["namespace"], alarm["metric_name"]) == (transformation["namespace"], transformation["name"])
    assert alarm["threshold"] == 36
    assert alarm["treat_missing_data"] == "breaching"
    assert not transformation["default_value"], "a default would hide missing reports"
    field = transformation["value"].removeprefix("$.")
    assert f'"{field}"' in (TERRAFORM / "modules/clamd/start.sh").read_text()
