"""Attempts to get an answer from the load balancer of chat without Cloudflare's certificate.

Under TLS 1.3, a client's handshake succeeds before the server has looked at its certificate. So an attempt is only over
when a byte was read, or the connection was closed.
"""

import socket
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from phenom.origin_pulls.certificates import KeyPair

VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}
_PATH = "/_matrix/client/versions"
_OTHER_REASONS = ("WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "HTTP_REQUEST")


class Verdict(StrEnum):
    """`open` is the only bad news; `unknown` proves nothing."""

    REFUSED = "refused"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt and how it ended."""

    version: str
    certificate: str
    verdict: Verdict
    found: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The load balancer's address, and the host name whose certificate it must have."""

    address: str
    port: int
    host_name: str
    seconds: float = 10
    new_context: Callable[[], ssl.SSLContext] = ssl.create_default_context


def attempt(origin: Origin, version: str, certificate: str, client: KeyPair | None) -> Attempt:
    """Tries to read a byte of an answer. `certificate` names `client` for the report; None connects without one."""
    context = origin.new_context()
    context.minimum_version = context.maximum_version = VERSIONS[version]
    if client is not None:
        _load(context, client)
    verdict, found = _try(origin, context)
    return Attempt(version, certificate, verdict, found)


def _try(origin: Origin, context: ssl.SSLContext) -> tuple[Verdict, str]:
    try:
        connection = socket.create_connection((origin.address, origin.port), timeout=origin.seconds)
    except OSError as error:
        return Verdict.UNKNOWN, f"no connection to {origin.address}: {error}"
    with connection:
        try:
            with context.wrap_socket(connection, server_hostname=origin.host_name) as tls:
                tls.sendall(f"GET {_PATH} HTTP/1.1\r\nHost: {origin.host_name}\r\nConnection: close\r\n\r\n".encode())
                return _judge_answer(tls.recv(200))
        except ssl.SSLCertVerificationError as error:
            return (
                Verdict.UNKNOWN,
                f"{origin.address} has no certificate for {origin.host_name}: {error.verify_message}",
            )
        except ssl.SSLError as error:
            return _judge_error(error)
        except TimeoutError:
            return Verdict.UNKNOWN, f"no answer in {origin.seconds:g} s"
        except OSError as error:
            return Verdict.REFUSED, f"connection closed: {error}"


def _judge_answer(data: bytes) -> tuple[Verdict, str]:
    if not data:
        return Verdict.REFUSED, "connection closed without a byte"
    return Verdict.OPEN, f"answered {data.partition(b'\r\n')[0][:60].decode('latin-1')!r}"


def _judge_error(error: ssl.SSLError) -> tuple[Verdict, str]:
    reason = error.reason or type(error).__name__
    if any(other in reason for other in _OTHER_REASONS):
        return Verdict.UNKNOWN, f"no TLS connection: {reason}"
    return Verdict.REFUSED, reason


def _load(context: ssl.SSLContext, client: KeyPair) -> None:
    """Python loads certificates from files only. The key belongs to a certificate that opens nothing."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "client.pem")
        path.write_text(client.certificate + client.private_key.pem(), encoding="utf-8")
        context.load_cert_chain(path)
