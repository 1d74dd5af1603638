"""Deploying the stack with the AWS CLI: the commands, and what is told when CloudFormation refuses."""

import json
from pathlib import Path

import pytest

from phenom.deployment import stack
from phenom.errors import CommandRefusedError, IncompleteError
from phenom.functions import FUNCTIONS
from tests.template import read

PROGRAM = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
*describe-stacks*) echo '{"Stacks": [{"Outputs": [{"OutputKey": "SourceBucket", "OutputValue": "packages-1"}]}]}' ;;
*describe-stack-events*) cat "$EVENTS" ;;
*"cloudformation deploy"*) test -z "$REFUSED" || { echo "$REFUSED" >&2; exit 255; } ;;
esac
"""
ROLE = "arn:aws:iam::111122223333:role/phenom-dev-cloudformation"


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `aws` that writes its arguments into this file."""
    (tmp_path / "aws").write_text(PROGRAM)
    (tmp_path / "aws").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("EVENTS", str(tmp_path / "events"))
    (tmp_path / "events").write_text('{"StackEvents": []}')
    return tmp_path / "calls"


def event(resource: str, status: str, reason: str) -> dict[str, str]:
    return {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}


@pytest.mark.parametrize(("environment", "short"), [("development", "dev"), ("production", "prod")])
def test_settings_are_those_of_sam_deploy(environment: str, short: str):
    found = stack.read_deployment(environment)
    assert found.stack_name == found.prefix == f"phenom-{short}"
    assert found.parameters["Environment"] == short
    assert found.parameters["RoleBoundary"] == f"phenom-{short}-functions"
    assert found.parameters.keys() <= read()["Parameters"].keys()
    assert found.tags == ("project=phenom", f"environment={short}")
    assert found.capabilities == ("CAPABILITY_IAM",)


def test_quoted_parameter_loses_its_quotes(tmp_path: Path):
    config = tmp_path / "samconfig.toml"
    config.write_text(
        """
        [development.global.parameters]
        stack_name = "phenom-dev"
        region = "us-east-1"
        [development.deploy.parameters]
        s3_prefix = "phenom-dev"
        capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
        parameter_overrides = ['RolesByGroup="{\\"moderators\\":\\"moderator\\"}"', "DefaultRole=a=b"]
        tags = []
        """
    )
    found = stack.read_deployment("development", config)
    assert found.parameters == {"RolesByGroup": '{"moderators":"moderator"}', "DefaultRole": "a=b"}
    assert found.capabilities == ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")


def test_every_function_gets_its_package_and_nothing_else_changes():
    template = stack.TEMPLATE.read_text()
    added = [line for line in stack.add_packages(template).splitlines() if line not in template.splitlines()]
    assert added == [f"      CodeUri: {name}.zip" for name in _functions_in_order()]


def _functions_in_order() -> list[str]:
    resources = read()["Resources"]
    return [name for name, found in resources.items() if found["Type"] == "AWS::Serverless::Function"]


def test_functions_in_order_are_all_functions():
    assert set(_functions_in_order()) == {function.resource for function in FUNCTIONS.values()}


def test_template_without_a_function_is_refused():
    with pytest.raises(CommandRefusedError, match="Handler"):
        stack.add_packages("Resources:\n  PresignFunction:\n    Type: AWS::Serverless::Function\n")


def test_deployment_names_role_parameters_and_tags(calls: Path, tmp_path: Path):
    stack.deploy(stack.read_deployment("production"), tmp_path, ROLE)
    _, package, deploy = calls.read_text().splitlines()
    assert "--s3-bucket packages-1 --s3-prefix phenom-prod" in package
    for part in (
        "--stack-name phenom-prod", "--s3-bucket packages-1 --s3-prefix phenom-prod", f"--role-arn {ROLE}",
        "--capabilities CAPABILITY_IAM", "--tags project=phenom environment=prod",
        "TrafficShift=Canary10Percent5Minutes", "PrivateSubnetIds=/phenom/prod/network/private-subnet-ids",
        "--no-fail-on-empty-changeset",
    ):  # fmt: skip
        assert part in deploy


def test_refusal_names_resources_and_the_remedy(calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    denied = "User: … is not authorized to perform: s3:PutLifecycleConfiguration"
    events = [
        event("phenom-dev", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed"),
        event("PresignFunction", "UPDATE_FAILED", "Resource update cancelled"),
        event("FinalBucket", "UPDATE_FAILED", denied),
    ]
    (tmp_path / "events").write_text(json.dumps({"StackEvents": events}))
    monkeypatch.setenv("REFUSED", "Failed to create/update the stack")
    with pytest.raises(IncompleteError) as raised:
        stack.deploy(stack.read_deployment("development"), tmp_path, ROLE)
    assert f"FinalBucket: {denied}" in str(raised.value)
    assert "PresignFunction" not in str(raised.value)
    assert "deploy this commit as an administrator" in str(raised.value)


def test_other_failure_does_not_mention_administrators(calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REFUSED", "Rate exceeded")
    with pytest.raises(IncompleteError) as raised:
        stack.deploy(stack.read_deployment("development"), tmp_path, ROLE)
    assert "Rate exceeded" in str(raised.value)
    assert "administrator" not in str(raised.value)
