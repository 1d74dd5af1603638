"""The upload passwords, from Secrets Manager."""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from presign.password_entries import InvalidEntriesError, PasswordEntry, normalise, parse_entries
from presign.ports import PasswordsUnavailableError, UploadPassword
from runtime.secrets import CachedSecret, SecretError, SecretsClient, read_secret_version

PASSWORDS_STALE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry as it is kept in memory: without the password itself."""

    digest: bytes
    password: UploadPassword
    expires_at: datetime | None


class SecretPasswords:
    """The passwords in the secret `{"passwords": […]}` (docs/operations/secrets.md), cached.

    While the secret cannot be read, the cached passwords stay valid for PASSWORDS_STALE_SECONDS. `select` is called for
    the entries of every read, and returns those that may be used.
    """

    def __init__(
        self,
        client: SecretsClient,
        secret_id: str,
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[SecretError], None] = lambda _: None,
        select: Callable[[Sequence[PasswordEntry]], Sequence[PasswordEntry]] = lambda entries: entries,
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._select = select
        self._known = CachedSecret(
            secret_id, self._read, stale_seconds=PASSWORDS_STALE_SECONDS, on_failure=on_failure, clock=clock
        )

    def match(self, candidate: str) -> UploadPassword | None:
        """Returns the password that `candidate` is, compared with each in constant time; None for a wrong one.

        Raises PasswordsUnavailableError.
        """
        digest = _digest(normalise(candidate))
        try:
            known = self._known.current()
        except SecretError as error:
            raise PasswordsUnavailableError(str(error)) from error
        now = datetime.now(UTC)
        matching = [each for each in known if hmac.compare_digest(digest, each.digest)]
        return next((each.password for each in matching if each.expires_at is None or now < each.expires_at), None)

    def refresh(self) -> None:
        """Reads the secret now. A failure is given to `on_failure`, and the cached passwords stay valid."""
        with suppress(SecretError):
            self._known.refresh()

    def _read(self) -> Sequence[_Known]:
        secret = read_secret_version(self._client, self._secret_id)
        try:
            entries = parse_entries(secret.text)
        except InvalidEntriesError as error:
            raise SecretError(f"secret {self._secret_id}: {error}", refused=True) from None
        return tuple(_keep(each, secret.version_id) for each in self._select(entries))


def _keep(entry: PasswordEntry, version_id: str) -> _Known:
    # Without a label, the daily count is named after the place of the entry in this version of the secret: a name that
    # is derived from the password, even a keyed one, would let readers of the table guess it.
    counter = entry.label or f"{version_id}/{entry.index}"
    return _Known(_digest(entry.password), UploadPassword(entry.label, counter), entry.expires_at)


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode(errors="surrogatepass")).digest()
