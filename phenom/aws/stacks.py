"""A deployed environment, as an operator's programs reach it."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of

ROOT = Path(__file__).parents[2]
SAMCONFIG = ROOT / "samconfig.toml"
LOCAL_STACK = ROOT / ".local" / "stack.json"
ENVIRONMENTS = ("local", "development", "production")
LIVE = "live"  # the alias by which every function is called


class UnreachableError(Exception):
    """The environment cannot be reached or is not deployed. The message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The parts of a deployed stack that uploads are operated on by; `client` makes boto3 clients by service name."""

    client: Callable[[str], Any]
    staging_bucket: str
    uploads_table: str
    queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The parts of a deployed stack that users are operated on by; `client` makes boto3 clients by service name."""

    client: Callable[[str], Any]
    user_pool_id: str
    user_sync_function: str
    queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as CloudFormation describes it. The URLs are those of the local cloud, which its outputs do not know."""

    client: Callable[[str], Any]
    description: dict[str, Any]
    api_url: str | None = None
    client_url: str | None = None

    def output(self, name: str) -> str:
        """Raises UnreachableError where the stack has no such output: it is of another age."""
        for output in self.description.get("Outputs", []):
            if output["OutputKey"] == name:
                return str(output["OutputValue"])
        raise UnreachableError(f"Stack {self.description['StackName']} has no output {name}: deploy it again.")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a stack of this name is, was or will be."""

    client: Callable[[str], Any]
    environment: str
    stack_name: str

    @property
    def short_name(self) -> str:
        """The environment as names carry it: dev."""
        return self.stack_name.removeprefix("phenom-")

    def status(self) -> str | None:
        """Of the stack; None when there is none. Raises ClientError."""
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.stack_name)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise
        return str(stacks[0]["StackStatus"])


def find(environment: str, local_stack: Path = LOCAL_STACK) -> Deployment:
    """As `stack_of`."""
    stack = stack_of(environment, local_stack)
    return Deployment(
        client=stack.client,
        staging_bucket=stack.output("VideoStagingBucket"),
        uploads_table=stack.output("UploadsTableName"),
        queue_url=stack.output("ValidatorQueueUrl"),
        dead_letter_queue_url=stack.output("ValidatorDeadLetterQueueUrl"),
    )


def find_sign_in(environment: str, local_stack: Path = LOCAL_STACK) -> SignIn:
    """As `stack_of`."""
    stack = stack_of(environment, local_stack)
    return SignIn(
        client=stack.client,
        user_pool_id=stack.output("UserPoolId"),
        user_sync_function=stack.output("UserSyncFunctionName"),
        queue_url=stack.output("UserSyncQueueUrl"),
        dead_letter_queue_url=stack.output("UserSyncDeadLetterQueueUrl"),
    )


def stack_of(environment: str, local_stack: Path = LOCAL_STACK) -> DeployedStack:
    """One of ENVIRONMENTS: `local` by its stack.json, the others by samconfig.toml and the person's AWS credentials.

    Raises UnreachableError.
    """
    config = _config(environment)
    if environment == "local":
        known = _local_stack(local_stack)
        client = _local_client(known)
        return DeployedStack(client, _described(client, config), known["apiUrl"], known["clientUrl"])
    session: Any = boto3.Session(region_name=config["region"])
    return DeployedStack(session.client, _described(session.client, config))


def account_of(environment: str, local_stack: Path = LOCAL_STACK) -> Account:
    """As `stack_of`, whether or not the stack is there."""
    config = _config(environment)
    if environment == "local":
        return Account(_local_client(_local_stack(local_stack)), environment, config["stack_name"])
    session: Any = boto3.Session(region_name=config["region"])
    return Account(session.client, environment, config["stack_name"])


def _config(environment: str) -> dict[str, Any]:
    config: dict[str, Any] = tomllib.loads(SAMCONFIG.read_text())[environment]["global"]["parameters"]
    return config


def _local_stack(path: Path) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    return stack


def _local_client(stack: dict[str, Any]) -> Callable[[str], Any]:
    session: Any = boto3.Session(stack["accessKeyId"], stack["secretAccessKey"], region_name=stack["region"])
    return lambda service: session.client(service, endpoint_url=stack["endpointUrl"])


def _described(client: Callable[[str], Any], config: dict[str, Any]) -> dict[str, Any]:
    stack_name, region = config["stack_name"], config["region"]
    try:
        stack: dict[str, Any] = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"Stack {stack_name} in {region} cannot be read: {error}\nCheck AWS_PROFILE, and that it is deployed."
        ) from error
    return stack
