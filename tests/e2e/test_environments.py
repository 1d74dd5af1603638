"""The first `sam deploy` of each environment, with the values that Terraform wrote to SSM."""

import json
import re
from typing import Any

import pytest

from phenom.aws.stacks import LIVE
from phenom.preflight.settings import read_settings
from tests.e2e.api import wait_for
from tests.e2e.environment_stack import CLAIMS, ENVIRONMENTS, PRESIGN, SYNC, Account, EnvironmentStack
from tests.template import Deployed

KEPT_WARM = {PRESIGN, CLAIMS, SYNC}


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
    assert_origins_are_listed(stack, functions[f"{stack.name}-presigned-url-generator"]["ALLOWED_ORIGINS"])
    for name in ("hasura-cognito-trigger", "hasura-cognito-sync-users"):
        policy = stack.aws.client("lambda").get_policy(FunctionName=f"{stack.name}-{name}")["Policy"]
        callers = [each["Condition"]["ArnLike"]["AWS:SourceArn"] for each in json.loads(policy)["Statement"]]
        assert [each for each in callers if ":rule/" not in each] == [values["UserPoolArn"]]
    alarms = stack.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack.name}-")["MetricAlarms"]
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(values["AlarmTopicArn"],)}


def assert_origins_are_listed(stack: EnvironmentStack, of_function: str) -> None:
    """Asserts that function and staging bucket have the origins of samconfig.toml, and no other."""
    origins = read_settings(stack.environment).parameter("AllowedOrigins")
    account = stack.aws.client("sts").get_caller_identity()["Account"]
    (rule,) = stack.aws.client("s3").get_bucket_cors(Bucket=f"{stack.name}-staging-{account}")["CORSRules"]
    assert ",".join(rule["AllowedOrigins"]) == of_function == origins
    assert "*" not in origins


def test_schedule_of_production_is_answered_without_log_or_error(account: Account) -> None:
    """Sends what the deployed rule sends. The runtime's own START, END and REPORT lines hold no message of ours."""
    stack, _ = account.deployed("production")
    events, functions, logs = (stack.aws.client(name) for name in ("events", "lambda", "logs"))
    store_secrets(stack)
    rule = f"{stack.name}-keep-warm"
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "rate(5 minutes)"
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert {each["Arn"].split(":")[-2] for each in targets} == {f"{stack.name}-{name}" for name in KEPT_WARM}
    for target in targets:
        assert target["Arn"].endswith(f":{LIVE}")
        answer = functions.invoke(FunctionName=target["Arn"], Payload=target["Input"].encode())
        assert (answer.get("FunctionError"), json.loads(answer["Payload"].read())) == (None, {})
    for name in KEPT_WARM:
        group = f"/aws/lambda/{stack.name}-{name}"
        wait_for(lambda: messages(logs, group), 30, f"log of {name}")  # noqa: B023 - called in this iteration
        assert [line for line in messages(logs, group) if line.lstrip().startswith("{")] == []


def test_development_has_no_schedule(account: Account) -> None:
    stack, _ = account.deployed("development")
    assert stack.aws.client("events").list_rules(NamePrefix=f"{stack.name}-")["Rules"] == []


@pytest.mark.slow
def test_schedule_reaches_every_function(account: Account) -> None:
    """The emulator's scheduler, at a rate of one minute, calls the targets itself."""
    stack, _ = account.deployed("production")
    events, logs = stack.aws.client("events"), stack.aws.client("logs")
    store_secrets(stack)
    before = {name: called(logs, stack, name) for name in KEPT_WARM}
    rule = f"{stack.name}-keep-warm"
    events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)", State="ENABLED")
    try:
        wait_for(lambda: all(called(logs, stack, name) > before[name] for name in KEPT_WARM), 120, "schedule")
    finally:
        events.put_rule(Name=rule, ScheduleExpression="rate(5 minutes)", State="ENABLED")


def called(logs: Any, stack: EnvironmentStack, name: str) -> int:
    """Returns the number of invocations in the function's log."""
    return sum(line.startswith("START") for line in messages(logs, f"/aws/lambda/{stack.name}-{name}"))


def store_secrets(stack: EnvironmentStack) -> None:
    """Stores what an operator and Terraform store; without them the functions report unreadable secrets."""
    secrets = stack.aws.client("secretsmanager")
    secrets.put_secret_value(
        SecretId=f"{stack.name}-video-upload-passwords", SecretString=json.dumps({"passwords": ["any-long-password"]})
    )
    hasura = {"hasuraEndpoint": "https://hasura.example.org/v1/graphql", "hasuraAdminSecret": "any"}
    secrets.put_secret_value(SecretId=f"{stack.name}-app-secrets", SecretString=json.dumps(hasura))


def messages(logs: Any, group: str) -> list[str]:
    return [each["message"] for each in logs.filter_log_events(logGroupName=group)["events"]]
