"""Hasura over real connections: kept between calls, verified, and given up when they hang."""

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
    dripping,
    hang_up,
    hanging_after,
    hanging_up,
    hasura_server,
    saying,
)
from tests.unit.user_sync.fakes import ADMIN_SECRET, COLUMNS, SUB, FakeLater, ada, http_answer
from user_sync import service
from user_sync.credentials import Credentials
from user_sync.hasura import Hasura
from user_sync.ports import UnavailableError
from user_sync.service import Outcome, UserSync
from user_sync.users import variables

WRITTEN = http_answer({"data": {"insert_users_one": {"id": SUB}}})
SLOW = [
    pytest.param(hanging_after(b""), id="before the answer"),
    pytest.param(hanging_after(b"HTTP/1.1 200 OK\r\nContent-Le"), id="within the headers"),
    pytest.param(hanging_after(WRITTEN[:-5]), id="within the content"),
]


class Known:
    """One endpoint, which never changes."""

    def __init__(self, server: HasuraServer, host: str = "127.0.0.1") -> None:
        self._credentials = Credentials(server.tls is not None, host, server.port, "/v1/graphql", ADMIN_SECRET)

    def current(self) -> Credentials:
        return self._credentials

    refresh = current


type Reach = Callable[..., Hasura]


@pytest.fixture
def reach() -> Iterator[Reach]:
    """Makes Hasura's client for a server; what it keeps open is closed after the test."""
    made: list[Hasura] = []

    def to(server: HasuraServer, host: str = "127.0.0.1") -> Hasura:
        made.append(Hasura(Known(server, host)))
        return made[-1]

    yield to
    for hasura in made:
        hang_up(hasura)


def upsert(hasura: Hasura, seconds: float = 30) -> bool:
    return hasura.upsert(variables(ada(), COLUMNS), time.monotonic() + seconds)


def sign_in(hasura: Hasura) -> Outcome:
    """Through the rules, which limit the whole of it."""
    return UserSync(hasura, FakeLater(), COLUMNS).signed_in(ada()).outcome


def test_one_connection_and_one_handshake_serve_many_sign_ins(reach, tls_server):
    hasura = reach(tls_server)
    assert [sign_in(hasura) for _ in range(5)] == [Outcome.WRITTEN, *[Outcome.STALE] * 4]
    assert (tls_server.connections, tls_server.handshakes, len(tls_server.requests)) == (1, 1, 5)
    assert {request.start for request in tls_server.requests} == {"POST /v1/graphql HTTP/1.1"}


def test_even_an_error_keeps_the_connection(reach, tls_server):
    tls_server.habits.extend([saying(http_answer({"errors": []}, 500)), saying(http_answer(b"<html>", 502))])
    hasura = reach(tls_server)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            upsert(hasura)
    assert upsert(hasura)
    assert (tls_server.connections, len(tls_server.requests)) == (1, 3)


