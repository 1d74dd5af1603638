"""Fakes of the systems that user_sync calls."""

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
    """The table users, which keeps newer data; `broken` is raised or called first."""

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
class FakeRetryQueue:
    """The retry queue and the dead-letter queue; `broken` is raised or called first."""

    messages: list[str] = field(default_factory=list)
    dead_letters: list[tuple[str, str]] = field(default_factory=list)
    delays: list[list[tuple[str, int]]] = field(default_factory=list)
    broken: Exception | Callable[[], None] | None = None

    def enqueue(self, message: str) -> None:
        self._break()
        self.messages.append(message)

    def dead_letter(self, message: str, reason: str) -> None:
        self._break()
        self.dead_letters.append((message, reason))

    def delay(self, delays: Sequence[tuple[str, int]]) -> None:
        self._break()
        self.delays.append(list(delays))

    def _break(self) -> None:
        if isinstance(self.broken, Exception):
            raise self.broken
        if self.broken:
            self.broken()


@dataclass
class FakeCredentials:
    """Returns the first secret, and after each refresh the next one."""

    secrets: list[str] = field(default_factory=lambda: [ADMIN_SECRET])
    down: bool = False
    refreshes: int = 0

    def current(self) -> Credentials:
        return Credentials(tls=False, host="hasura.invalid", port=80, path="/v1/graphql", admin_secret=self.secrets[0])

    def refresh(self) -> Credentials:
        self.refreshes += 1
        if self.down:
            raise UnavailableError("secret x: InternalServiceError")
        if len(self.secrets) > 1:
            self.secrets.pop(0)
        return self.current()


@dataclass
class FakeSocket:
    """Records what is sent, and answers with fixed bytes."""

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
    """Returns an HTTP/1.1 response; content that is not bytes is sent as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def refusal(code: object, message: object = "no") -> dict[str, Any]:
    """Returns an error of Hasura."""
    return {"errors": [{"message": message, "extensions": {"path": "$", "code": code}}]}


def sqs_record(body: str, receives: int = 1, number: int = 1) -> dict[str, Any]:
    """Returns a message as SQS delivers it to Lambda."""
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }
