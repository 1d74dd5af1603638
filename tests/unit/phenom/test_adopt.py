"""What a new stack takes over of an earlier one, and when it does not."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from phenom.aws.stacks import Account
from phenom.commands import adopt
from phenom.commands.adopt import kept
from tests.template import TEMPLATE, read

NUMBER = "111122223333"
ARN = f"arn:aws:secretsmanager:us-east-1:{NUMBER}:secret:phenom-dev-video-upload-passwords-AbCdEf"


def test_it_knows_all_that_the_template_retains_under_a_name():
    """API Gateway's role has none, and its account setting is one for all: a new stack makes these anew."""
    retained = {name for name, each in read()["Resources"].items() if each.get("DeletionPolicy") == "Retain"}
    found = {each.logical_id: each for each in kept(TEMPLATE, "dev", NUMBER)}
    assert found.keys() == retained - {"ApiGatewayLogsRole", "ApiGatewayAccount"}
    assert found["StagingBucket"].name == f"phenom-dev-staging-{NUMBER}"
    assert found["UploadPasswords"].name == "phenom-dev-video-upload-passwords"
    assert found["UploadsTable"].properties["KeySchema"] == [{"AttributeName": "uploadId", "KeyType": "HASH"}]


class Cloud:
    """An account, as far as the program asks for it."""

    def __init__(self, status: str | None = None, *, absent: tuple[str, ...] = ()) -> None:
        self.status, self.absent = status, absent
        self.asked: dict[str, Any] = {}
        self.done: list[str] = []

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": NUMBER}

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "no stack"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def head_bucket(self, *, Bucket: str) -> None:  # noqa: N803
        self._find(Bucket, "404")

    def describe_table(self, *, TableName: str) -> None:  # noqa: N803
        self._find(TableName, "ResourceNotFoundException")

    def describe_secret(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        self._find(SecretId, "ResourceNotFoundException")
        return {"ARN": ARN}

    def _find(self, name: str, code: str) -> None:
        if any(part in name for part in self.absent):
            raise ClientError({"Error": {"Code": code, "Message": "none"}}, "Describe")

    def create_change_set(self, **asked: Any) -> None:
        self.asked = asked

    def delete_change_set(self, **_: Any) -> None:
        self.done.append("deleted")

    def execute_change_set(self, **_: Any) -> None:
        self.done.append("executed")

    def get_waiter(self, name: str) -> "Cloud":
        self.done.append(name)
        return self

    def wait(self, **_: Any) -> None:
        """It is there at once."""


def run(monkeypatch: pytest.MonkeyPatch, cloud: Cloud, *arguments: str) -> int:
    account = Account(lambda _: cloud, "development", "phenom-dev")
    monkeypatch.setattr(adopt, "account_of", lambda *_: account)
    return adopt.main(["--env", "development", *arguments])


def test_all_that_is_there_is_taken_by_what_cloudformation_knows_it_by(monkeypatch, capsys):
    cloud = Cloud(absent=("client",))
    assert run(monkeypatch, cloud) == 0
    taken = {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in cloud.asked["ResourcesToImport"]}
    assert taken == {
        "StagingBucket": {"BucketName": f"phenom-dev-staging-{NUMBER}"},
        "FinalBucket": {"BucketName": f"phenom-dev-final-{NUMBER}"},
        "UploadsTable": {"TableName": "phenom-dev-uploads"},
        "UploadPasswords": {"Id": ARN},
    }
    resources = json.loads(cloud.asked["TemplateBody"])["Resources"]
    assert resources.keys() == taken.keys()
    assert {each["DeletionPolicy"] for each in resources.values()} == {"Retain"}
    assert cloud.done == ["change_set_create_complete", "executed", "stack_import_complete"]
    said = capsys.readouterr().out
    assert f"phenom-dev-client-{NUMBER}: not there" in said
    assert "make deploy ENV=development" in said


def test_a_dry_run_changes_nothing(monkeypatch, capsys):
    cloud = Cloud()
    assert run(monkeypatch, cloud, "--dry-run") == 0
    assert not cloud.asked
    assert "Nothing was changed" in capsys.readouterr().out


def test_an_interrupted_run_is_repeated(monkeypatch):
    cloud = Cloud("REVIEW_IN_PROGRESS")
    assert run(monkeypatch, cloud) == 0
    assert cloud.done[0] == "deleted"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("UPDATE_COMPLETE", "Only a stack that is no more"),
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --stack-name phenom-dev"),
        ("DELETE_IN_PROGRESS", "Only a stack that is no more"),
    ],
)
def test_a_stack_that_is_there_is_left_alone(monkeypatch, capsys, status: str, says: str):
    cloud = Cloud(status)
    assert run(monkeypatch, cloud) == 1
    assert not cloud.asked
    assert says in capsys.readouterr().err


def test_where_nothing_is_there_is_nothing_to_adopt(monkeypatch, capsys):
    assert run(monkeypatch, Cloud(absent=("phenom",))) == 1
    assert "deploy it as the first one" in capsys.readouterr().err


def test_a_bucket_that_may_not_be_seen_is_not_taken_for_absent(monkeypatch):
    """It may be there: a stack without it would be in its way."""
    cloud = Cloud()
    monkeypatch.setattr(cloud, "_find", _forbidden)
    assert run(monkeypatch, cloud) == 2
    assert not cloud.asked


def _forbidden(*_: Any) -> None:
    raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")
