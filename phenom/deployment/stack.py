"""Deploys the stack with the AWS CLI: template and parameters of this commit, packages of the bundle."""

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phenom.deployment import aws_cli
from phenom.environments import SAMCONFIG
from phenom.errors import CommandRefusedError, IncompleteError
from phenom.functions import FUNCTIONS, ROOT

TEMPLATE = ROOT / "template.yaml"
PACKAGES_STACK = "aws-sam-cli-managed-default"
"""The stack with the bucket for packages, which `sam deploy` creates once per account."""
_RESOURCE = re.compile(r"  (\w+):\n")
_HANDLER = re.compile(r"( +)Handler: \w+\.handler\.handler\n")
_DENIED = ("AccessDenied", "not authorized", "Access Denied", "Access denied")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Settings of `sam deploy` for one environment, read from samconfig.toml."""

    stack_name: str
    region: str
    prefix: str
    capabilities: tuple[str, ...]
    parameters: Mapping[str, str]
    tags: tuple[str, ...]


def read_deployment(environment: str, samconfig: Path = SAMCONFIG) -> Deployment:
    """Returns the settings of development or production. Raises KeyError."""
    config = tomllib.loads(samconfig.read_text(encoding="utf-8"))[environment]
    common, deploy = config["global"]["parameters"], config["deploy"]["parameters"]
    return Deployment(
        stack_name=common["stack_name"],
        region=common["region"],
        prefix=deploy["s3_prefix"],
        capabilities=tuple(deploy["capabilities"].split()),
        parameters=dict(map(_parse_override, deploy["parameter_overrides"])),
        tags=tuple(deploy["tags"]),
    )


def add_packages(template: str) -> str:
    """Returns the template in which each function's code is `<logical id>.zip`. Raises CommandRefusedError."""
    lines: list[str] = []
    resource, found = "", set()
    for line in template.splitlines(keepends=True):
        if at := _RESOURCE.fullmatch(line):
            resource = at[1]
        if at := _HANDLER.fullmatch(line):
            lines.append(f"{at[1]}CodeUri: {resource}.zip\n")
            found.add(resource)
        lines.append(line)
    if found != {each.resource for each in FUNCTIONS.values()}:
        raise CommandRefusedError(f"template.yaml must have one line `Handler:` for each function; found {found}.")
    return "".join(lines)


def deploy(deployment: Deployment, bundle: Path, role_arn: str) -> None:
    """Uploads the packages of the unpacked bundle, and updates the stack. Raises IncompleteError."""
    template, packaged = bundle / "template.yaml", bundle / "packaged.yaml"
    template.write_text(add_packages(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
    packages = ["--s3-bucket", _packages_bucket(), "--s3-prefix", deployment.prefix]
    # Resolves YAML's aliases, too, which CloudFormation does not accept.
    aws_cli.run(
        *("cloudformation", "package", "--template-file", str(template), "--output-template-file", str(packaged)),
        *packages,
    )
    try:
        aws_cli.run(
            *("cloudformation", "deploy", "--template-file", str(packaged), "--stack-name", deployment.stack_name),
            *(*packages, "--role-arn", role_arn, "--no-fail-on-empty-changeset"),
            *("--capabilities", *deployment.capabilities, "--tags", *deployment.tags),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in deployment.parameters.items())),
        )
    except aws_cli.AwsCliError as error:
        raise IncompleteError(_explain(deployment.stack_name, error)) from error


def describe(deployment: Deployment) -> dict[str, Any]:
    """Returns the stack as CloudFormation describes it. Raises IncompleteError."""
    stacks = aws_cli.Client("cloudformation").describe_stacks(StackName=deployment.stack_name)["Stacks"]
    found: dict[str, Any] = stacks[0]
    return found


def _packages_bucket() -> str:
    (stack,) = aws_cli.Client("cloudformation").describe_stacks(StackName=PACKAGES_STACK)["Stacks"]
    return next(str(each["OutputValue"]) for each in stack["Outputs"] if each["OutputKey"] == "SourceBucket")


def _parse_override(override: str) -> tuple[str, str]:
    """Returns name and value. samconfig.toml writes values with special characters as quoted strings."""
    name, _, value = override.partition("=")
    return name, json.loads(value) if value.startswith('"') else value


def _explain(stack_name: str, error: aws_cli.AwsCliError) -> str:
    """Returns the error with the reasons of the resources that failed, newest first."""
    try:
        events = aws_cli.Client("cloudformation").describe_stack_events(StackName=stack_name)["StackEvents"]
    except aws_cli.AwsCliError as unreadable:
        print(unreadable, file=sys.stderr)
        events = []
    reasons = [
        f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
        for each in events[:200]
        if each["ResourceStatus"].endswith("_FAILED")
        and "cancelled" not in each.get("ResourceStatusReason", "cancelled")
    ]
    told = "\n".join([str(error), *reasons[:20]])
    if any(word in told for word in _DENIED):
        told += (
            "\nGitHub's role may not create or change this (docs/operations/deploy.md, Changes that need an "
            "administrator): deploy this commit as an administrator."
        )
    return told
