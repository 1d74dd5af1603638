"""Stacks of AWS environments in an emulated account: what Terraform writes first, `sam deploy`, and `phenom`."""

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws import Aws
from local.paths import ROOT, SAM, SAMCONFIG, CloudPaths
from phenom.aws.stacks import LIVE
from tests.commands import PHENOM

ENVIRONMENTS = {"development": "dev", "production": "prod"}
PRESIGN, VALIDATOR = "presigned-url-generator", "file-validator"
CLAIMS, SYNC = "hasura-cognito-trigger", "hasura-cognito-sync-users"
PREFLIGHT = {"httpMethod": "OPTIONS", "resource": "/upload/generate-url"}


@dataclass(frozen=True)
class EnvironmentStack:
    """The stack of one environment. `template` is what `sam build` wrote."""

    aws: Aws
    paths: CloudPaths
    template: Path
    environment: str

    @property
    def name(self) -> str:
        return f"phenom-{ENVIRONMENTS[self.environment]}"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        environment = self.aws.environment(self.paths.home)
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    def deploy(self, template: Path | None = None, **changed: str) -> subprocess.CompletedProcess[str]:
        """Runs the command of `make deploy CONFIRM=no`. `changed` replaces parameters of samconfig.toml."""
        command: list[str | Path] = [
            SAM,
            "deploy",
            "--template-file",
            template or self.template,
            "--config-file",
            SAMCONFIG,
        ]
        options: list[str | Path] = ["--config-env", self.environment, "--no-confirm-changeset"]
        if changed:
            parameters = _configured_parameters(self.environment) | changed
            options += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        return self.run(*command, *options)

    def phenom(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(PHENOM, command, self.environment, *arguments)

    def live_versions(self) -> dict[str, int]:
        """Returns the version of alias `live` by function."""
        functions = self.aws.client("lambda")
        return {
            name: int(functions.get_alias(FunctionName=f"{self.name}-{name}", Name=LIVE)["FunctionVersion"])
            for name in (PRESIGN, VALIDATOR, CLAIMS, SYNC)
        }

    def configuration(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.client("lambda").get_function_configuration(
            FunctionName=f"{self.name}-{name}", Qualifier=LIVE
        )
        return found

    def variables(self, name: str) -> dict[str, str]:
        return dict(self.configuration(name)["Environment"]["Variables"])

    def preflight(self) -> int:
        """Invokes presign with a CORS preflight and returns the HTTP status."""
        response = self.aws.client("lambda").invoke(
            FunctionName=f"{self.name}-{PRESIGN}", Qualifier=LIVE, Payload=json.dumps(PREFLIGHT).encode()
        )
        return int(json.loads(response["Payload"].read())["statusCode"])


class Account:
    """One emulated account. `paths` holds a copy of the built functions for each environment."""

    def __init__(self, aws: Aws, paths: CloudPaths) -> None:
        self.aws = aws
        self.stacks = {
            name: EnvironmentStack(aws, paths, paths.directory / name / "template.yaml", name) for name in ENVIRONMENTS
        }
        self._terraform_values: dict[str, dict[str, str]] = {}

    def deployed(self, environment: str) -> tuple[EnvironmentStack, dict[str, str]]:
        """Returns the stack and Terraform's values; the first call writes the values and deploys."""
        stack = self.stacks[environment]
        if environment not in self._terraform_values:
            self._terraform_values[environment] = write_terraform_parameters(self.aws, environment)
            succeeded(stack.deploy())
        return stack, self._terraform_values[environment]


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def write_terraform_parameters(aws: Aws, environment: str) -> dict[str, str]:
    """Creates what Terraform creates for the environment and writes its SSM parameters. Returns their values."""
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
    parameters = _configured_parameters(environment).items()
    names = {parameter: value for parameter, value in parameters if value.startswith("/phenom/")}
    assert names.keys() == values.keys()
    for parameter, name in names.items():
        assert name.startswith(f"/phenom/{short}/"), "an environment reads only its own parameters"
        kind = "StringList" if parameter.endswith("Ids") else "String"
        aws.client("ssm").put_parameter(Name=name, Value=values[parameter], Type=kind)
    return values


def _configured_parameters(environment: str) -> dict[str, str]:
    """Returns the parameters in samconfig.toml. Values that begin with /phenom/ are names of SSM parameters."""
    overrides = tomllib.loads(SAMCONFIG.read_text())[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(each.split("=", 1) for each in overrides)
