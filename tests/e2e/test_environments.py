"""`sam deploy` of each environment's configuration, with what Terraform would have written to SSM there first."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import Aws
from local.emulator.process import Emulator
from local.paths import ROOT, SAM, SAMCONFIG, Places
from local.ports import any_free

ENVIRONMENTS = {"development": "dev", "production": "prod"}
FUNCTIONS = {
    "presigned-url-generator",
    "file-validator",
    "hasura-cognito-trigger",
    "hasura-cognito-sync-users",
    "upload-events",
}


@pytest.fixture(scope="module")
def built(application: Any) -> Path:
    """The packages that the local cloud was deployed from."""
    return application.stack_file.parent / "sam/build/template.yaml"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    places = Places(tmp_path_factory.mktemp("account"))
    places.create()
    return places


@pytest.fixture(scope="module")
def account(places: Places) -> Iterator[Aws]:
    """An account with nothing in it."""
    emulator = Emulator(places)
    emulator.start(any_free())
    yield emulator.aws()
    emulator.stop()


def expected_parameters(environment: str) -> dict[str, str]:
    """The names in SSM that the environment's configuration reads, by parameter of the template."""
    overrides = tomllib.loads(SAMCONFIG.read_text())[environment]["deploy"]["parameters"]["parameter_overrides"]
    pairs = (each.split("=", 1) for each in overrides)
    return {name: value for name, value in pairs if value.startswith("/phenom/")}


def write_terraform_parameters(aws: Aws, environment: str) -> dict[str, str]:
    short = ENVIRONMENTS[environment]
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=short, Description=short, VpcId=vpc)["GroupId"]
    values = {
        "UserPoolArn": aws.client("cognito-idp").create_user_pool(PoolName=f"phenom-{short}")["UserPool"]["Arn"],
        "AppSecretArn": aws.client("secretsmanager").create_secret(Name=f"phenom-{short}-app-secrets")["ARN"],
        "PrivateSubnetIds": ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.10.0/24")["Subnet"]["SubnetId"],
        "LambdaSecurityGroupId": group,
        "ClamAvHost": f"clamd.phenom-{short}.internal",
        "AlarmTopicArn": aws.client("sns").create_topic(Name=f"phenom-{short}-alarms")["TopicArn"],
    }
    allow_all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    aws.client("iam").create_policy(PolicyName=f"phenom-{short}-functions", PolicyDocument=json.dumps(allow_all))
    names = expected_parameters(environment)
    assert names.keys() == values.keys()
    for parameter, name in names.items():
        assert name.startswith(f"/phenom/{short}/"), "an environment never reads what is another's"
        kind = "StringList" if parameter.endswith("Ids") else "String"
        aws.client("ssm").put_parameter(Name=name, Value=values[parameter], Type=kind)
    return values


def deploy(aws: Aws, places: Places, built: Path, environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(SAM, "deploy", "--template-file", built, "--config-file", SAMCONFIG, "--config-env", environment),
            "--no-confirm-changeset",
        ],
        cwd=ROOT, env=aws.environment(places.home), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_environment_cannot_be_deployed_before_terraform_has_written_its_parameters(
    account: Aws, places: Places, built: Path, environment: str
) -> None:
    refused = deploy(account, places, built, environment)
    assert refused.returncode != 0
    assert re.search(rf"/phenom/{ENVIRONMENTS[environment]}/\S+", refused.stdout + refused.stderr)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_environment_is_deployed_with_what_terraform_wrote(
    account: Aws, places: Places, built: Path, environment: str
) -> None:
    short = ENVIRONMENTS[environment]
    values = write_terraform_parameters(account, environment)
    done = deploy(account, places, built, environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    functions = {
        each["FunctionName"]: each["Environment"]["Variables"]
        for each in account.client("lambda").list_functions()["Functions"]
        if each["FunctionName"].startswith(f"phenom-{short}-")
    }
    assert functions.keys() == {f"phenom-{short}-{name}" for name in FUNCTIONS}
    assert functions[f"phenom-{short}-file-validator"]["CLAMAV_HOST"] == values["ClamAvHost"]
    assert functions[f"phenom-{short}-hasura-cognito-sync-users"]["APP_SECRET_ID"] == values["AppSecretArn"]
    for name in ("hasura-cognito-trigger", "hasura-cognito-sync-users"):
        policy = account.client("lambda").get_policy(FunctionName=f"phenom-{short}-{name}")["Policy"]
        assert [each["Condition"]["ArnLike"] for each in json.loads(policy)["Statement"]] == [
            {"AWS:SourceArn": values["UserPoolArn"]}
        ]
    alarms = account.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"phenom-{short}-")["MetricAlarms"]
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(values["AlarmTopicArn"],)}
