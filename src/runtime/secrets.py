"""The text of a secret in Secrets Manager, or why it cannot be had."""

from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

# What no repetition cures (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html):
# the role or the key's policy refuses, there is no such secret or it has no value yet, it is marked for deletion.
_REFUSALS = frozenset(
    {
        "AccessDeniedException",
        "DecryptionFailure",
        "InvalidParameterException",
        "InvalidRequestException",
        "ResourceNotFoundException",
    }
)


class SecretError(Exception):
    """The secret cannot be had. The message names it, never its content.

    `refused` says that somebody has to put it right: access, existence, content. Else it is an outage, which passes.
    """

    def __init__(self, cause: str, *, refused: bool) -> None:
        super().__init__(cause)
        self.refused = refused

    @property
    def metric(self) -> str:
        """What is counted of it."""
        return "SecretRefused" if self.refused else "SecretUnreachable"


class SecretsClient(Protocol):
    """The one call of botocore's Secrets Manager client that is made here."""

    def get_secret_value(self, **kwargs: Any) -> Mapping[str, Any]: ...


def read(client: SecretsClient, secret_id: str) -> str:
    """The current value; empty where it is binary. Raises SecretError."""
    try:
        secret = client.get_secret_value(SecretId=secret_id)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise SecretError(f"secret {secret_id}: {code}", refused=code in _REFUSALS) from error
    except BotoCoreError as error:
        raise SecretError(f"secret {secret_id}: {type(error).__name__}", refused=False) from error
    return str(secret.get("SecretString") or "")
