"""`phenom adopt`: what a new stack imports of a deleted one, and when it refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from phenom.aws.sam_template import resolve
from phenom.aws.stacks import Account
from phenom.commands.adopt import RETAIN, read_retained
from tests.template import read
from tests.unit.phenom.conftest import Phenom, Ran

NUMBER = "111122223333"
ARN = f"arn:aws:secretsmanager:us-east-1:{NUMBER}:secret:phenom-dev-video-upload-passwords-AbCdEf"


def test_retained_resources_with_a_fixed_name_are_found():
    retained = {name for name, each in read()["Resources"].items() if each.get("DeletionPolicy") == RETAIN}
    found = {each.logical_id: each for each in read_retained("dev", NUMBER)}
    assert found.keys() == retained
    assert found["StagingBucket"].name == f"phenom-dev-staging-{NUMBER}"
    assert found["UploadPasswords"].name == "phenom-dev-video-upload-passwords"
    assert found["StagingBucket"].properties == {"BucketName": found["StagingBucket"].name}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_imported_tables_have_all_properties_of_the_template(environment: str):
    """The next deployment would add a missing stream or TTL, and DynamoDB refuses to add one that exists."""
    written = {name: each for name, each in read()["Resources"].items() if each["Type"] == "AWS::DynamoDB::Table"}
    imported = {each.logical_id: each for each in read_retained(environment, NUMBER)}
    retained = [name for name, each in written.items() if "DeletionPolicy" in each]
    assert retained
    for name in retained:
        expected = written[name]["Properties"] | {
            "TableName": written[name]["Properties"]["TableName"]["Fn::Sub"].replace("${Environment}", environment),
            "DeletionProtectionEnabled": environment == "prod",
        }
        assert imported[name].properties == expected
        assert "Fn::" not in json.dumps(imported[name].properties)


class Cloud:
    """A fake AWS account."""

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
        """Returns at once."""


type Adopt = Callable[..., Ran]


@pytest.fixture
def adopt(monkeypatch, phenom: Phenom) -> Adopt:
    """Runs the command on a fake account."""

    def run(cloud: Cloud, *arguments: str) -> Ran:
        account = Account(lambda _: cloud, "development", "phenom-dev")
        monkeypatch.setattr("phenom.aws.stacks.find_account", lambda *_: account)
        return phenom("adopt", "development", *arguments)

    return run


def test_existing_resources_are_imported_by_their_identifiers(adopt: Adopt):
    cloud = Cloud(absent=("client",))
    ran = adopt(cloud)
    assert ran.code == 0
    taken = {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in cloud.asked["ResourcesToImport"]}
    assert taken == {
        "StagingBucket": {"BucketName": f"phenom-dev-staging-{NUMBER}"},
        "FinalBucket": {"BucketName": f"phenom-dev-final-{NUMBER}"},
        "UploadsTable": {"TableName": "phenom-dev-uploads"},
        "UploadPasswords": {"Id": ARN},
    }
    resources = json.loads(cloud.asked["TemplateBody"])["Resources"]
    assert resources.keys() == taken.keys()
    assert {each["DeletionPolicy"] for each in resources.values()} == {RETAIN}
    assert cloud.done == ["change_set_create_complete", "executed", "stack_import_complete"]
    assert f"phenom-dev-client-{NUMBER}: not found" in ran.out
    assert "make deploy ENV=development" in ran.out


def test_dry_run_changes_nothing(adopt: Adopt):
    cloud = Cloud()
    ran = adopt(cloud, "--dry-run")
    assert ran.code == 0
    assert not cloud.asked
    assert "Nothing was changed" in ran.out


def test_interrupted_run_is_repeated(adopt: Adopt):
    cloud = Cloud("REVIEW_IN_PROGRESS")
    assert adopt(cloud).code == 0
    assert cloud.done[0] == "deleted"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("UPDATE_COMPLETE", "only after the stack was deleted"),
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --stack-name phenom-dev"),
        ("ROLLBACK_FAILED", "aws cloudformation delete-stack --stack-name phenom-dev"),
        ("DELETE_IN_PROGRESS", "only after the stack was deleted"),
    ],
)
def test_existing_stack_is_refused(adopt: Adopt, status: str, says: str):
    cloud = Cloud(status)
    ran = adopt(cloud)
    assert ran.code == 2
    assert not cloud.asked
    assert says in ran.err


def test_account_without_retained_resources_is_refused(adopt: Adopt):
    ran = adopt(Cloud(absent=("phenom",)))
    assert ran.code == 2
    assert "as for the first time" in ran.err


def test_failed_import_is_not_all_done(adopt: Adopt, monkeypatch):
    cloud = Cloud()

    def fail(**_: Any) -> None:
        raise WaiterError("stack_import_complete", "the stack rolled back", {})

    monkeypatch.setattr(cloud, "wait", fail)
    ran = adopt(cloud)
    assert ran.code == 1
    assert "did not import" in ran.err


def test_bucket_without_permission_does_not_count_as_absent(adopt: Adopt, monkeypatch):
    """It may exist, and then the next deployment would fail to create it."""
    cloud = Cloud()
    monkeypatch.setattr(cloud, "_find", _forbidden)
    assert adopt(cloud).code == 2
    assert not cloud.asked


def _forbidden(*_: Any) -> None:
    raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")


def test_value_that_only_cloudformation_knows_is_refused():
    with pytest.raises(ValueError, match="Fn::GetAtt"):
        resolve({"Arn": {"Fn::GetAtt": ["UploadsTable", "Arn"]}}, {}, {})
    with pytest.raises(KeyError, match="PartBytes"):
        resolve({"Ref": "PartBytes"}, {}, {})
