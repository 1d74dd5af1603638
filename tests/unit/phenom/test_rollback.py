"""`phenom rollback`: which version each function moves to, and when nothing may be moved."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from phenom.aws.lambda_versions import DeployedFunction, DeploymentHistory
from phenom.aws.stacks import DeployedStack
from phenom.commands import rollback
from phenom.commands.rollback import plan
from phenom.errors import CommandRefusedError
from tests.unit.phenom.conftest import Phenom

FIRST, SECOND, THIRD = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3))
ALL = DeploymentHistory((FIRST, SECOND, THIRD))
SOON = timedelta(minutes=2)


def function(
    key: str, live: int, *published: datetime, state: str = "Active", history: DeploymentHistory = ALL
) -> DeployedFunction:
    versions = tuple(history.version(number, at + SOON, state) for number, at in enumerate(published, 1))
    return DeployedFunction(key, f"phenom-dev-{key}", live, f"revision of {key}", versions)


def targets(moves: list[rollback.Move]) -> dict[str, int | None]:
    return {each.function.key: each.target and each.target.number for each in moves}


PRESIGN = function("presign", 3, FIRST, SECOND, THIRD)
VALIDATOR = function("validator", 2, FIRST, THIRD)
CLAIMS = function("cognito_trigger", 1, FIRST)


def test_last_deployment_is_undone_and_unchanged_functions_stay():
    assert targets(plan([PRESIGN, VALIDATOR, CLAIMS])) == {
        "presign": 2, "validator": 1, "cognito_trigger": None,
    }  # fmt: skip


def test_version_of_a_failed_deployment_is_skipped():
    failed = DeploymentHistory((FIRST, THIRD), ((SECOND, SECOND + 2 * SOON),))
    presign = function("presign", 3, FIRST, SECOND, THIRD, history=failed)
    assert targets(plan([presign])) == {"presign": 1}


def test_newer_version_of_a_failed_deployment_does_not_prevent_a_rollback():
    failed = DeploymentHistory((FIRST, SECOND), ((THIRD, THIRD + 2 * SOON),))
    assert targets(plan([function("presign", 2, FIRST, SECOND, THIRD, history=failed)])) == {"presign": 1}


def test_version_that_was_rolled_back_from_is_skipped():
    """The second deployment was bad and undone; the third is bad as well: back to the first."""
    presign = replace(PRESIGN, rolled_back=(2,))
    assert targets(plan([presign])) == {"presign": 1}
    assert targets(plan([presign], "presign", "2")) == {"presign": 2}, "unless it is named"


def test_single_function_moves_back_despite_a_later_deployment():
    validator = function("validator", 2, FIRST, SECOND)
    assert targets(plan([PRESIGN, validator], "validator")) == {"validator": 1}
    assert targets(plan([PRESIGN, validator], "phenom-dev-presign")) == {"presign": 2}


def test_second_rollback_is_refused():
    back = function("presign", 2, FIRST, SECOND, THIRD)
    with pytest.raises(CommandRefusedError, match=r"Already rolled back: presign\. `--version newest` moves forward"):
        plan([back, VALIDATOR])
    with pytest.raises(CommandRefusedError, match="Already rolled back"):
        plan([back], "presign")


def test_newest_moves_forward_again():
    back = function("presign", 2, FIRST, SECOND, THIRD)
    assert targets(plan([back, VALIDATOR], wanted="newest")) == {"presign": 3, "validator": None}


def test_version_number_names_any_version():
    assert targets(plan([PRESIGN, VALIDATOR], "presign", "1")) == {"presign": 1}


@pytest.mark.parametrize(
    ("only", "wanted", "says"),
    [
        (None, "2", "--function"),
        ("presign", "9", r"presign has no version 9\. Versions: 1, 2, 3\."),
        ("presign", "latest", "no version latest"),
        ("presign", "3", "already serves that version"),
        ("nothing", None, r"Functions: presign, validator"),
    ],
)
def test_impossible_request_is_refused_with_the_reason(only: str | None, wanted: str | None, says: str):
    with pytest.raises(CommandRefusedError, match=says):
        plan([PRESIGN, VALIDATOR], only, wanted)


def test_first_deployment_cannot_be_undone():
    with pytest.raises(CommandRefusedError, match="no earlier version"):
        plan([CLAIMS])


def test_version_that_cannot_start_is_refused():
    with pytest.raises(CommandRefusedError, match=r"Version 1 of presign is Failed\."):
        plan([function("presign", 2, FIRST, SECOND, state="Failed")])


def test_versions_of_one_hour_without_stack_events_are_one_deployment():
    unknown = DeploymentHistory()
    presign = function("presign", 3, FIRST, SECOND, THIRD, history=unknown)
    validator = function("validator", 2, FIRST, THIRD - timedelta(minutes=30), history=unknown)
    assert targets(plan([presign, validator])) == {"presign": 2, "validator": 1}


class Cloud:
    """A stack with two functions, behind boto3's clients."""

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
        assert asked["RevisionId"] == "revision", "a concurrent move must not be lost"
        assert asked["RoutingConfig"] == {"AdditionalVersionWeights": {}}, "all calls go to one version"
        if asked["FunctionName"] == self.taken:
            raise ClientError({"Error": {"Code": "PreconditionFailedException", "Message": "faster"}}, "UpdateAlias")
        self.moved[asked["FunctionName"]] = asked["FunctionVersion"]


