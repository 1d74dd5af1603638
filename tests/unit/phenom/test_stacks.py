"""Finding the stack of an environment, and the errors when it cannot be reached."""

import json
import tomllib
from typing import get_args

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from phenom.aws.stacks import UnreachableError, find_stack
from phenom.environments import SAMCONFIG, Environment

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


class FakeSession:
    """boto3's session in an account whose stack has these outputs, or where reading it fails."""

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
def test_deployed_environment_is_read_by_its_stack_name(monkeypatch, environment, stack):
    session = use(monkeypatch, FakeSession(OUTPUTS))
    found = find_stack(environment)
    assert session.asked == [stack]
    assert found.outputs == OUTPUTS


def test_local_cloud_is_reached_at_the_address_of_stack_json(monkeypatch, tmp_path):
    session = use(monkeypatch, FakeSession(OUTPUTS))
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(STACK))
    found = find_stack("local", file)
    assert session.asked == ["phenom-local"]
    assert found.client("s3") == ("s3", {"endpoint_url": "http://127.0.0.1:4566"})
    assert (found.output("VideoStagingBucket"), found.api_url) == ("staging", STACK["apiUrl"])


def test_stopped_local_cloud_says_how_to_start_it(tmp_path):
    with pytest.raises(UnreachableError, match="make run"):
        find_stack("local", tmp_path / "stack.json")


@pytest.mark.parametrize(
    "error",
    [NoCredentialsError(), ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "D")],
)
def test_unreachable_environment_says_what_to_check(monkeypatch, error):
    use(monkeypatch, FakeSession(error=error))
    with pytest.raises(UnreachableError, match=r"phenom-prod.*AWS_PROFILE"):
        find_stack("production")


def test_stack_of_an_older_template_must_be_deployed_again(monkeypatch):
    use(monkeypatch, FakeSession({}))
    with pytest.raises(UnreachableError, match=r"phenom-dev has no output UserPoolId: deploy it again"):
        find_stack("development").output("UserPoolId")


def test_every_environment_has_a_section_in_samconfig():
    environments = get_args(Environment)
    assert environments == ("local", "development", "production")
    assert set(environments) <= tomllib.loads(SAMCONFIG.read_text()).keys()
