"""Assumes a role of the stack for one command, under the name of the operator."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from phenom.aws.permissions import needing
from phenom.aws.stacks import DeployedStack

SESSION_NAME_CHARACTERS = 64  # of RoleSessionName


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator in a role: `arn` is the identity that assumed it, `client` creates clients with its rights."""

    arn: str
    client: Callable[[str], Any]


def assume_role(stack: DeployedStack, output: str) -> Operator:
    """Returns the operator in the role of this output. Raises UnreachableError, and NotAllowedError.

    An operator who has assumed the role already, such as by a profile of ~/.aws/config, keeps it.
    """
    role = stack.output(output)
    sts = stack.client("sts")
    arn = str(sts.get_caller_identity()["Arn"])
    if f":assumed-role/{role.rpartition('/')[2]}/" in arn:
        return Operator(arn, stack.client)
    with needing("sts:AssumeRole", role):
        granted = sts.assume_role(RoleArn=role, RoleSessionName=_session_name(arn))["Credentials"]
    session: Any = boto3.Session(
        granted["AccessKeyId"],
        granted["SecretAccessKey"],
        granted["SessionToken"],
        region_name=sts.meta.region_name,
    )
    return Operator(arn, lambda service: session.client(service, endpoint_url=stack.endpoint_url))


def _session_name(arn: str) -> str:
    """Returns the last part of the identity's ARN: CloudTrail shows it with every call of the role."""
    return re.sub(r"[^A-Za-z0-9_=,.@-]", "-", re.split("[/:]", arn)[-1])[-SESSION_NAME_CHARACTERS:].ljust(2, "-")
