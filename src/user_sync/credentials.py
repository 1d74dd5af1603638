"""The endpoint and admin secret of Hasura, from Secrets Manager."""

import ipaddress
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runtime.secrets import CachedSecret, SecretError, SecretsClient, read_secret
from user_sync.ports import UnavailableError

_PRINTABLE = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Hasura's endpoint, in parts, and its admin secret, which the repr omits."""

    tls: bool
    host: str
    port: int
    path: str
    admin_secret: str = field(repr=False)


class SecretCredentials:
    """The secret `{"hasuraEndpoint": "https://…", "hasuraAdminSecret": "…"}`.

    While the secret cannot be read, the last value stays in use without limit: Hasura refuses it once it is wrong.
    """

    def __init__(
        self,
        client: SecretsClient,
        secret_id: str,
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[SecretError], None] = lambda _: None,
    ) -> None:
        self._secret = CachedSecret(
            secret_id,
            lambda: _parse(secret_id, read_secret(client, secret_id)),
            stale_seconds=float("inf"),
            on_failure=on_failure,
            clock=clock,
        )

    def current(self) -> Credentials:
        """Returns the cached credentials; until a first read succeeds, each call reads. Raises UnavailableError."""
        if not self._secret.is_known:
            return self.refresh()
        try:
            return self._secret.current()
        except SecretError as error:
            raise UnavailableError(str(error)) from error

    def refresh(self) -> Credentials:
        """Reads the secret now. Raises UnavailableError."""
        try:
            return self._secret.refresh()
        except SecretError as error:
            raise UnavailableError(str(error)) from error


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
    """Returns True for a loopback address: the local cloud's Hasura, which needs no TLS."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
