"""The life of an environment's stack by the real `sam deploy`, after the first deployment (test_environments.py).

In order: each test takes the stack as the one before left it. CodeDeploy is not on the emulator: `live` moves at once
in production, too.
"""

import json
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws import Aws
from local.emulator.process import Emulator
from local.paths import ROOT, SAM, SAMCONFIG, Places
from local.ports import any_free
from phenom.aws.stacks import LIVE
from tests.commands import PHENOM
from tests.e2e.api import wait_for
from tests.e2e.test_environments import ENVIRONMENTS, write_terraform_parameters

PRESIGN, VALIDATOR = "presigned-url-generator", "file-validator"
CLAIMS, SYNC = "hasura-cognito-trigger", "hasura-cognito-sync-users"
PREFLIGHT = {"httpMethod": "OPTIONS", "resource": "/upload/generate-url"}
PASSWORDS = json.dumps({"passwords": ["a password that somebody has put in"]})
ITEM = {"uploadId": {"S": "of an earlier stack"}}


@dataclass(frozen=True)
class Deployed:
    """An environment in an account of its own. `template` is what `sam build` made."""

    aws: Aws
    places: Places
    template: Path
    environment: str

    @property
    def name(self) -> str:
        return f"phenom-{ENVIRONMENTS[self.environment]}"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        environment = self.aws.environment(self.places.home)
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    def deploy(self, template: Path | None = None, **changed: str) -> subprocess.CompletedProcess[str]:
        """`make deploy CONFIRM=no`, with parameters as if they were others in samconfig.toml."""
        configured = tomllib.loads(SAMCONFIG.read_text())[self.environment]["deploy"]["parameters"]
        parameters = dict(each.split("=", 1) for each in configured["parameter_overrides"]) | changed
        return self.run(
            *(SAM, "deploy", "--template-file", template or self.template, "--config-file", SAMCONFIG),
            *("--config-env", self.environment, "--no-confirm-changeset", "--parameter-overrides"),
            *(f"{name}={value}" for name, value in parameters.items()),
        )

    def phenom(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(PHENOM, command, self.environment, *arguments)

    def serves(self) -> dict[str, int]:
        """The version that `live` is, by function."""
        functions = self.aws.client("lambda")
        return {
            name: int(functions.get_alias(FunctionName=f"{self.name}-{name}", Name=LIVE)["FunctionVersion"])
            for name in (PRESIGN, VALIDATOR, CLAIMS, SYNC)
        }

    def configuration(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.client("lambda").get_function_configuration(
            FunctionName=f"{self.name}-{name}", Qualifier=LIVE
        )
        return found

    def variables(self, name: str) -> dict[str, str]:
        return dict(self.configuration(name)["Environment"]["Variables"])

    def preflight(self) -> int:
        response = self.aws.client("lambda").invoke(
            FunctionName=f"{self.name}-{PRESIGN}", Qualifier=LIVE, Payload=json.dumps(PREFLIGHT).encode()
        )
        return int(json.loads(response["Payload"].read())["statusCode"])


# Minutes for each: `make test` takes production, which has all that development has, and CodeDeploy's resources.
@pytest.fixture(scope="module", params=["production", pytest.param("development", marks=pytest.mark.slow)])
def stack(
    request: pytest.FixtureRequest, application: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    places = Places(tmp_path_factory.mktemp("account"))
    places.create()
    shutil.copytree(application.stack_file.parent / "sam/build", places.directory / "build")
    emulator = Emulator(places)
    emulator.start(any_free())
    try:
        stack = Deployed(emulator.aws(), places, places.directory / "build/template.yaml", request.param)
        write_terraform_parameters(stack.aws, request.param)
        succeeded(stack.deploy())
        yield stack
    finally:
        emulator.stop()


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_everybody_calls_the_alias_and_nobody_the_function(stack: Deployed) -> None:
    functions = stack.aws.client("lambda")
    assert set(stack.serves().values()) == {1}
    for name in (PRESIGN, CLAIMS, SYNC):
        policy = json.loads(functions.get_policy(FunctionName=f"{stack.name}-{name}")["Policy"])
        assert {each["Resource"].rpartition(":")[2] for each in policy["Statement"]} == {LIVE}
    for name in (VALIDATOR, SYNC, "upload-events"):
        (mapping,) = functions.list_event_source_mappings(FunctionName=f"{stack.name}-{name}")["EventSourceMappings"]
        assert mapping["FunctionArn"].endswith(f":{stack.name}-{name}:{LIVE}")


def test_a_parameter_alone_publishes_the_functions_that_it_configures(stack: Deployed) -> None:
    """SAM by itself would not: the alias would go on serving the old value, and say nothing."""
    roles = json.dumps({"moderators": "moderator"})
    succeeded(stack.deploy(RolesByGroup=json.dumps(roles)))
    assert stack.serves() == {PRESIGN: 1, VALIDATOR: 1, CLAIMS: 2, SYNC: 1}
    assert json.loads(stack.variables(CLAIMS)["ROLES_BY_GROUP"]) == {"moderators": "moderator"}


def test_a_parameter_that_is_no_longer_given_keeps_its_value(stack: Deployed) -> None:
    """As docs/operations/deploy.md says: SAM asks CloudFormation for the one before, not for the template's default."""
    succeeded(stack.deploy())
    assert json.loads(stack.variables(CLAIMS)["ROLES_BY_GROUP"]) == {"moderators": "moderator"}
    assert stack.serves()[CLAIMS] == 2


def test_what_terraform_changes_publishes_the_functions_that_it_configures(stack: Deployed) -> None:
    parameter = f"/phenom/{ENVIRONMENTS[stack.environment]}/clamd/host"
    stack.aws.client("ssm").put_parameter(Name=parameter, Value="clamd.elsewhere.internal", Overwrite=True)
    succeeded(stack.deploy())
    assert stack.serves() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    assert stack.variables(VALIDATOR)["CLAMAV_HOST"] == "clamd.elsewhere.internal"


def test_changed_code_is_published_and_a_deployment_of_nothing_is_not(stack: Deployed) -> None:
    (stack.template.parent / "PresignFunction/presign/release.txt").write_text("the next one")
    succeeded(stack.deploy())
    after = {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    assert stack.serves() == after
    succeeded(stack.deploy())
    assert stack.serves() == after
    assert stack.preflight() == 204


def test_a_deployment_that_fails_leaves_the_old_version_serving(stack: Deployed) -> None:
    """A queue that cannot be, which waits until the new version serves."""
    queue = (
        "\n  Broken:\n    Type: AWS::SQS::Queue\n    DependsOn: PresignFunctionAliaslive\n"
        "    Properties:\n      VisibilityTimeout: 99999999\n\nOutputs:"
    )
    broken = stack.template.with_name("broken.yaml")
    text = stack.template.read_text().replace("MemorySize: 512", "MemorySize: 640").replace("\nOutputs:", queue)
    broken.write_text(text)
    before, memory = stack.serves(), stack.configuration(PRESIGN)["MemorySize"]
    failed = stack.deploy(broken)
    assert failed.returncode != 0
    assert "VisibilityTimeout" in failed.stdout
    assert stack.serves() == before
    assert stack.configuration(PRESIGN)["MemorySize"] == memory == 512
    assert stack.preflight() == 204


def test_rollback_undoes_the_last_deployment_that_served_and_no_other(stack: Deployed) -> None:
    shown = succeeded(stack.phenom("rollback", "--dry-run"))
    assert "Nothing was changed" in shown
    assert stack.serves()[PRESIGN] == 2
    said = succeeded(stack.phenom("rollback"))
    assert stack.serves() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}, said
    assert stack.preflight() == 204
    again = stack.phenom("rollback")
    assert again.returncode == 2
    assert "Already rolled back: presign." in again.stderr
    assert stack.serves()[PRESIGN] == 1


def test_forward_again_or_to_any_version(stack: Deployed) -> None:
    succeeded(stack.phenom("rollback", "--version", "newest"))
    assert stack.serves() == {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 2, SYNC: 1}
    succeeded(stack.phenom("rollback", "--function", "cognito_trigger", "--version", "1"))
    assert stack.serves() == {PRESIGN: 2, VALIDATOR: 2, CLAIMS: 1, SYNC: 1}


def test_the_next_deployment_moves_forward_whatever_was_rolled_back(stack: Deployed) -> None:
    succeeded(stack.phenom("rollback", "--function", "presign", "--version", "1"))
    succeeded(stack.deploy(LogLevel="DEBUG"))
    serves = stack.serves()
    assert {name: stack.variables(name)["POWERTOOLS_LOG_LEVEL"] for name in serves} == dict.fromkeys(serves, "DEBUG")


def test_rollback_never_goes_back_to_what_was_rolled_back_from(stack: Deployed) -> None:
    before = stack.serves()
    said = succeeded(stack.phenom("rollback"))
    assert stack.serves() == {PRESIGN: 1, VALIDATOR: 2, CLAIMS: 1, SYNC: 1}, said
    succeeded(stack.phenom("rollback", "--version", "newest"))
    assert stack.serves() == before


def test_snapshots_and_reservations_are_for_the_functions_that_people_wait_for(stack: Deployed) -> None:
    succeeded(stack.deploy(SnapStart="on", PresignReservedConcurrency="20", SignInReservedConcurrency="5"))
    optimized = {name: stack.configuration(name)["SnapStart"]["OptimizationStatus"] for name in stack.serves()}
    assert optimized == {PRESIGN: "On", VALIDATOR: "Off", CLAIMS: "Off", SYNC: "On"}
    functions = stack.aws.client("lambda")
    reserved = {
        name: functions.get_function_concurrency(FunctionName=f"{stack.name}-{name}").get(
            "ReservedConcurrentExecutions"
        )
        for name in stack.serves()
    }
    assert reserved == {PRESIGN: 20, VALIDATOR: None, CLAIMS: 5, SYNC: 5}
    wait_for(lambda: stack.configuration(PRESIGN)["State"] == "Active", 60, "snapshot")
    assert stack.preflight() == 204


def test_former_versions_are_deleted_on_demand_and_what_serves_stays(stack: Deployed) -> None:
    before = stack.serves()
    succeeded(stack.phenom("prune-versions", "--keep", "1"))
    versions = stack.aws.client("lambda").list_versions_by_function(FunctionName=f"{stack.name}-{PRESIGN}")["Versions"]
    assert len(versions) <= 3, "$LATEST, the newest, and what serves where that is another"
    assert stack.serves() == before
    assert stack.preflight() == 204


def test_deleting_keeps_what_people_gave(stack: Deployed) -> None:
    account = stack.aws.client("sts").get_caller_identity()["Account"]
    buckets = {f"{stack.name}-{kind}-{account}" for kind in ("staging", "final", "client")}
    s3, dynamodb, secrets = (stack.aws.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    for bucket in buckets:
        s3.delete_bucket_policy(Bucket=bucket)  # which demands TLS, that the emulator does not speak
        s3.put_object(Bucket=bucket, Key="images/1.jpg", Body=b"kept")
    dynamodb.put_item(TableName=f"{stack.name}-uploads", Item=ITEM)
    secrets.put_secret_value(SecretId=f"{stack.name}-video-upload-passwords", SecretString=PASSWORDS)
    succeeded(
        stack.run(
            *(SAM, "delete", "--config-file", SAMCONFIG, "--config-env", stack.environment, "--no-prompts"),
        )
    )
    assert not stack.aws.client("lambda").list_functions()["Functions"]
    assert not [queue for queue in stack.aws.client("sqs").list_queues().get("QueueUrls", []) if stack.name in queue]
    _assert_kept(stack, buckets)


def test_deploying_again_over_what_was_kept_is_refused_until_it_is_adopted(stack: Deployed) -> None:
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
    there = stack.phenom("adopt")
    assert there.returncode == 2
    assert "only after the stack was deleted" in there.stderr


def _assert_kept(stack: Deployed, buckets: set[str]) -> None:
    s3, dynamodb, secrets = (stack.aws.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    for bucket in buckets:
        assert s3.get_object(Bucket=bucket, Key="images/1.jpg")["Body"].read() == b"kept"
    assert ITEM in dynamodb.scan(TableName=f"{stack.name}-uploads")["Items"]
    kept = secrets.get_secret_value(SecretId=f"{stack.name}-video-upload-passwords")["SecretString"]
    assert kept == PASSWORDS
