"""Secrets from Secrets Manager: read, parsed and cached."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of

SECRET_REFRESH_SECONDS = 300
"""A cached secret is read again when it is this old."""

SECRET_RETRY_SECONDS = 15
"""The pause between attempts to read a secret while reading fails."""

# Errors that a retry cannot fix (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html):
# the role or the key's policy denies access, the secret or its value does not exist, it is scheduled for deletion.
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
    """The secret cannot be read or has the wrong shape. The message names the secret, never its content.

    `refused` is True when an operator has to fix access, existence or content, False for an outage that passes.
    """

    def __init__(self, cause: str, *, refused: bool) -> None:
        super().__init__(cause)
        self.refused = refused

    @property
    def metric(self) -> str:
        """The name of the metric that counts the error."""
        return "SecretRefused" if self.refused else "SecretUnreachable"


class SecretsClient(Protocol):
    """The method of botocore's Secrets Manager client that is used here."""

    def get_secret_value(self, **kwargs: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """The value of a secret, the empty string for a binary one, and the id that Secrets Manager gave this version."""

    text: str
    version_id: str

    def __repr__(self) -> str:
        return f"SecretVersion({self.version_id})"


def read_secret(client: SecretsClient, secret_id: str) -> str:
    """Returns the current value, the empty string for a binary one. Raises SecretError."""
    return read_secret_version(client, secret_id).text


def read_secret_version(client: SecretsClient, secret_id: str) -> SecretVersion:
    """Returns the current version. Raises SecretError."""
    try:
        secret = client.get_secret_value(SecretId=secret_id)
    except (ClientError, BotoCoreError) as error:
        code = code_of(error)
        raise SecretError(f"secret {secret_id}: {code}", refused=code in _REFUSALS) from error
    return SecretVersion(str(secret.get("SecretString") or ""), str(secret.get("VersionId") or ""))


class CachedSecret[T]:
    """A parsed secret, read again every SECRET_REFRESH_SECONDS.

    When reading fails, the last value stays in use for `stale_seconds` more, and the read is tried again after
    SECRET_RETRY_SECONDS, so that not every caller waits for it. `read` reads and parses the secret, and raises
    SecretError when that fails. `on_failure` is called for every failure, even while the last value hides it.
    """

    def __init__(
        self,
        secret_id: str,
        read: Callable[[], T],
        *,
        stale_seconds: float,
        on_failure: Callable[[SecretError], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret_id = secret_id
        self._read = read
        self._max_age_seconds = SECRET_REFRESH_SECONDS + stale_seconds
        self._on_failure = on_failure
        self._clock = clock
        self._value: T | None = None
        self._read_at = float("-inf")
        self._next_read = float("-inf")

    @property
    def is_known(self) -> bool:
        """True once a read has succeeded."""
        return self._value is not None

    def current(self) -> T:
        """Returns the cached value, read again when it is due. Raises SecretError."""
        now = self._clock()
        if now >= self._next_read:
            # Set before the read, so that another thread does not wait for the same one while it hangs.
            self._next_read = now + SECRET_RETRY_SECONDS
            try:
                return self.refresh()
            except SecretError:
                # And counted from its end: a read that times out may take as long as the pause.
                self._next_read = max(self._next_read, self._clock() + SECRET_RETRY_SECONDS)
                if self._usable(now) is None:
                    raise
        value = self._usable(now)
        if value is None:
            raise SecretError(f"secret {self._secret_id} could not be read a moment ago", refused=False)
        return value

    def refresh(self) -> T:
        """Reads the secret now and returns its value. Raises SecretError."""
        started = self._clock()
        try:
            value = self._read()
        except SecretError as error:
            self._on_failure(error)
            raise
        self._value, self._read_at, self._next_read = value, started, started + SECRET_REFRESH_SECONDS
        return value

    def _usable(self, now: float) -> T | None:
        return self._value if now - self._read_at <= self._max_age_seconds else None
