"""`sam build` and `sam deploy` of the real template to the local cloud, each only when its inputs changed."""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local import fingerprint, logged_command
from local.aws import Aws
from local.emulator.post_deploy_fixes import apply_fixes
from local.paths import SAM, SAMCONFIG, TEMPLATE, CloudPaths
from local.progress import TroubleError, step
from runtime.aws_errors import code_of

STACK_NAME = "phenom-local"
BUCKETS_STACK_NAME = "aws-sam-cli-managed-default"  # SAM CLI's stack with the bucket for packages
_DEPLOYED = "/local/deployed"  # kept in the emulator, so that it disappears with its state
_CONFIG = ("--config-file", SAMCONFIG, "--config-env", "local")
_DEPLOYABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack of one local cloud."""

    paths: CloudPaths
    aws: Aws

    def broken(self) -> str | None:
        """Returns the stack and status that block a deployment, such as an interrupted one; else None."""
        for name in (STACK_NAME, BUCKETS_STACK_NAME):
            status = self._status(name)
            if status and status not in _DEPLOYABLE:
                return f"{name} is in {status}"
        return None

    def bring_up_to_date(self, parameters: dict[str, str], resolved: Sequence[str]) -> None:
        """Builds and deploys if needed. `resolved` are the SSM values that the template reads and that may change."""
        overrides = _overrides(parameters)
        built = fingerprint.build_fingerprint()
        wanted = fingerprint.deployment_fingerprint(built, [*overrides, *resolved])
        if self._deployed() == wanted and self._status(STACK_NAME) in _DEPLOYABLE:
            return
        self._build(built)
        self._deploy(overrides)
        apply_fixes(self.aws, STACK_NAME)
        self.aws.client("ssm").put_parameter(Name=_DEPLOYED, Value=wanted, Type="String", Overwrite=True)

    def build(self) -> Path:
        """Builds if needed and returns the folder of the packed functions, independent of what is deployed."""
        self._build(fingerprint.build_fingerprint())
        return self.paths.sam / "build"

    def outputs(self) -> dict[str, str]:
        stack = self.aws.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def resources(self) -> dict[str, str]:
        """Returns the physical ids of the deployed resources by logical id."""
        resources = self.aws.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}

    def _status(self, name: str) -> str | None:
        try:
            stacks: Any = self.aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise
        return str(stacks[0]["StackStatus"])

    def _deployed(self) -> str | None:
        ssm = self.aws.client("ssm")
        try:
            return str(ssm.get_parameter(Name=_DEPLOYED)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    def _build(self, inputs: str) -> None:
        if not SAM.exists():
            raise TroubleError("SAM CLI is not installed: start with `make run`, which installs it.")
        done = self.paths.sam / "inputs"
        if done.exists() and done.read_text() == inputs:
            return
        done.unlink(missing_ok=True)
        # The developer's environment stays, because it configures the package index; AWS_* and make's variables go.
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
        env = mine | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
        build: list[str | Path] = [SAM, "build", "--template", TEMPLATE, *_CONFIG]
        with step("Building the functions (sam build)"):
            logged_command.run([*build, "--build-dir", self.paths.sam / "build"], env, self.paths.log("sam-build"))
        done.write_text(inputs)

    def _deploy(self, overrides: list[str]) -> None:
        template = self.paths.sam / "build/template.yaml"
        deploy: list[str | Path] = [SAM, "deploy", "--template-file", template, *_CONFIG]
        with step("Deploying the stack (sam deploy)"):
            logged_command.run(
                [*deploy, "--parameter-overrides", *overrides],
                self.aws.environment(self.paths.home),
                self.paths.log("sam-deploy"),
            )


def _overrides(parameters: dict[str, str]) -> list[str]:
    """Merges ours into samconfig.toml's overrides: overrides on the command line replace those of the file."""
    config = tomllib.loads(SAMCONFIG.read_text())
    given = dict(each.split("=", 1) for each in config["local"]["deploy"]["parameters"]["parameter_overrides"])
    return [f"{name}={value}" for name, value in sorted((given | parameters).items())]