def reset(connection: socket.socket) -> None:
    """Without a word: the client's next packet is answered with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("abruptly", [lambda connection: None, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("which", ["server", "tls_server"])
def test_a_connection_that_was_closed_meanwhile_costs_nothing_but_a_new_one(
    reach, which, abruptly: Callable[[socket.socket], None], request
):
    server: HasuraServer = request.getfixturevalue(which)
    leave = threading.Event()

    def answer_and_leave(session, asked):
        server.answer(session, asked)
        assert leave.wait(30)
        abruptly(session.socket)
        hanging_up(session, asked)

    server.habits.append(answer_and_leave)
    hasura = reach(server)
    assert upsert(hasura)
    leave.set()
    assert server.hung_up.wait(30)
    assert upsert(hasura) is False
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_server_that_says_that_it_will_hang_up_is_believed(reach, server):
    server.habits.append(saying(http_answer({"data": {"insert_users_one": None}}, 200, "Connection: close")))
    hasura = reach(server)
    upsert(hasura)
    upsert(hasura)
    assert server.connections == 2


def test_a_new_connection_that_is_closed_without_an_answer_is_an_outage(reach, server):
    server.habits.append(hanging_up)
    with pytest.raises(UnavailableError, match="RemoteDisconnected"):
        upsert(reach(server))
    assert server.connections == 1


@pytest.mark.parametrize("habit", SLOW)
@pytest.mark.parametrize("which", ["server", "tls_server"])
def test_a_server_that_hangs_is_hung_up_on(reach, which, habit, request):
    server: HasuraServer = request.getfixturevalue(which)
    server.habits.append(habit)
    hasura = reach(server)
    with pytest.raises(UnavailableError, match="TimeoutError"):
        upsert(hasura, seconds=1)
    assert upsert(hasura)
    assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize("habit", [*SLOW, pytest.param(dripping, id="byte by byte")])
def test_the_whole_budget_holds_and_the_next_sign_in_has_a_connection_of_its_own(reach, server, habit, monkeypatch):
    """Of a server that drips, no time-out of a socket would ever tell."""
    server.habits.append(habit)
    hasura = reach(server)
    with monkeypatch.context() as hurried:
        hurried.setattr(service, "WRITE_SECONDS", 1)
        assert sign_in(hasura) is Outcome.PUT_OFF
    assert sign_in(hasura) is Outcome.WRITTEN
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_handshake_that_hangs_is_within_the_budget(reach, monkeypatch, trusted):
    monkeypatch.setattr(service, "WRITE_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = HasuraServer(silent.getsockname()[1], server_context(trusted.issue_cert("127.0.0.1")))
        assert sign_in(reach(mute)) is Outcome.PUT_OFF


def test_nobody_listening_is_an_outage(reach, server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = HasuraServer(listener.getsockname()[1])
    with pytest.raises(UnavailableError, match="ConnectionRefusedError"):
        upsert(reach(gone))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_lest_the_secret_go_astray(reach, server, status):
    with hasura_server() as elsewhere:
        server.habits.append(saying(http_answer(b"", status, f"Location: {elsewhere.url}")))
        with pytest.raises(UnavailableError, match=f"status {status}"):
            upsert(reach(server))
        assert elsewhere.connections == 0


def test_an_answer_without_end_is_hung_up_on(reach, server):
    def babble(session, request):
        session.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            session.say(b"1000\r\n" + b" " * 0x1000 + b"\r\n")

    server.habits.append(babble)
    with pytest.raises(UnavailableError, match="too long"):
        upsert(reach(server))


def test_an_answer_in_chunks_is_read_and_the_connection_kept(reach, server):
    content = WRITTEN.partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:7], content[7:]))
    server.habits.append(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"))
    hasura = reach(server)
    assert upsert(hasura)
    upsert(hasura)
    assert server.connections == 1


def refused_certificate(reach, certificate: trustme.LeafCert, host: str = "127.0.0.1") -> None:
    with hasura_server(server_context(certificate)) as server:
        with pytest.raises(UnavailableError, match="SSLCertVerificationError"):
            upsert(reach(server, host))
        assert server.connections == 1
        assert server.requests == []


def test_a_certificate_of_an_unknown_authority_gets_no_secret(trusted, reach):
    refused_certificate(reach, trustme.CA().issue_cert("127.0.0.1"))


@pytest.mark.parametrize("name", ["hasura.example.org", "127.0.0.2"])
def test_a_certificate_for_another_host_gets_no_secret(trusted, reach, name):
    refused_certificate(reach, trusted.issue_cert(name))


def test_a_certificate_that_has_expired_gets_no_secret(trusted, reach):
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    refused_certificate(reach, trusted.issue_cert("127.0.0.1", not_before=yesterday, not_after=yesterday))


def test_a_certificate_for_a_name_is_good_for_that_name(reach, trusted):
    with hasura_server(server_context(trusted.issue_cert("localhost"))) as server:
        assert upsert(reach(server, "localhost"))
