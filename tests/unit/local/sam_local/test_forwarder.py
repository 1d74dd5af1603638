"""Connections through the forwarder, with loopback addresses in place of a Docker network's."""

import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest
import trustme

from local import ports
from local.progress import TroubleError
from local.sam_local.docker_engine import Network
from local.sam_local.forwarder import Route, forwarding

GATEWAY = "127.0.0.2"
NETWORK = Network("network", GATEWAY, IPv4Network("127.0.0.0/8"))
MEGABYTE = b"x" * 2**20


def said(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def echo() -> Iterator[int]:
    """Returns the port of a server that sends everything back when its client has finished."""

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(said(connection))

    with socket.create_server((ports.LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_both_directions_are_forwarded_completely(echo):
    with forwarding(NETWORK, [Route(echo, echo)]):
        with socket.create_connection((GATEWAY, echo), timeout=20) as connection:
            threading.Thread(target=lambda: (connection.sendall(MEGABYTE), connection.shutdown(socket.SHUT_WR))).start()
            assert said(connection) == MEGABYTE
        with socket.create_connection((GATEWAY, echo), timeout=20) as connection:
            connection.shutdown(socket.SHUT_WR)
            assert said(connection) == b""


def test_forwarder_with_a_certificate_speaks_tls():
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(GATEWAY).configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with (
            forwarding(NETWORK, [Route(port, port, context)]),
            socket.create_connection((GATEWAY, port), timeout=20) as plain,
            trusting.wrap_socket(plain, server_hostname=GATEWAY) as connection,
        ):
            connection.sendall(b"hello")
            behind, _ = server.accept()
            with behind:
                assert behind.recv(5) == b"hello"
                behind.sendall(b"goodbye")
            assert said(connection) == b"goodbye"


def test_connection_from_elsewhere_is_closed(echo, monkeypatch):
    monkeypatch.setattr(ports, "is_own_address", lambda address: False)
    elsewhere = Network("network", GATEWAY, IPv4Network("172.31.0.0/16"))
    with (
        forwarding(elsewhere, [Route(echo, echo)]),
        socket.create_connection((GATEWAY, echo), timeout=20) as connection,
    ):
        assert said(connection) == b""


def test_connection_to_a_missing_server_is_closed():
    gone = ports.any_free()
    with (
        forwarding(NETWORK, [Route(gone, gone)]),
        socket.create_connection((GATEWAY, gone), timeout=20) as connection,
    ):
        assert said(connection) == b""


def test_closing_stops_listening_and_ends_connections():
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with forwarding(NETWORK, [Route(port, port)]):
            connection = socket.create_connection((GATEWAY, port), timeout=20)
            behind, _ = server.accept()
        with connection, behind:
            assert said(connection) == said(behind) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((GATEWAY, port), timeout=20)


def test_port_in_use_is_reported():
    with socket.create_server((GATEWAY, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(TroubleError, match=f"Port {port} at {GATEWAY}"), forwarding(NETWORK, [Route(port, port)]):
            pass
