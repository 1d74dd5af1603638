"""A server on loopback in Hasura's place: real connections, TLS where it is given certificates, and every bad habit.

It keeps the table as tests/unit/user_sync/fakes.py does; local/ has a stand-in over a real database.
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
from user_sync.hasura import Hasura

type Habit = Callable[["Session", "Request"], None]


@dataclass(frozen=True)
class Request:
    """What one POST brought."""

    start: str
    headers: dict[str, str]
    content: dict[str, object]


class HangupError(Exception):
    """The server ends the connection."""


@dataclass
class Session:
    """One connection, as a habit sees it."""

    socket: socket.socket
    ended: Event

    def say(self, content: bytes) -> None:
        self.socket.sendall(content)

    def wait(self) -> None:
        """Until the client hangs up or the test is over."""
        self.socket.settimeout(0.05)
        while not self.ended.is_set():
            with suppress(TimeoutError):
                if not self.socket.recv(1):
                    raise HangupError
        raise HangupError


@dataclass
class HasuraServer:
    """`habits` are for the next requests, one each; after them it answers as Hasura does."""

    port: int
    tls: ssl.SSLContext | None = None
    users: FakeUsers = field(default_factory=FakeUsers)
    admin_secret: str = ADMIN_SECRET
    habits: deque[Habit] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    handshakes: int = 0
    ended: Event = field(default_factory=Event)
    hung_up: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/v1/graphql"

    def greet(self, connection: socket.socket) -> None:
        """A connection from its beginning to its end."""
        with connection, suppress(OSError, HangupError):
            connection.settimeout(30)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.handshakes += 1
            with connection, connection.makefile("rb") as reader:
                while request := _read(reader):
                    self.requests.append(request)
                    habit = self.habits.popleft() if self.habits else self.answer
                    habit(Session(connection, self.ended), request)
        self.hung_up.set()

    def answer(self, session: Session, request: Request) -> None:
        session.say(http_answer(self._result(request)))

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


def saying(content: bytes) -> Habit:
    """Says this, whatever it was asked."""
    return lambda session, request: session.say(content)


def hanging_after(content: bytes) -> Habit:
    """Says this, and nothing more."""

    def hang(session: Session, request: Request) -> None:
        session.say(content)
        session.wait()

    return hang


def dripping(session: Session, request: Request) -> None:
    """A byte now and then, so that no socket's time-out ever comes."""
    session.say(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not session.ended.wait(0.01):
        session.say(b".")


def hanging_up(session: Session, request: Request) -> None:
    raise HangupError


def hang_up(hasura: Hasura) -> None:
    """Closes what the client keeps open, which in Lambda ends with the function's environment."""
    for line in hasura._idle:
        line.connection.close()


@contextmanager
def hasura_server(tls: ssl.SSLContext | None = None) -> Iterator[HasuraServer]:
    """A server that listens until the end of the block, and then lets nobody wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = HasuraServer(listener.getsockname()[1], tls)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    server.connections += 1
                    Thread(target=server.greet, args=[connection], daemon=True).start()

        Thread(target=serve, daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            listener.shutdown(socket.SHUT_RDWR)