class Pages:
    def __init__(self, call: Any) -> None:
        self.paginate = lambda **asked: [call(**asked)]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    cloud = Cloud()
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: cloud.stack())
    return cloud


def test_versions_are_shown_and_aliases_moved(cloud: Cloud, phenom: Phenom):
    ran = phenom("rollback", "development")
    assert ran.code == 0
    assert cloud.moved == {"presign-1": "9", "claims-1": "9"}
    assert re.search(r"^cognito_trigger  10 \(2026-11-03 .*\)  9 \(2026-11-01 .*\)", ran.out, re.MULTILINE)
    assert "next deployment" in ran.out


def test_dry_run_moves_nothing(cloud: Cloud, phenom: Phenom):
    ran = phenom("rollback", "development", "--dry-run")
    assert ran.code == 0
    assert not cloud.moved
    assert "Nothing was changed" in ran.out


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_changing_stack_is_refused(cloud: Cloud, phenom: Phenom, status: str):
    cloud.status = status
    ran = phenom("rollback", "production")
    assert ran.code == 2
    assert not cloud.moved
    assert "cancel-update-stack --stack-name phenom-dev" in ran.err


def test_stack_in_cleanup_is_accepted(cloud: Cloud, phenom: Phenom):
    cloud.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert phenom("rollback", "production").code == 0


def test_running_codedeploy_deployment_is_refused(cloud: Cloud, phenom: Phenom):
    cloud.deployments = ["d-1"]
    ran = phenom("rollback", "production")
    assert ran.code == 2
    assert not cloud.moved
    assert "d-1" in ran.err


def test_one_failed_move_does_not_prevent_the_others(cloud: Cloud, phenom: Phenom):
    cloud.taken = "claims-1"
    ran = phenom("rollback", "development")
    assert ran.code == 1
    assert cloud.moved == {"presign-1": "9"}
    assert "cognito_trigger was not moved" in ran.err


def test_calls_exist_in_botocore():
    """The fakes accept anything."""
    lambda_, codedeploy = (boto3.client(name, region_name="us-east-1") for name in ("lambda", "codedeploy"))
    assert lambda_.can_paginate("list_versions_by_function")
    assert set(codedeploy.meta.service_model.shape_for("DeploymentStatus").enum) >= {"Baking", "Ready"}


def test_version_that_was_rolled_back_from_is_tagged():
    cloud = Cloud()
    assert rollback.run(cloud.stack(), only="presign", wanted=None, dry_run=False) == 0
    assert cloud.tags == {"arn:aws:lambda:r:1:function:presign-1": {"phenom:rolled-back": "10"}}


def test_refused_rollback_still_shows_the_serving_versions(capsys):
    cloud = Cloud()
    with pytest.raises(CommandRefusedError):
        rollback.run(cloud.stack(), only=None, wanted="7", dry_run=True)
    assert "presign" in capsys.readouterr().out
