"""The upload passwords, from Secrets Manager."""

import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress

from presign.ports import PasswordsUnavailableError
from runtime.secrets import CachedSecret, SecretError, SecretsClient, read_secret

PASSWORDS_STALE_SECONDS = 900


class SecretPasswords:
    """The passwords in the secret `{"passwords": ["…"]}`, cached.

    While the secret cannot be read, the cached passwords stay valid for PASSWORDS_STALE_SECONDS.
    """

    def __init__(
        self,
        client: SecretsClient,
        secret_id: str,
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[SecretError], None] = lambda _: None,
    ) -> None:
        self._digests = CachedSecret(
            secret_id,
            lambda: tuple(_digest(each) for each in _parse(secret_id, read_secret(client, secret_id))),
            stale_seconds=PASSWORDS_STALE_SECONDS,
            on_failure=on_failure,
            clock=clock,
        )

    def accept(self, candidate: str) -> bool:
        """Returns True when `candidate` is a password, compared with each in constant time.

        Raises PasswordsUnavailableError.
        """
        digest = _digest(candidate)
        try:
            known_digests = self._digests.current()
        except SecretError as error:
            raise PasswordsUnavailableError(str(error)) from error
        matches = [hmac.compare_digest(digest, known) for known in known_digests]
        return any(matches)

    def refresh(self) -> None:
        """Reads the secret now. A failure is given to `on_failure`, and the cached passwords stay valid."""
        with suppress(SecretError):
            self._digests.refresh()


def _parse(secret_id: str, text: str) -> list[str]:
    try:
        content = json.loads(text)
        passwords = content["passwords"]
    except (ValueError, TypeError, KeyError):
        passwords = None
    if not isinstance(passwords, list) or not all(isinstance(p, str) and p for p in passwords):
        raise SecretError(f'secret {secret_id} must be {{"passwords": ["…", …]}} with non-empty strings', refused=True)
    return passwords


def _digest(password: str) -> bytes:
    # Normalised (RFC 8265, section 4.2.2): keyboards compose an umlaut differently.
    return hashlib.sha256(unicodedata.normalize("NFC", password).encode(errors="surrogatepass")).digest()
