"""A deployed stack through updates, rollbacks, deletion and adoption, with the real `sam deploy`.

The tests build on each other: each takes the stack as the previous one left it. The emulator has no CodeDeploy, so
`live` moves at once in production, too.
"""

import json

import pytest

from local.paths import SAM, SAMCONFIG
from phenom.aws.stacks import LIVE
from tests.e2e.api import wait_for
from tests.e2e.environment_stack import (
    CLAIMS,
    ENVIRONMENTS,
    PRESIGN,
    SYNC,
    VALIDATOR,
    Account,
    EnvironmentStack,
    succeeded,
)

PASSWORDS = json.dumps({"passwords": ["a password that an operator has set"]})
ITEM = {"uploadId": {"S": "of an earlier stack"}}


# Each takes minutes. `make test` takes production, which has everything that development has, and CodeDeploy.
@pytest.fixture(scope="module", params=["production", pytest.param("development", marks=pytest.mark.slow)])
def stack(request: pytest.FixtureRequest, account: Account) -> EnvironmentStack:
    return account.deployed(request.param)[0]


def test_permissions_and_queues_name_the_alias_live(stack: EnvironmentStack) -> None:
    functions = stack.aws.client("lambda")
    assert set(stack.live_versions().values()) == {1}
    for name in (PRESIGN, CLAIMS, SYNC):
        policy = json.loads(functions.get_policy(FunctionName=f"{stack.name}-{name}")["Policy"])
        assert {each["Resource"].rpartition(":")[2] for each in policy["Statement"]} == {LIVE}
    for name in (VALIDATOR, SYNC, "upload-events"):
        (mapping,) = functions.list_event_source_mappings(FunctionName=f"{stack.name}-{name}")["EventSourceMappings"]
        assert mapping["FunctionArn"].endswith(f":{stack.name}-{name}:{LIVE}")


def test_changed_parameter_publishes_the_functions_that_use_it(stack: EnvironmentStack) -> None:
    """Without the template's help SAM would not: the alias would silently keep the old value."""
    roles = json.dumps({"moderators": "moderator"})
    succeeded(stack.deploy(RolesByGroup=json.dumps(roles)))
    assert stack.live_versions() == {PRESIGN: 1, VALIDATOR: 1, CLAIMS: 2, SYNC: 1}
    assert json.loads(stack.variables(CLAIMS)["ROLES_BY_GROUP"]) == {"moderators": "moderator"}


def test_removed_parameter_keeps_its_value(stack: EnvironmentStack) -> None:
    """SAM passes the previous value, not the template's default; see docs/operations/deploy.md."""
    succeeded(stack.deploy())
    assert json.loads(stack.variables(CLAIMS)["ROLES_BY_GROUP"]) == {"moderators": "moderator"}
    assert stack.live_versions()[CLAIMS] == 2


def test_changed_ssm_parameter_publishes_the_functions_that_use_it(stack: EnvironmentStack) -> None:
    parameter = f"/phenom/{ENVIRONMENTS[stack.environment]}/clamd/host"
    stack.aws.client("ssm").put_parameter(Name=parameter, Value="clamd.elsewhere.internal", Overwrite=True)
    succeeded(stack.deploy())
    assert stack.live_versions() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    assert stack.variables(VALIDATOR)["CLAMAV_HOST"] == "clamd.elsewhere.internal"


def test_changed_code_is_published_and_an_unchanged_deployment_is_not(stack: EnvironmentStack) -> None:
    (stack.template.parent / "PresignFunction/presign/release.txt").write_text("the next one")
    succeeded(stack.deploy())
    after = {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    assert stack.live_versions() == after
    succeeded(stack.deploy())
    assert stack.live_versions() == after
    assert stack.preflight() == 204


def test_failed_deployment_leaves_the_old_version_live(stack: EnvironmentStack) -> None:
    """Adds an invalid queue that is created after the alias has moved."""
    queue = (
        "\n  Broken:\n    Type: AWS::SQS::Queue\n    DependsOn: PresignFunctionAliaslive\n"
        "    Properties:\n      VisibilityTimeout: 99999999\n\nOutputs:"
    )
    broken = stack.template.with_name("broken.yaml")
    text = stack.template.read_text().replace("MemorySize: 512", "MemorySize: 640").replace("\nOutputs:", queue)
    broken.write_text(text)
    before, memory = stack.live_versions(), stack.configuration(PRESIGN)["MemorySize"]
    failed = stack.deploy(broken)
    assert failed.returncode != 0
    assert "VisibilityTimeout" in failed.stdout
    assert stack.live_versions() == before
    assert stack.configuration(PRESIGN)["MemorySize"] == memory == 512
    assert stack.preflight() == 204


def test_rollback_undoes_only_the_last_successful_deployment(stack: EnvironmentStack) -> None:
    shown = succeeded(stack.phenom("rollback", "--dry-run"))
    assert "Nothing was changed" in shown
    assert stack.live_versions()[PRESIGN] == 2
    said = succeeded(stack.phenom("rollback"))
    assert stack.live_versions() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}, said
    assert stack.preflight() == 204
    again = stack.phenom("rollback")
    assert again.returncode == 2
    assert "Already rolled back: presign." in again.stderr
    assert stack.live_versions()[PRESIGN] == 1


