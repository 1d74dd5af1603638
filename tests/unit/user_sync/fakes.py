"""Stand-ins for what the user sync talks to."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from user_sync.credentials import Credentials
from user_sync.ports import UnavailableError
from user_sync.settings import DEFAULT_COLUMNS
from user_sync.users import User

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUB = "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"
ADMIN_SECRET = "correct-horse-battery-staple"
COLUMNS = DEFAULT_COLUMNS
ADA: Mapping[str, str] = {
    "sub": SUB,
    "email": "ada@example.org",
    "email_verified": "true",
    "name": "Ada Lovelace",
    "locale": "en-GB",
    "cognito:user_status": "CONFIRMED",
}


def ada(at: datetime = NOON, *, signed_in: bool = True, **attributes: str) -> User:
    return User(SUB, {**ADA, **attributes}, at, signed_in)


@dataclass
class FakeUsers:
    """The table, with its guard against older data; `broken` is raised or called instead."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: Exception | Callable[[], None] | None = None
    deadlines: list[float] = field(default_factory=list)

    def upsert(self, variables: dict[str, Any], deadline: float) -> bool:
        self.deadlines.append(deadline)
        if isinstance(self.broken, Exception):
            raise self.broken
        if self.broken:
            self.broken()
        user, guard = variables["user"], variables["on_conflict"]["where"]["synced_at"]["_lt"]
        row = self.rows.get(user["id"])
        if row is not None and not row["synced_at"] < guard:
            return False
        updates = variables["on_conflict"]["update_columns"]
        self.rows[user["id"]] = dict(user) if row is None else row | {name: user[name] for name in updates}
        return True


@dataclass
class FakeLater:
    """The queue and the dead letters; `broken` is raised or called instead."""

    messages: list[str] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)
    waits: list[list[tuple[str, int]]] = field(default_factory=list)
    broken: Exception | Callable[[], None] | None = None

    def put_off(self, message: str) -> None:
        self._break()
        self.messages.append(message)

    def give_up(self, message: str, reason: str) -> None:
        self._break()
        self.given_up.append((message, reason))

    def wait(self, waits: Sequence[tuple[str, int]]) -> None:
        self._break()
        self.waits.append(list(waits))

    def _break(self) -> None:
        if isinstance(self.broken, Exception):
            raise self.broken
        if self.broken:
            self.broken()


@dataclass
class FakeCredentials:
    """Knows one secret, and after a renewal the next."""

    secrets: list[str] = field(default_factory=lambda: [ADMIN_SECRET])
    down: bool = False
    renewals: int = 0

    def current(self) -> Credentials:
        return Credentials(tls=False, host="hasura.invalid", port=80, path="/v1/graphql", admin_secret=self.secrets[0])

    def refresh(self) -> Credentials:
        self.renewals += 1
        if self.down:
            raise UnavailableError("secret x: InternalServiceError")
        if len(self.secrets) > 1:
            self.secrets.pop(0)
        return self.current()


@dataclass
class FakeSocket:
    """Takes what is sent, and answers with bytes that were there from the beginning."""

    answer: bytes
    sent: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def makefile(self, mode: str) -> io.BytesIO:
        assert mode == "rb"
        return io.BytesIO(self.answer)

    def close(self) -> None:
        self.closed = True


def http_answer(content: object, status: int = 200, *headers: str) -> bytes:
    """An answer of HTTP/1.1 with this content, as JSON where it is not bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def refusal(code: object, message: object = "no") -> dict[str, Any]:
    """Hasura's answer to what it does not do."""
    return {"errors": [{"message": message, "extensions": {"path": "$", "code": code}}]}


def sqs_record(body: str, receives: int = 1, number: int = 1) -> dict[str, Any]:
    """A message as Lambda gets it from SQS."""
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }
