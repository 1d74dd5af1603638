"""The app secret as a function in a container can use it: Hasura by TLS, since it is not on loopback there.

user_sync gives Hasura's admin secret to nobody over a network that could be read (`hasuraEndpoint must be https`). So
the forwarder speaks TLS to the container, with a certificate of an authority that lives as long as the command and that
the package of this one function trusts; and a copy of the secret names that endpoint.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import trustme
from botocore.exceptions import BotoCoreError

from local.aws import Aws
from local.sam_local.forwarder import Route


@dataclass(frozen=True, slots=True)
class AppSecret:
    """The copy's ARN, the way to Hasura, and the PEM of the authority that vouches for it."""

    arn: str
    route: Route
    authority: bytes = field(repr=False)


@contextmanager
def copied(aws: Aws, original: str, name: str, gateway: str) -> Iterator[AppSecret]:
    """A copy called `name`, for as long as the command runs."""
    secrets_manager = aws.client("secretsmanager")
    content = json.loads(secrets_manager.get_secret_value(SecretId=original)["SecretString"])
    endpoint = urlsplit(content["hasuraEndpoint"])
    assert endpoint.port is not None  # of the local cloud's stand-in, which has no port by default
    content["hasuraEndpoint"] = endpoint._replace(scheme="https", netloc=f"{gateway}:{endpoint.port}").geturl()
    _forget(secrets_manager, name)
    try:
        arn = secrets_manager.create_secret(Name=name, SecretString=json.dumps(content))["ARN"]
        authority = trustme.CA()
        route = Route(endpoint.port, endpoint.port, _server_context(authority, gateway))
        yield AppSecret(arn, route, authority.cert_pem.bytes())
    finally:
        with suppress(BotoCoreError):  # the emulator may be gone, and the secret with it
            _forget(secrets_manager, name)


def _server_context(authority: trustme.CA, address: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(address).configure_cert(context)
    return context


def _forget(secrets_manager: Any, name: str) -> None:
    with suppress(secrets_manager.exceptions.ResourceNotFoundException):
        secrets_manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