def test_rollback_moves_forward_again_or_to_any_version(stack: EnvironmentStack) -> None:
    succeeded(stack.phenom("rollback", "--version", "newest"))
    assert stack.live_versions() == {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    succeeded(stack.phenom("rollback", "--function", "cognito_trigger", "--version", "1"))
    assert stack.live_versions() == {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 1, SYNC: 1}


def test_deployment_after_a_rollback_moves_every_function_forward(stack: EnvironmentStack) -> None:
    succeeded(stack.phenom("rollback", "--function", "presign", "--version", "1"))
    succeeded(stack.deploy(LogLevel="DEBUG"))
    versions = stack.live_versions()
    assert {stack.variables(name)["POWERTOOLS_LOG_LEVEL"] for name in versions} == {"DEBUG"}


def test_rollback_skips_versions_that_were_rolled_back(stack: EnvironmentStack) -> None:
    before = stack.live_versions()
    said = succeeded(stack.phenom("rollback"))
    assert stack.live_versions() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 1, SYNC: 1}, said
    succeeded(stack.phenom("rollback", "--version", "newest"))
    assert stack.live_versions() == before


def test_snapstart_and_concurrency_apply_to_user_facing_functions(stack: EnvironmentStack) -> None:
    succeeded(stack.deploy(SnapStart="on", PresignReservedConcurrency="20", SignInReservedConcurrency="5"))
    optimized = {name: stack.configuration(name)["SnapStart"]["OptimizationStatus"] for name in stack.live_versions()}
    assert optimized == {PRESIGN: "On", VALIDATOR: "Off", CLAIMS: "Off", SYNC: "On"}
    functions = stack.aws.client("lambda")
    reserved = {
        name: functions.get_function_concurrency(FunctionName=f"{stack.name}-{name}").get(
            "ReservedConcurrentExecutions"
        )
        for name in stack.live_versions()
    }
    assert reserved == {PRESIGN: 20, VALIDATOR: None, CLAIMS: 5, SYNC: 5}
    wait_for(lambda: stack.configuration(PRESIGN)["State"] == "Active", 60, "snapshot")
    assert stack.preflight() == 204


def test_prune_versions_keeps_the_live_version(stack: EnvironmentStack) -> None:
    before = stack.live_versions()
    succeeded(stack.phenom("prune-versions", "--keep", "1"))
    versions = stack.aws.client("lambda").list_versions_by_function(FunctionName=f"{stack.name}-{PRESIGN}")["Versions"]
    assert len(versions) <= 3, "$LATEST, the newest version, and the live one if it is another"
    assert stack.live_versions() == before
    assert stack.preflight() == 204


def test_deleted_stack_keeps_user_data(stack: EnvironmentStack) -> None:
    account = stack.aws.client("sts").get_caller_identity()["Account"]
    buckets = {f"{stack.name}-{kind}-{account}" for kind in ("staging", "final", "client")}
    s3, dynamodb, secrets = (stack.aws.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    for bucket in buckets:
        s3.delete_bucket_policy(Bucket=bucket)  # it requires TLS, which the emulator does not have
        s3.put_object(Bucket=bucket, Key="images/1.jpg", Body=b"kept")
    dynamodb.put_item(TableName=f"{stack.name}-uploads", Item=ITEM)
    secrets.put_secret_value(SecretId=f"{stack.name}-video-upload-passwords", SecretString=PASSWORDS)
    succeeded(
        stack.run(
            *(SAM, "delete", "--config-file", SAMCONFIG, "--config-env", stack.environment, "--no-prompts"),
        )
    )
    functions = stack.aws.client("lambda").list_functions()["Functions"]
    assert not [each for each in functions if each["FunctionName"].startswith(stack.name)]
    assert not [queue for queue in stack.aws.client("sqs").list_queues().get("QueueUrls", []) if stack.name in queue]
    _assert_kept(stack, buckets)


def test_deployment_after_deletion_needs_adopt(stack: EnvironmentStack) -> None:
    refused = stack.deploy()
    assert refused.returncode != 0
    cloudformation = stack.aws.client("cloudformation")
    early = stack.phenom("adopt")
    assert early.returncode == 2
    assert f"delete-stack --stack-name {stack.name}" in early.stderr
    cloudformation.delete_stack(StackName=stack.name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 1})
    succeeded(stack.phenom("adopt", "--dry-run"))
    succeeded(stack.phenom("adopt"))
    succeeded(stack.deploy())
    assert stack.preflight() == 204
    account = stack.aws.client("sts").get_caller_identity()["Account"]
    for kind in ("staging", "final", "client"):
        stack.aws.client("s3").delete_bucket_policy(Bucket=f"{stack.name}-{kind}-{account}")
    _assert_kept(stack, {f"{stack.name}-{kind}-{account}" for kind in ("staging", "final", "client")})
    notified = stack.aws.client("s3").get_bucket_notification_configuration(Bucket=f"{stack.name}-staging-{account}")
    assert notified["QueueConfigurations"]
    existing = stack.phenom("adopt")
    assert existing.returncode == 2
    assert "only after the stack was deleted" in existing.stderr


def _assert_kept(stack: EnvironmentStack, buckets: set[str]) -> None:
    s3, dynamodb, secrets = (stack.aws.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    for bucket in buckets:
        assert s3.get_object(Bucket=bucket, Key="images/1.jpg")["Body"].read() == b"kept"
    assert ITEM in dynamodb.scan(TableName=f"{stack.name}-uploads")["Items"]
    kept = secrets.get_secret_value(SecretId=f"{stack.name}-video-upload-passwords")["SecretString"]
    assert kept == PASSWORDS
