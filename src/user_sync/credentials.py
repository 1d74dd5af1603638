"""Where Hasura is and what opens it, from Secrets Manager."""

import ipaddress
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runtime.secrets import SecretError, SecretsClient, read
from user_sync.ports import UnavailableError

FRESH_SECONDS = 300
RETRY_SECONDS = 15
_PRINTABLE = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Hasura's endpoint, in parts, and its admin secret, which no repr shows."""

    tls: bool
    host: str
    port: int
    path: str
    admin_secret: str = field(repr=False)


class SecretCredentials:
    """The secret `{"hasuraEndpoint": "https://…", "hasuraAdminSecret": "…"}`, read at most once in FRESH_SECONDS.

    While it cannot be read, what was read before goes on to serve: Hasura itself says when it no longer does. The read
    is tried again every RETRY_SECONDS at the most, so that not everybody who signs in waits for it. `on_failure` hears
    of every read that fails, also while nobody suffers from it yet.
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
        self._known: Credentials | None = None
        self._next_read = float("-inf")

    def current(self) -> Credentials:
        """Raises UnavailableError."""
        if self._known is None or self._clock() >= self._next_read:
            # Before the attempt: one that hangs is abandoned, and the next to sign in must not wait for another.
            self._next_read = self._clock() + RETRY_SECONDS
            try:
                return self.renewed()
            except UnavailableError:
                if self._known is None:
                    raise
        return self._known

    def renewed(self) -> Credentials:
        """Read again at once, for Hasura refused what was known. Raises UnavailableError."""
        try:
            known = _parse(self._secret_id, read(self._client, self._secret_id))
        except SecretError as error:
            self._on_failure(error)
            raise UnavailableError(str(error)) from error
        self._known, self._next_read = known, self._clock() + FRESH_SECONDS
        return known


def _parse(secret_id: str, text: str) -> Credentials:
    try:
        content = json.loads(text)
        endpoint, admin_secret = content["hasuraEndpoint"], content["hasuraAdminSecret"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SecretError(
            f'secret {secret_id} must be {{"hasuraEndpoint": "https://…", "hasuraAdminSecret": "…"}}', refused=True
        ) from None
    if not isinstance(admin_secret, str) or not _PRINTABLE.fullmatch(admin_secret):
        raise SecretError(f"secret {secret_id}: hasuraAdminSecret must be printable ASCII without spaces", refused=True)
    return _parse_endpoint(secret_id, endpoint, admin_secret)


def _parse_endpoint(secret_id: str, endpoint: object, admin_secret: str) -> Credentials:
    wrong = SecretError(
        f"secret {secret_id}: hasuraEndpoint must be a URL such as https://host/v1/graphql", refused=True
    )
    if not isinstance(endpoint, str) or not _PRINTABLE.fullmatch(endpoint):
        raise wrong
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None or parts.fragment:
        raise wrong
    tls = parts.scheme == "https"
    if not tls and not _is_loopback(parts.hostname):
        raise SecretError(
            f"secret {secret_id}: hasuraEndpoint must be https, or the admin secret could be read", refused=True
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Credentials(tls, parts.hostname, port or (443 if tls else 80), path, admin_secret)


def _is_loopback(host: str) -> bool:
    """What never leaves the machine needs no TLS: the local cloud's Hasura."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
