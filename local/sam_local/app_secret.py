"""A copy of the app secret for a function in a container, which reaches Hasura over TLS.

user_sync does not send Hasura's admin secret over plain HTTP except to loopback (`hasuraEndpoint must be https`), and a
container cannot use the host's loopback. So the forwarder speaks TLS to the container, with a certificate of an
authority that exists as long as the command and that only this function's package trusts. The copy of the secret names
that endpoint.
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
    """The copy's ARN, the forwarder's route to Hasura, and the authority's certificate in PEM."""

    arn: str
    route: Route
    authority: bytes = field(repr=False)


@contextmanager
def copied(aws: Aws, original: str, name: str, gateway: str) -> Iterator[AppSecret]:
    """Yields a copy of the secret called `name`; deletes it at the end."""
    secrets_manager = aws.client("secretsmanager")
    content = json.loads(secrets_manager.get_secret_value(SecretId=original)["SecretString"])
    endpoint = urlsplit(content["hasuraEndpoint"])
    assert endpoint.port is not None  # the local Hasura stand-in has no default port
    content["hasuraEndpoint"] = endpoint._replace(scheme="https", netloc=f"{gateway}:{endpoint.port}").geturl()
    _forget(secrets_manager, name)
    try:
        arn = secrets_manager.create_secret(Name=name, SecretString=json.dumps(content))["ARN"]
        authority = trustme.CA()
        route = Route(endpoint.port, endpoint.port, _server_context(authority, gateway))
        yield AppSecret(arn, route, authority.cert_pem.bytes())
    finally:
        with suppress(BotoCoreError):  # the emulator may have stopped, and the secret is gone with it
            _forget(secrets_manager, name)


def _server_context(authority: trustme.CA, address: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(address).configure_cert(context)
    return context


def _forget(secrets_manager: Any, name: str) -> None:
    with suppress(secrets_manager.exceptions.ResourceNotFoundException):
        secrets_manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
