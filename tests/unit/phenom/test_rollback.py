"""Where each function goes back to, and when nothing may be moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from phenom.aws.lambda_versions import Deployments, Function, Version
from phenom.aws.stacks import DeployedStack
from phenom.commands import rollback
from phenom.commands.rollback import RefusedError, plan

FIRST, SECOND, THIRD = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3))
ALL = Deployments((FIRST, SECOND, THIRD), ())
SOON = timedelta(minutes=2)


def function(key: str, live: int, *published: datetime, state: str = "Active") -> Function:
    versions = tuple(Version(number, at + SOON, state) for number, at in enumerate(published, 1))
    return Function(key, f"phenom-dev-{key}", live, f"revision of {key}", versions)


def targets(moves: list[rollback.Move]) -> dict[str, int | None]:
    return {each.function.key: each.target and each.target.number for each in moves}


PRESIGN = function("presign", 3, FIRST, SECOND, THIRD)
VALIDATOR = function("validator", 2, FIRST, THIRD)
CLAIMS = function("cognito_trigger", 1, FIRST)


def test_the_last_deployment_is_undone_and_what_it_left_alone_stays():
    assert targets(plan([PRESIGN, VALIDATOR, CLAIMS], ALL)) == {
        "presign": 2, "validator": 1, "cognito_trigger": None,
    }  # fmt: skip


def test_a_version_that_never_came_to_serve_is_passed_over():
    failed = Deployments((FIRST, THIRD), ((SECOND, SECOND + 2 * SOON),))
    assert targets(plan([PRESIGN], failed)) == {"presign": 1}


def test_a_newer_version_of_a_failed_deployment_is_no_reason_to_refuse():
    failed = Deployments((FIRST, SECOND), ((THIRD, THIRD + 2 * SOON),))
    assert targets(plan([function("presign", 2, FIRST, SECOND, THIRD)], failed)) == {"presign": 1}


def test_a_version_that_somebody_rolled_back_from_is_passed_over():
    """The second deployment was bad and undone; the third is bad, too: back to the first, not to the second."""
    presign = replace(PRESIGN, rolled_back=(2,))
    assert targets(plan([presign], ALL)) == {"presign": 1}
    assert targets(plan([presign], ALL, "presign", "2")) == {"presign": 2}, "unless it is asked for"


def test_one_function_alone_goes_back_whatever_the_last_deployment_was():
    validator = function("validator", 2, FIRST, SECOND)
    assert targets(plan([PRESIGN, validator], ALL, "validator")) == {"validator": 1}
    assert targets(plan([PRESIGN, validator], ALL, "phenom-dev-presign")) == {"presign": 2}


def test_nothing_is_undone_twice():
    back = function("presign", 2, FIRST, SECOND, THIRD)
    with pytest.raises(RefusedError, match=r"Rolled back already: presign\. VERSION=newest goes forward"):
        plan([back, VALIDATOR], ALL)
    with pytest.raises(RefusedError, match="Rolled back already"):
        plan([back], ALL, "presign")


def test_forward_again():
    back = function("presign", 2, FIRST, SECOND, THIRD)
    assert targets(plan([back, VALIDATOR], ALL, wanted="newest")) == {"presign": 3, "validator": None}


def test_any_version_by_its_number():
    assert targets(plan([PRESIGN, VALIDATOR], ALL, "presign", "1")) == {"presign": 1}


@pytest.mark.parametrize(
    ("only", "wanted", "says"),
    [
        (None, "2", "FUNCTION="),
        ("presign", "9", r"presign has no version 9\. It has: 1, 2, 3\."),
        ("presign", "latest", "no version latest"),
        ("presign", "3", "`live` serves already"),
        ("nothing", None, r"There are: presign, validator"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(only: str | None, wanted: str | None, says: str):
    with pytest.raises(RefusedError, match=says):
        plan([PRESIGN, VALIDATOR], ALL, only, wanted)


def test_there_is_nothing_before_the_first_deployment():
    with pytest.raises(RefusedError, match="no version before"):
        plan([CLAIMS], Deployments((FIRST,), ()))


def test_a_version_that_cannot_start_is_not_served():
    with pytest.raises(RefusedError, match=r"Version 1 of presign is Failed\."):
        plan([function("presign", 2, FIRST, SECOND, state="Failed")], ALL)


def test_where_events_are_gone_versions_of_one_hour_are_one_deployment():
    validator = function("validator", 2, FIRST, THIRD - timedelta(minutes=30))
    assert targets(plan([PRESIGN, validator], Deployments((), ()))) == {"presign": 2, "validator": 1}


class Cloud:
    """A stack with two functions, as far as the program asks for it."""

    def __init__(self) -> None:
        self.status, self.deployments, self.taken = "UPDATE_COMPLETE", [], ""
        self.moved: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def stack(self) -> DeployedStack:
        described = {"StackName": "phenom-dev", "StackId": "stack", "StackStatus": self.status}
        return DeployedStack(lambda _: self, described)

    def get_paginator(self, call: str) -> "Pages":
        return Pages(getattr(self, call))

    def list_stack_resources(self, **_: Any) -> dict[str, Any]:
        kinds = {
            "PresignFunctionAliaslive": ("AWS::Lambda::Alias", "arn:aws:lambda:r:1:function:presign-1:live"),
            "CognitoTriggerFunctionAliaslive": ("AWS::Lambda::Alias", "arn:aws:lambda:r:1:function:claims-1:live"),
            "Application": ("AWS::CodeDeploy::Application", "application"),
            "Group": ("AWS::CodeDeploy::DeploymentGroup", "group"),
        }
        keys = ("LogicalResourceId", "ResourceType", "PhysicalResourceId")
        return {"StackResourceSummaries": [dict(zip(keys, (name, *kind), strict=True)) for name, kind in kinds.items()]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        facts = {"StackId": "stack", "PhysicalResourceId": "stack", "ResourceType": "AWS::CloudFormation::Stack"}
        happened = [(THIRD, "UPDATE_IN_PROGRESS"), (FIRST, "CREATE_IN_PROGRESS")]
        return {"StackEvents": [{**facts, "Timestamp": at, "ResourceStatus": status} for at, status in happened]}

    def list_versions_by_function(self, **_: Any) -> dict[str, Any]:
        published = {"$LATEST": THIRD, "10": THIRD + SOON, "9": FIRST + SOON}
        return {
            "Versions": [
                {"Version": number, "LastModified": f"{at:%Y-%m-%dT%H:%M:%S.000+0000}"}
                for number, at in published.items()
            ]
        }

    def list_deployments(self, **asked: Any) -> dict[str, Any]:
        assert (asked["applicationName"], asked["deploymentGroupName"]) == ("application", "group")
        return {"deployments": self.deployments}

    def list_tags(self, Resource: str) -> dict[str, Any]:  # noqa: N803  # as AWS calls it
        return {"Tags": self.tags.get(Resource, {})}

    def tag_resource(self, Resource: str, Tags: dict[str, str]) -> None:  # noqa: N803  # as AWS calls it
        self.tags.setdefault(Resource, {}).update(Tags)

    def get_alias(self, **_: Any) -> dict[str, Any]:
        return {"FunctionVersion": "10", "RevisionId": "revision"}

    def update_alias(self, **asked: Any) -> None:
        assert asked["RevisionId"] == "revision", "so that nobody else's move is lost"
        assert asked["RoutingConfig"] == {"AdditionalVersionWeights": {}}, "all calls go there"
        if asked["FunctionName"] == self.taken:
            raise ClientError({"Error": {"Code": "PreconditionFailedException", "Message": "faster"}}, "UpdateAlias")
        self.moved[asked["FunctionName"]] = asked["FunctionVersion"]


class Pages:
    def __init__(self, call: Any) -> None:
        self.paginate = lambda **asked: [call(**asked)]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    cloud = Cloud()
    monkeypatch.setattr(rollback, "stack_of", lambda *_: cloud.stack())
    return cloud


def test_it_shows_from_where_to_where_and_moves(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    assert rollback.main(["--env", "development"]) == 0
    assert cloud.moved == {"presign-1": "9", "claims-1": "9"}
    said = capsys.readouterr().out
    assert "cognito_trigger    10 (2026-11-03" in said
    assert "→    9 (2026-11-01" in said
    assert "`make deploy`" in said


def test_a_dry_run_moves_nothing(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    assert rollback.main(["--env", "development", "--dry-run"]) == 0
    assert not cloud.moved
    assert "Nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_nothing_is_moved_while_the_stack_changes(cloud: Cloud, capsys: pytest.CaptureFixture[str], status: str):
    cloud.status = status
    assert rollback.main(["--env", "production"]) == 1
    assert not cloud.moved
    assert "cancel-update-stack --stack-name phenom-dev" in capsys.readouterr().err


def test_tidying_up_is_no_reason_to_wait(cloud: Cloud):
    cloud.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert rollback.main(["--env", "production"]) == 0


def test_nothing_is_moved_while_calls_are_shifted(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    cloud.deployments = ["d-1"]
    assert rollback.main(["--env", "production"]) == 1
    assert not cloud.moved
    assert "d-1" in capsys.readouterr().err


def test_one_that_cannot_be_moved_keeps_no_other_back(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    cloud.taken = "claims-1"
    assert rollback.main(["--env", "development"]) == 1
    assert cloud.moved == {"presign-1": "9"}
    assert "cognito_trigger could not be moved" in capsys.readouterr().err


def test_calls_are_those_that_aws_knows():
    """The fakes above take anything."""
    lambda_, codedeploy = (boto3.client(name, region_name="us-east-1") for name in ("lambda", "codedeploy"))
    assert lambda_.can_paginate("list_versions_by_function")
    assert set(codedeploy.meta.service_model.shape_for("DeploymentStatus").enum) >= {"Baking", "Ready"}


def test_what_was_rolled_back_from_is_remembered():
    cloud = Cloud()
    assert rollback.run(cloud.stack(), only="presign", wanted=None, dry_run=False) == 0
    assert cloud.tags == {"arn:aws:lambda:r:1:function:presign-1": {"phenom:rolled-back": "10"}}


def test_a_refusal_shows_all_the_same_what_serves(capsys):
    cloud = Cloud()
    with pytest.raises(RefusedError):
        rollback.run(cloud.stack(), only=None, wanted="7", dry_run=True)
    assert "presign" in capsys.readouterr().out
