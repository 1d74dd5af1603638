"""Where an environment's parts are, and what a person is told who cannot reach it."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from phenom.aws import stacks
from phenom.aws.stacks import UnreachableError, find, find_sign_in

OUTPUTS = {
    "VideoStagingBucket": "staging",
    "UploadsTableName": "uploads",
    "ValidatorQueueUrl": "https://queue",
    "ValidatorDeadLetterQueueUrl": "https://letters",
}
STACK = {
    "accessKeyId": "AKID",
    "secretAccessKey": "secret",
    "region": "us-east-1",
    "endpointUrl": "http://127.0.0.1:4566",
    "apiUrl": "http://127.0.0.1:4566/api",
    "clientUrl": "http://127.0.0.1:4570/",
}
SIGN_IN_OUTPUTS = {
    "UserPoolId": "us-east-1_pool",
    "UserSyncFunctionName": "sync",
    "UserSyncQueueUrl": "https://users",
    "UserSyncDeadLetterQueueUrl": "https://lost-users",
}


class FakeSession:
    """boto3's session, for an account in which one stack has these outputs, or where asking for it fails."""

    def __init__(self, outputs: dict[str, str] | None = None, error: Exception | None = None) -> None:
        self._outputs, self._error = outputs or {}, error
        self.asked: list[str] = []

    def client(self, service: str, **options: str) -> "FakeSession | tuple[str, dict[str, str]]":
        return self if service == "cloudformation" else (service, options)

    def describe_stacks(self, StackName: str) -> dict[str, list[dict[str, list[dict[str, str]]]]]:  # noqa: N803
        self.asked.append(StackName)
        if self._error:
            raise self._error
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self._outputs.items()]
        return {"Stacks": [{"StackName": StackName, "Outputs": outputs}]}


def use(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> FakeSession:
    monkeypatch.setattr(boto3, "Session", lambda *_, **__: session)
    return session


@pytest.mark.parametrize(("environment", "stack"), [("development", "phenom-dev"), ("production", "phenom-prod")])
def test_deployed_environment_is_known_by_the_outputs_of_its_stack(monkeypatch, environment, stack):
    session = use(monkeypatch, FakeSession(OUTPUTS))
    found = find(environment)
    assert session.asked == [stack]
    assert (found.staging_bucket, found.uploads_table) == ("staging", "uploads")
    assert (found.queue_url, found.dead_letter_queue_url) == ("https://queue", "https://letters")


def test_local_cloud_is_known_by_its_file_and_reached_at_its_own_address(monkeypatch, tmp_path):
    session = use(monkeypatch, FakeSession(OUTPUTS))
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(STACK))
    found = find("local", file)
    assert session.asked == ["phenom-local"]
    assert found.client("s3") == ("s3", {"endpoint_url": "http://127.0.0.1:4566"})
    assert (found.staging_bucket, found.dead_letter_queue_url) == ("staging", "https://letters")


def test_local_cloud_that_does_not_run_says_how_to_start_it(tmp_path):
    with pytest.raises(UnreachableError, match="make run"):
        find("local", tmp_path / "stack.json")


@pytest.mark.parametrize(
    "error",
    [NoCredentialsError(), ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "D")],
)
def test_environment_out_of_reach_says_what_to_check(monkeypatch, error):
    use(monkeypatch, FakeSession(error=error))
    with pytest.raises(UnreachableError, match=r"phenom-prod[\s\S]*AWS_PROFILE"):
        find("production")


@pytest.mark.parametrize("missing", OUTPUTS)
def test_stack_of_another_age_is_to_be_deployed_again(monkeypatch, missing):
    use(monkeypatch, FakeSession({name: value for name, value in OUTPUTS.items() if name != missing}))
    with pytest.raises(UnreachableError, match=f"{missing}.*deploy it again"):
        find("development")


def test_what_users_are_operated_on_by_is_known_by_the_outputs_too(monkeypatch):
    use(monkeypatch, FakeSession(SIGN_IN_OUTPUTS))
    found = find_sign_in("production")
    assert (found.user_pool_id, found.user_sync_function) == ("us-east-1_pool", "sync")
    assert (found.queue_url, found.dead_letter_queue_url) == ("https://users", "https://lost-users")


@pytest.mark.parametrize("missing", SIGN_IN_OUTPUTS)
def test_stack_without_sign_in_is_to_be_deployed_again(monkeypatch, missing):
    use(monkeypatch, FakeSession({name: value for name, value in SIGN_IN_OUTPUTS.items() if name != missing}))
    with pytest.raises(UnreachableError, match=f"{missing}.*deploy it again"):
        find_sign_in("development")


def test_every_environment_of_the_command_is_one_that_is_found():
    assert stacks.ENVIRONMENTS == ("local", "development", "production")
