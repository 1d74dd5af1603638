"""Finds the CloudFormation stack of an environment."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from phenom.environments import LOCAL_STACK, SAMCONFIG
from phenom.errors import CommandError, explain
from runtime.aws_errors import code_of

LIVE = "live"
"""The alias through which every function is called."""


class UnreachableError(CommandError):
    """The environment cannot be reached or is not deployed."""


@dataclass(frozen=True, slots=True)
class Account:
    """The AWS account (or local cloud) of an environment, whether or not the stack exists there.

    `client` creates boto3 clients by service name.
    """

    client: Callable[[str], Any]
    environment: str
    stack_name: str

    @property
    def short_name(self) -> str:
        """The environment as it appears in resource names: dev."""
        return self.stack_name.removeprefix("phenom-")

    def stack_status(self) -> str | None:
        """Returns CloudFormation's status; None when there is no stack. Raises ClientError."""
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.stack_name)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise
        return str(stacks[0]["StackStatus"])


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as CloudFormation describes it.

    `client` creates boto3 clients by service name. The URLs are set only for the local cloud: its addresses are not in
    the stack's outputs, and `endpoint_url` is where it serves AWS's APIs.
    """

    client: Callable[[str], Any]
    description: dict[str, Any]
    api_url: str | None = None
    client_url: str | None = None
    endpoint_url: str | None = None

    @property
    def name(self) -> str:
        return str(self.description["StackName"])

    @property
    def outputs(self) -> dict[str, str]:
        return {each["OutputKey"]: str(each["OutputValue"]) for each in self.description.get("Outputs", [])}

    @property
    def has_upload_page(self) -> bool:
        """Returns False when the stack was deployed with UploadPage=off."""
        return {"ParameterKey": "UploadPage", "ParameterValue": "off"} not in self.description.get("Parameters", [])

    def output(self, name: str) -> str:
        """Raises UnreachableError when the stack was deployed from a template without this output."""
        try:
            return self.outputs[name]
        except KeyError:
            raise UnreachableError(f"Stack {self.name} has no output {name}: deploy it again.") from None


def find_stack(environment: str, local_stack: Path = LOCAL_STACK) -> DeployedStack:
    """Returns the stack of an environment.

    `local` is reached through stack.json, the others by samconfig.toml and the operator's AWS credentials. Raises
    UnreachableError.
    """
    config = _config(environment)
    if environment == "local":
        known = read_local_stack(local_stack)
        client = _local_client(known)
        return DeployedStack(
            client, _describe(client, config), known["apiUrl"], known["clientUrl"], known["endpointUrl"]
        )
    session = _session(config)
    return DeployedStack(session.client, _describe(session.client, config))


def find_account(environment: str, local_stack: Path = LOCAL_STACK) -> Account:
    """Returns the account of an environment. Raises UnreachableError."""
    config = _config(environment)
    local = environment == "local"
    client = _local_client(read_local_stack(local_stack)) if local else _session(config).client
    return Account(client, environment, config["stack_name"])


def read_local_stack(path: Path) -> dict[str, Any]:
    """Returns the content of stack.json. Raises UnreachableError when the local cloud is not running."""
    try:
        stack: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    return stack


def _config(environment: str) -> dict[str, Any]:
    config: dict[str, Any] = tomllib.loads(SAMCONFIG.read_text())[environment]["global"]["parameters"]
    return config


def _session(config: dict[str, Any]) -> Any:
    return boto3.Session(region_name=config["region"])


def _local_client(stack: dict[str, Any]) -> Callable[[str], Any]:
    session: Any = boto3.Session(stack["accessKeyId"], stack["secretAccessKey"], region_name=stack["region"])
    return lambda service: session.client(service, endpoint_url=stack["endpointUrl"])


def _describe(client: Callable[[str], Any], config: dict[str, Any]) -> dict[str, Any]:
    stack_name, region = config["stack_name"], config["region"]
    try:
        stack: dict[str, Any] = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        raise UnreachableError(
            f"There is no stack {stack_name} in {region}. Deploy it, or check AWS_PROFILE: is it another account?"
        ) from error
    except BotoCoreError as error:
        raise UnreachableError(f"Stack {stack_name} in {region} cannot be read. {explain(error)}") from error
    return stack
