"""A Hasura server on loopback with real connections, optional TLS, and configurable faults.

The table is the fake of tests/unit/user_sync/fakes.py; local/hasura is a stand-in over a real database.
"""

import json
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.unit.user_sync.fakes import ADMIN_SECRET, FakeUsers, http_answer, refusal
from user_sync.hasura_client import HasuraClient

type Fault = Callable[["Session", "Request"], None]


@dataclass(frozen=True)
class Request:
    """A received POST request."""

    start: str
    headers: dict[str, str]
    content: dict[str, object]


class HangupError(Exception):
    """Closes the connection."""


@dataclass
class Session:
    """One connection, as passed to a fault."""

    socket: socket.socket
    ended: Event

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def hang(self) -> None:
        """Waits until the client disconnects or the test ends."""
        self.socket.settimeout(0.05)
        while not self.ended.is_set():
            with suppress(TimeoutError):
                if not self.socket.recv(1):
                    raise HangupError
        raise HangupError


@dataclass
class HasuraServer:
    """Applies one of `faults` to each of the next requests, then answers like Hasura."""

    port: int
    tls: ssl.SSLContext | None = None
    users: FakeUsers = field(default_factory=FakeUsers)
    admin_secret: str = ADMIN_SECRET
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    handshakes: int = 0
    ended: Event = field(default_factory=Event)
    connection_ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/v1/graphql"

    def serve_connection(self, connection: socket.socket) -> None:
        """Serves one connection until it ends."""
        with connection, suppress(OSError, HangupError):
            connection.settimeout(30)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.handshakes += 1
            with connection, connection.makefile("rb") as reader:
                while request := _read(reader):
                    self.requests.append(request)
                    fault = self.faults.popleft() if self.faults else self.answer
                    fault(Session(connection, self.ended), request)
        self.connection_ended.set()

    def answer(self, session: Session, request: Request) -> None:
        session.send(http_answer(self._result(request)))

    def _result(self, request: Request) -> dict[str, object]:
        if request.headers["x-hasura-admin-secret"] != self.admin_secret:
            return refusal("access-denied", 'invalid "x-hasura-admin-secret"/"x-hasura-access-key"')
        variables = request.content["variables"]
        assert isinstance(variables, dict)
        if variables["user"].get("email") == "taken@example.org":
            message = 'Uniqueness violation. duplicate key value violates unique constraint "users_email_key"'
            return refusal("constraint-violation", message)
        written = self.users.upsert(variables, 0)
        return {"data": {"insert_users_one": {"id": variables["user"]["id"]} if written else None}}


def _read(reader) -> Request | None:
    start = reader.readline().decode().strip()
    headers = {}
    while line := reader.readline().decode().strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return Request(start, headers, json.loads(reader.read(int(headers["content-length"])))) if start else None


def answering(content: bytes) -> Fault:
    """Sends this content for any request."""
    return lambda session, request: session.send(content)


def hanging_after(content: bytes) -> Fault:
    """Sends this content and then hangs."""

    def hang(session: Session, request: Request) -> None:
        session.send(content)
        session.hang()

    return hang


def dripping(session: Session, request: Request) -> None:
    """Sends single bytes slowly, so that no socket time-out occurs."""
    session.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not session.ended.wait(0.01):
        session.send(b".")


def disconnecting(session: Session, request: Request) -> None:
    raise HangupError


def close_idle_connections(hasura: HasuraClient) -> None:
    """Closes the idle connection, which in Lambda ends with the execution environment."""
    for idle in hasura._idle:
        idle.http.close()


@contextmanager
def hasura_server(tls: ssl.SSLContext | None = None) -> Iterator[HasuraServer]:
    """Runs a server until the end of the block, and then ends all its connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = HasuraServer(listener.getsockname()[1], tls)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    server.connections += 1
                    Thread(target=server.serve_connection, args=[connection], daemon=True).start()

        Thread(target=serve, daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            listener.shutdown(socket.SHUT_RDWR)
