"""A deployed environment, as an operator's programs reach it."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).parents[1]
SAMCONFIG = ROOT / "samconfig.toml"
LOCAL_STACK = ROOT / ".local" / "stack.json"
ENVIRONMENTS = ("local", "development", "production")


class UnreachableError(Exception):
    """The environment cannot be reached or is not deployed. The message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The parts of a deployed stack that are operated on; `client` makes boto3 clients for it by service name."""

    client: Callable[[str], Any]
    staging_bucket: str
    uploads_table: str
    queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as CloudFormation describes it. The URLs are those of the local cloud, which its outputs do not know."""

    client: Callable[[str], Any]
    description: dict[str, Any]
    api_url: str | None = None
    client_url: str | None = None


def find(environment: str, local_stack: Path = LOCAL_STACK) -> Deployment:
    """One of ENVIRONMENTS: `local` by its stack.json, the others by samconfig.toml and the person's AWS credentials.

    Raises UnreachableError.
    """
    if environment == "local":
        return _local(local_stack)
    deployed_by = tomllib.loads(SAMCONFIG.read_text())[environment]["global"]["parameters"]
    return _deployed(deployed_by["stack_name"], deployed_by["region"])


def stack_of(environment: str, local_stack: Path = LOCAL_STACK) -> DeployedStack:
    """As `find`. Raises UnreachableError."""
    config = tomllib.loads(SAMCONFIG.read_text())[environment]["global"]["parameters"]
    if environment == "local":
        stack = _local_stack(local_stack)
        client = _local_client(stack)
        description = _described(client, config["stack_name"], config["region"])
        return DeployedStack(client, description, stack["apiUrl"], stack["clientUrl"])
    session: Any = boto3.Session(region_name=config["region"])
    return DeployedStack(session.client, _described(session.client, config["stack_name"], config["region"]))


def _local(path: Path) -> Deployment:
    stack = _local_stack(path)
    return Deployment(
        client=_local_client(stack),
        staging_bucket=stack["stagingBucket"],
        uploads_table=stack["uploadsTable"],
        queue_url=stack["validatorQueueUrl"],
        dead_letter_queue_url=stack["validatorDeadLetterQueueUrl"],
    )


def _local_stack(path: Path) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    return stack


def _local_client(stack: dict[str, Any]) -> Callable[[str], Any]:
    session: Any = boto3.Session(stack["accessKeyId"], stack["secretAccessKey"], region_name=stack["region"])
    return lambda service: session.client(service, endpoint_url=stack["endpointUrl"])


def _deployed(stack_name: str, region: str) -> Deployment:
    session: Any = boto3.Session(region_name=region)
    stack = _described(session.client, stack_name, region)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    try:
        return Deployment(
            client=session.client,
            staging_bucket=outputs["StagingBucketName"],
            uploads_table=outputs["UploadsTableName"],
            queue_url=outputs["ValidatorQueueUrl"],
            dead_letter_queue_url=outputs["ValidatorDeadLetterQueueUrl"],
        )
    except KeyError as missing:
        raise UnreachableError(f"Stack {stack_name} has no output {missing}: deploy it again.") from missing


def _described(client: Callable[[str], Any], stack_name: str, region: str) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"Stack {stack_name} in {region} cannot be read: {error}\nCheck AWS_PROFILE, and that it is deployed."
        ) from error
    return stack
