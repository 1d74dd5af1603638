"""A command in a role of the stack: whose name it has, and what is said when the role is denied."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from phenom.aws.operator_role import assume_role
from phenom.aws.permissions import NotAllowedError
from phenom.aws.stacks import DeployedStack

ROLE = "arn:aws:iam::123456789012:role/phenom-prod-QuarantineOperatorRole-ABC"


class Sts:
    """STS, which grants the role or denies it."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, arn: str, *, denied: bool = False) -> None:
        self._arn, self._denied = arn, denied
        self.asked: dict[str, Any] = {}

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Arn": self._arn}

    def assume_role(self, **arguments: Any) -> dict[str, Any]:
        self.asked = arguments
        if self._denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "AssumeRole")
        return {"Credentials": {"AccessKeyId": "AKID", "SecretAccessKey": "s", "SessionToken": "t"}}


def stack(sts: Sts) -> DeployedStack:
    outputs = [{"OutputKey": "Role", "OutputValue": ROLE}]
    return DeployedStack(lambda _: sts, {"StackName": "phenom-prod", "Outputs": outputs})


@pytest.mark.parametrize(
    ("arn", "session"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Admin/ann@example.org", "ann@example.org"),
        ("arn:aws:iam::123456789012:user/path/Ann", "Ann"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("arn:aws:iam::123456789012:user/x", "x-"),
    ],
)
def test_role_is_assumed_under_the_name_of_the_operator(arn, session):
    sts = Sts(arn)
    operator = assume_role(stack(sts), "Role")
    assert operator.arn == arn
    assert sts.asked == {"RoleArn": ROLE, "RoleSessionName": session}
    assert operator.client("s3").meta.region_name == "us-east-1"


def test_operator_in_the_role_keeps_it():
    name = ROLE.rpartition("/")[2]
    sts = Sts(f"arn:aws:sts::123456789012:assumed-role/{name}/ann")
    assert assume_role(stack(sts), "Role").client("s3") is sts
    assert sts.asked == {}


def test_denied_role_names_the_missing_action():
    with pytest.raises(NotAllowedError, match=r"sts:AssumeRole on .*QuarantineOperatorRole"):
        assume_role(stack(Sts("arn:aws:iam::123456789012:user/Bob", denied=True)), "Role")
