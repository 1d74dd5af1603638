"""The upload passwords, from Secrets Manager."""

import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from presign.service import PasswordsUnavailableError

FRESH_SECONDS = 300
STALE_SECONDS = 900
RETRY_SECONDS = 15


class SecretsClient(Protocol):
    """The one call of botocore's Secrets Manager client that is made here."""

    def get_secret_value(self, **kwargs: Any) -> Mapping[str, Any]: ...


class SecretPasswords:
    """The passwords of the secret `{"passwords": ["…"]}`, read at most once in FRESH_SECONDS.

    While the secret cannot be read, what was read before still serves for STALE_SECONDS more, and the read is tried
    again every RETRY_SECONDS at the most, so that callers do not each wait for it.
    """

    def __init__(self, client: SecretsClient, secret_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._digests: tuple[bytes, ...] = ()
        self._read_at = float("-inf")
        self._next_read = float("-inf")

    def accept(self, candidate: str) -> bool:
        """Compares with every password in constant time. Raises PasswordsUnavailableError."""
        digest = _digest(candidate)
        matches = [hmac.compare_digest(digest, known) for known in self._current()]
        return any(matches)

    def _current(self) -> tuple[bytes, ...]:
        now = self._clock()
        if now >= self._next_read:
            try:
                self._digests = self._read()
                self._read_at = now
                self._next_read = now + FRESH_SECONDS
            except PasswordsUnavailableError:
                # From the end of the attempt: one that fails by a time-out may take as long as the pause itself.
                self._next_read = self._clock() + RETRY_SECONDS
                if now - self._read_at > FRESH_SECONDS + STALE_SECONDS:
                    raise
        if now - self._read_at > FRESH_SECONDS + STALE_SECONDS:
            raise PasswordsUnavailableError(f"secret {self._secret_id} could not be read a moment ago")
        return self._digests

    def _read(self) -> tuple[bytes, ...]:
        try:
            secret = self._client.get_secret_value(SecretId=self._secret_id)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise PasswordsUnavailableError(f"secret {self._secret_id}: {code}") from error
        except BotoCoreError as error:
            raise PasswordsUnavailableError(f"secret {self._secret_id}: {type(error).__name__}") from error
        return tuple(_digest(password) for password in _passwords(self._secret_id, secret.get("SecretString", "")))


def _passwords(secret_id: str, text: str) -> list[str]:
    try:
        content = json.loads(text)
        passwords = content["passwords"]
    except (ValueError, TypeError, KeyError):
        passwords = None
    if not isinstance(passwords, list) or not all(isinstance(p, str) and p for p in passwords):
        raise PasswordsUnavailableError(
            f'secret {secret_id} must be {{"passwords": ["…", …]}} with non-empty strings'
        ) from None
    return passwords


def _digest(password: str) -> bytes:
    # One form (RFC 8265, section 4.2.2): keyboards differ in how they compose an umlaut.
    return hashlib.sha256(unicodedata.normalize("NFC", password).encode(errors="surrogatepass")).digest()
