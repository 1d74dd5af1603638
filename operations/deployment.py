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


def find(environment: str, local_stack: Path = LOCAL_STACK) -> Deployment:
    """One of ENVIRONMENTS: `local` by its stack.json, the others by samconfig.toml and the person's AWS credentials.

    Raises UnreachableError.
    """
    client, outputs = _reach(environment, local_stack)
    return Deployment(
        client=client,
        staging_bucket=outputs("StagingBucketName"),
        uploads_table=outputs("UploadsTableName"),
        queue_url=outputs("ValidatorQueueUrl"),
        dead_letter_queue_url=outputs("ValidatorDeadLetterQueueUrl"),
    )


def find_sign_in(environment: str, local_stack: Path = LOCAL_STACK) -> SignIn:
    """As `find`."""
    client, outputs = _reach(environment, local_stack)
    return SignIn(
        client=client,
        user_pool_id=outputs("UserPoolId"),
        user_sync_function=outputs("UserSyncFunctionName"),
        queue_url=outputs("UserSyncQueueUrl"),
        dead_letter_queue_url=outputs("UserSyncDeadLetterQueueUrl"),
    )


def _reach(environment: str, local_stack: Path) -> tuple[Callable[[str], Any], Callable[[str], str]]:
    """What makes clients, and what tells the stack's outputs."""
    deployed_by = tomllib.loads(SAMCONFIG.read_text())[environment]["global"]["parameters"]
    stack_name, region = deployed_by["stack_name"], deployed_by["region"]
    session: Any = boto3.Session(region_name=region)
    client = _local_clients(local_stack) if environment == "local" else session.client
    try:
        stack = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"Stack {stack_name} in {region} cannot be read: {error}\nCheck AWS_PROFILE, and that it is deployed."
        ) from error
    known = {output["OutputKey"]: str(output["OutputValue"]) for output in stack.get("Outputs", [])}

    def outputs(name: str) -> str:
        try:
            return known[name]
        except KeyError:
            raise UnreachableError(f"Stack {stack_name} has no output {name}: deploy it again.") from None

    return client, outputs


def _local_clients(path: Path) -> Callable[[str], Any]:
    try:
        stack = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    session: Any = boto3.Session(stack["accessKeyId"], stack["secretAccessKey"], region_name=stack["region"])
    return lambda service: session.client(service, endpoint_url=stack["endpointUrl"])
