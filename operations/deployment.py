"""A deployed environment, as an operator's programs reach it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

STACKS: Mapping[str, str] = {"development": "phenom-dev", "production": "phenom-prod"}
ENVIRONMENTS = ("local", *STACKS)
LOCAL_STACK = Path(__file__).parents[1] / ".local" / "stack.json"


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


def find(environment: str, local_stack: Path = LOCAL_STACK) -> Deployment:
    """One of ENVIRONMENTS: `local` by its stack.json, the others by the person's AWS credentials.

    Raises UnreachableError.
    """
    return _local(local_stack) if environment == "local" else _deployed(STACKS[environment])


def _local(path: Path) -> Deployment:
    try:
        stack = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    session: Any = boto3.Session(stack["accessKeyId"], stack["secretAccessKey"], region_name=stack["region"])
    return Deployment(
        client=lambda service: session.client(service, endpoint_url=stack["endpointUrl"]),
        staging_bucket=stack["stagingBucket"],
        uploads_table=stack["uploadsTable"],
        queue_url=stack["validatorQueueUrl"],
        dead_letter_queue_url=stack["validatorDeadLetterQueueUrl"],
    )


def _deployed(stack_name: str) -> Deployment:
    session: Any = boto3.Session()
    try:
        stack = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"Stack {stack_name} cannot be read: {error}\nCheck AWS_PROFILE and AWS_REGION, and that it is deployed."
        ) from error
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
