"""Credentials for a function in a container, limited to the deployed function's own policies.

The function's role trusts only Lambda. So a copy of the role that trusts the local cloud's root user exists while the
command runs.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import REGION, Aws

_SECONDS = 12 * 60 * 60  # the longest session that STS allows


@contextmanager
def copied(aws: Aws, role_arn: str, name: str, replaced: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yields environment variables with credentials of a copy called `name`, with `replaced` ARNs in its policies."""
    iam = aws.client("iam")
    _forget(iam, name)
    try:
        trust = {"Effect": "Allow", "Principal": {"AWS": _root_of(role_arn)}, "Action": "sts:AssumeRole"}
        arn = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=_document(trust), MaxSessionDuration=_SECONDS
        )["Role"]["Arn"]  # fmt: skip
        original = role_arn.rpartition("/")[2]
        for policy in iam.list_role_policies(RoleName=original)["PolicyNames"]:
            document = json.dumps(iam.get_role_policy(RoleName=original, PolicyName=policy)["PolicyDocument"])
            for old, new in replaced.items():
                document = document.replace(json.dumps(old), json.dumps(new))
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
        yield _credentials(aws, arn)
    finally:
        with suppress(BotoCoreError):  # the emulator may have stopped, and the role is gone with it
            _forget(iam, name)


def _credentials(aws: Aws, arn: str) -> dict[str, str]:
    taken = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="sam-local", DurationSeconds=_SECONDS)
    return {
        "AWS_ACCESS_KEY_ID": taken["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": taken["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": taken["Credentials"]["SessionToken"],
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def _forget(iam: Any, name: str) -> None:
    """Deletes the copy, also one that a killed command left behind."""
    with suppress(ClientError):
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


def _root_of(role_arn: str) -> str:
    return f"arn:aws:iam::{role_arn.split(':')[4]}:root"


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
