"""Real connections to Hasura: reuse, TLS verification, and time limits."""

import datetime as dt
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from tests.integration.user_sync.conftest import server_context
from tests.integration.user_sync.hasura_server import (
    HasuraServer,
    answering,
    close_idle_connections,
    disconnecting,
    dripping,
    hanging_after,
    hasura_server,
)
from tests.unit.user_sync.fakes import ADMIN_SECRET, COLUMNS, SUB, FakeRetryQueue, ada, http_answer
from user_sync import service
from user_sync.credentials import Credentials
from user_sync.hasura_client import HasuraClient
from user_sync.ports import UnavailableError
from user_sync.service import Outcome, UserSync
from user_sync.users import upsert_variables

WRITTEN = http_answer({"data": {"insert_users_one": {"id": SUB}}})
SLOW = [
    pytest.param(hanging_after(b""), id="before the answer"),
    pytest.param(hanging_after(b"HTTP/1.1 200 OK\r\nContent-Le"), id="within the headers"),
    pytest.param(hanging_after(WRITTEN[:-5]), id="within the content"),
]


class FixedCredentials:
    """Credentials of one server, which never change."""

    def __init__(self, server: HasuraServer, host: str = "127.0.0.1") -> None:
        self._credentials = Credentials(server.tls is not None, host, server.port, "/v1/graphql", ADMIN_SECRET)

    def current(self) -> Credentials:
        return self._credentials

    refresh = current


