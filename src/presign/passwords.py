"""The upload passwords, from Secrets Manager."""

import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Callable

from presign.service import PasswordsUnavailableError
from runtime.secrets import SecretError, SecretsClient, read

FRESH_SECONDS = 300
STALE_SECONDS = 900
RETRY_SECONDS = 15


class SecretPasswords:
    """The passwords of the secret `{"passwords": ["…"]}`, read at most once in FRESH_SECONDS.

    While the secret cannot be read, what was read before still serves for STALE_SECONDS more, and the read is tried
    again every RETRY_SECONDS at the most, so that callers do not each wait for it. `on_failure` hears of every read
    that fails, also while nobody suffers from it yet.
    """

    def __init__(
        self,
        client: SecretsClient,
        secret_id: str,
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[SecretError], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._on_failure = on_failure
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
            passwords = _passwords(self._secret_id, read(self._client, self._secret_id))
        except SecretError as error:
            self._on_failure(error)
            raise PasswordsUnavailableError(str(error)) from error
        return tuple(_digest(password) for password in passwords)


def _passwords(secret_id: str, text: str) -> list[str]:
    try:
        content = json.loads(text)
        passwords = content["passwords"]
    except (ValueError, TypeError, KeyError):
        passwords = None
    if not isinstance(passwords, list) or not all(isinstance(p, str) and p for p in passwords):
        raise SecretError(
            f'secret {secret_id} must be {{"passwords": ["…", …]}} with non-empty strings', refused=True
        ) from None
    return passwords


def _digest(password: str) -> bytes:
    # One form (RFC 8265, section 4.2.2): keyboards differ in how they compose an umlaut.
    return hashlib.sha256(unicodedata.normalize("NFC", password).encode(errors="surrogatepass")).digest()
