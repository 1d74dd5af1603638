"""The first `sam deploy` of each environment, with the values that Terraform wrote to SSM."""

import json
import re

import pytest

from tests.e2e.environment_stack import ENVIRONMENTS, Account
from tests.template import Deployed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_deployment_without_terraforms_parameters_is_refused(account: Account, environment: str) -> None:
    refused = account.stacks[environment].deploy()
    assert refused.returncode != 0
    assert re.search(rf"/phenom/{ENVIRONMENTS[environment]}/\S+", refused.stdout + refused.stderr)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_deployment_uses_the_parameters_that_terraform_wrote(account: Account, environment: str) -> None:
    stack, values = account.deployed(environment)
    functions = {
        each["FunctionName"]: each["Environment"]["Variables"]
        for each in stack.aws.client("lambda").list_functions()["Functions"]
        if each["FunctionName"].startswith(f"{stack.name}-")
    }
    assert functions.keys() == Deployed(ENVIRONMENTS[environment]).names_of("AWS::Serverless::Function")
    assert functions[f"{stack.name}-file-validator"]["CLAMAV_HOST"] == values["ClamAvHost"]
    assert functions[f"{stack.name}-hasura-cognito-sync-users"]["APP_SECRET_ID"] == values["AppSecretArn"]
    for name in ("hasura-cognito-trigger", "hasura-cognito-sync-users"):
        policy = stack.aws.client("lambda").get_policy(FunctionName=f"{stack.name}-{name}")["Policy"]
        assert [each["Condition"]["ArnLike"] for each in json.loads(policy)["Statement"]] == [
            {"AWS:SourceArn": values["UserPoolArn"]}
        ]
    alarms = stack.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack.name}-")["MetricAlarms"]
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(values["AlarmTopicArn"],)}