type Connect = Callable[..., HasuraClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Creates clients of a server; their idle connections are closed after the test."""
    clients: list[HasuraClient] = []

    def to(server: HasuraServer, host: str = "127.0.0.1") -> HasuraClient:
        clients.append(HasuraClient(FixedCredentials(server, host)))
        return clients[-1]

    yield to
    for hasura in clients:
        close_idle_connections(hasura)


def upsert(hasura: HasuraClient, seconds: float = 30) -> bool:
    return hasura.upsert(upsert_variables(ada(), COLUMNS), time.monotonic() + seconds)


def sign_in(hasura: HasuraClient) -> Outcome:
    """Signs in through the rules, which limit the total time."""
    return UserSync(hasura, FakeRetryQueue(), COLUMNS).sync_sign_in(ada()).outcome


def test_many_sign_ins_share_one_connection_and_handshake(connect, tls_server):
    hasura = connect(tls_server)
    assert [sign_in(hasura) for _ in range(5)] == [Outcome.WRITTEN, *[Outcome.STALE] * 4]
    assert (tls_server.connections, tls_server.handshakes, len(tls_server.requests)) == (1, 1, 5)
    assert {request.start for request in tls_server.requests} == {"POST /v1/graphql HTTP/1.1"}


def test_connection_is_kept_after_an_error(connect, tls_server):
    tls_server.faults.extend([answering(http_answer({"errors": []}, 500)), answering(http_answer(b"<html>", 502))])
    hasura = connect(tls_server)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            upsert(hasura)
    assert upsert(hasura)
    assert (tls_server.connections, len(tls_server.requests)) == (1, 3)


def close_with_reset(connection: socket.socket) -> None:
    """Makes close() reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("before_close", [lambda connection: None, close_with_reset], ids=["closed", "reset"])
@pytest.mark.parametrize("which", ["server", "tls_server"])
def test_closed_idle_connection_is_replaced(connect, which, before_close: Callable[[socket.socket], None], request):
    server: HasuraServer = request.getfixturevalue(which)
    leave = threading.Event()

    def answer_and_leave(session, asked):
        server.answer(session, asked)
        assert leave.wait(30)
        before_close(session.socket)
        disconnecting(session, asked)

    server.faults.append(answer_and_leave)
    hasura = connect(server)
    assert upsert(hasura)
    leave.set()
    assert server.connection_ended.wait(30)
    assert upsert(hasura) is False
    assert (server.connections, len(server.requests)) == (2, 2)


def test_connection_close_header_is_respected(connect, server):
    server.faults.append(answering(http_answer({"data": {"insert_users_one": None}}, 200, "Connection: close")))
    hasura = connect(server)
    upsert(hasura)
    upsert(hasura)
    assert server.connections == 2


def test_new_connection_closed_without_answer_is_an_outage(connect, server):
    server.faults.append(disconnecting)
    with pytest.raises(UnavailableError, match="RemoteDisconnected"):
        upsert(connect(server))
    assert server.connections == 1


@pytest.mark.parametrize("fault", SLOW)
@pytest.mark.parametrize("which", ["server", "tls_server"])
def test_hanging_server_is_disconnected(connect, which, fault, request):
    server: HasuraServer = request.getfixturevalue(which)
    server.faults.append(fault)
    hasura = connect(server)
    with pytest.raises(UnavailableError, match="TimeoutError"):
        upsert(hasura, seconds=1)
    assert upsert(hasura)
    assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize("fault", [*SLOW, pytest.param(dripping, id="byte by byte")])
def test_slow_server_is_abandoned_and_the_next_sign_in_reconnects(connect, server, fault, monkeypatch):
    """A server that sends byte by byte never triggers a socket time-out."""
    server.faults.append(fault)
    hasura = connect(server)
    with monkeypatch.context() as patched:
        patched.setattr(service, "WRITE_BUDGET_SECONDS", 1)
        assert sign_in(hasura) is Outcome.PUT_OFF
    assert sign_in(hasura) is Outcome.WRITTEN
    assert (server.connections, len(server.requests)) == (2, 2)


def test_hanging_handshake_is_abandoned(connect, monkeypatch, trusted):
    monkeypatch.setattr(service, "WRITE_BUDGET_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = HasuraServer(silent.getsockname()[1], server_context(trusted.issue_cert("127.0.0.1")))
        assert sign_in(connect(mute)) is Outcome.PUT_OFF


def test_refused_connection_is_an_outage(connect, server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = HasuraServer(listener.getsockname()[1])
    with pytest.raises(UnavailableError, match="ConnectionRefusedError"):
        upsert(connect(gone))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed_with_the_secret(connect, server, status):
    with hasura_server() as elsewhere:
        server.faults.append(answering(http_answer(b"", status, f"Location: {elsewhere.url}")))
        with pytest.raises(UnavailableError, match=f"status {status}"):
            upsert(connect(server))
        assert elsewhere.connections == 0


def test_endless_answer_is_disconnected(connect, server):
    def send_endlessly(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            session.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")

    server.faults.append(send_endlessly)
    with pytest.raises(UnavailableError, match="too long"):
        upsert(connect(server))


def test_chunked_answer_is_read_and_the_connection_kept(connect, server):
    content = WRITTEN.partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:7], content[7:]))
    server.faults.append(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"))
    hasura = connect(server)
    assert upsert(hasura)
    upsert(hasura)
    assert server.connections == 1


def expect_refused_certificate(connect, certificate: trustme.LeafCert, host: str = "127.0.0.1") -> None:
    with hasura_server(server_context(certificate)) as server:
        with pytest.raises(UnavailableError, match="SSLCertVerificationError"):
            upsert(connect(server, host))
        assert server.connections == 1
        assert server.requests == []


def test_certificate_of_an_unknown_authority_is_refused(trusted, connect):
    expect_refused_certificate(connect, trustme.CA().issue_cert("127.0.0.1"))


@pytest.mark.parametrize("name", ["hasura.example.org", "127.0.0.2"])
def test_certificate_for_another_host_is_refused(trusted, connect, name):
    expect_refused_certificate(connect, trusted.issue_cert(name))


def test_expired_certificate_is_refused(trusted, connect):
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    expect_refused_certificate(connect, trusted.issue_cert("127.0.0.1", not_before=yesterday, not_after=yesterday))


def test_certificate_for_the_host_name_is_accepted(connect, trusted):
    with hasura_server(server_context(trusted.issue_cert("localhost"))) as server:
        assert upsert(connect(server, "localhost"))
