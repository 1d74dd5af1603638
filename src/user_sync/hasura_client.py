"""Client of Hasura's GraphQL endpoint, with one connection that stays open between invocations."""

import http.client
import json
import re
import ssl
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from user_sync.credentials import Credentials
from user_sync.ports import UnavailableError, UpsertRefusedError
from user_sync.users import UPSERT, UPSERT_FIELD

MAX_ANSWER_BYTES = 65_536
# A load balancer closes connections after 60 idle seconds (an ALB's default), and a frozen function does not notice.
MAX_IDLE_SECONDS = 50.0

_ACCESS_DENIED = "access-denied"
# Errors that a retry cannot fix (https://hasura.io/docs/2.0/api-reference/graphql-api/index/#error-codes).
_PERMANENT = frozenset(
    {"constraint-violation", "data-exception", "validation-failed", "parse-failed", "permission-error"}
)
_CODE = re.compile(r"[a-z-]{1,40}")
# The name of a part of the schema; the rest of a message may repeat personal data.
_SCHEMA_NAME = re.compile(r"""(?:constraint|column|field) ["']([A-Za-z_][A-Za-z0-9_]{0,62})["']""")


class CredentialsSource(Protocol):
    """Returns Hasura's endpoint and secret; `refresh` reads them again. Both raise UnavailableError."""

    def current(self) -> Credentials: ...
    def refresh(self) -> Credentials: ...


@dataclass(slots=True)
class _Connection:
    """An open connection, the credentials of its endpoint, and the time of its last use (monotonic clock)."""

    http: http.client.HTTPConnection
    credentials: Credentials
    last_used: float


class HasuraClient:
    """Writes users. A call may be abandoned at any point: it owns the connection that it took from the idle ones."""

    def __init__(self, credentials: CredentialsSource) -> None:
        self._credentials = credentials
        # Verifies certificates and host names. Created at the start, because loading the authorities is slow.
        self._tls = ssl.create_default_context()
        self._idle: deque[_Connection] = deque(maxlen=1)

    def upsert(self, variables: dict[str, Any], deadline: float) -> bool:
        """Implements ports.Users: returns False when the row holds newer data.

        Raises UnavailableError or UpsertRefusedError.
        """
        body = json.dumps({"query": UPSERT, "variables": variables}).encode()
        cached = self._credentials.current()
        answer = self._post(cached, body, deadline)
        if _code(answer) == _ACCESS_DENIED:
            refreshed = self._credentials.refresh()
            if refreshed != cached:
                answer = self._post(refreshed, body, deadline)
        return _was_written(answer)

    def _post(self, credentials: Credentials, body: bytes, deadline: float) -> Mapping[str, Any]:
        """Returns the parsed answer. Repeats the upsert, which is safe, when the idle connection was closed."""
        try:
            idle = self._take_idle(credentials)
            if idle is not None:
                with suppress(ConnectionError, ssl.SSLEOFError):
                    return self._exchange(idle, body, deadline)
            return self._exchange(self._open(credentials, deadline), body, deadline)
        # Invalid host names raise UnicodeError.
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise UnavailableError(f"Hasura cannot be reached: {type(error).__name__}") from error

    def _take_idle(self, credentials: Credentials) -> _Connection | None:
        try:
            idle = self._idle.pop()  # atomic: an abandoned call may take it at the same time
        except IndexError:
            return None
        if idle.credentials == credentials and time.monotonic() - idle.last_used < MAX_IDLE_SECONDS:
            return idle
        idle.http.close()
        return None

    def _open(self, credentials: Credentials, deadline: float) -> _Connection:
        seconds = _remaining_seconds(deadline)
        return _Connection(
            http.client.HTTPSConnection(credentials.host, credentials.port, timeout=seconds, context=self._tls)
            if credentials.tls
            else http.client.HTTPConnection(credentials.host, credentials.port, timeout=seconds),
            credentials,
            time.monotonic(),
        )

    def _exchange(self, connection: _Connection, body: bytes, deadline: float) -> Mapping[str, Any]:
        keep = False
        credentials = connection.credentials
        try:
            if connection.http.sock is not None:
                connection.http.sock.settimeout(_remaining_seconds(deadline))
            headers = {"Content-Type": "application/json", "x-hasura-admin-secret": credentials.admin_secret}
            connection.http.request("POST", credentials.path, body, headers)
            response = connection.http.getresponse()
            content = response.read(MAX_ANSWER_BYTES + 1)
            keep = response.isclosed() and not response.will_close
            answer = _parse(response.status, content)
        finally:
            if keep:
                connection.last_used = time.monotonic()
                self._idle.append(connection)
            else:
                connection.http.close()
        return answer


def _remaining_seconds(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise UnavailableError("Hasura did not answer in time")
    return seconds


def _parse(status: int, content: bytes) -> Mapping[str, Any]:
    """Returns the JSON of the answer. Hasura reports errors with 200; proxies and failing servers use other codes."""
    if len(content) > MAX_ANSWER_BYTES:
        raise UnavailableError("the answer is too long to be Hasura's")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if status == HTTPStatus.UNAUTHORIZED:
        return {"errors": [{"extensions": {"code": _ACCESS_DENIED}}]}
    if status not in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST} or not isinstance(answer, dict):
        raise UnavailableError(f"Hasura answered with status {status}" + ("" if answer else " and no JSON"))
    return answer


def _was_written(answer: Mapping[str, Any]) -> bool:
    code = _code(answer)
    if code is None:
        data = answer.get("data")
        if not isinstance(data, dict) or UPSERT_FIELD not in data:
            raise UnavailableError("Hasura's answer has neither data nor errors")
        return data[UPSERT_FIELD] is not None
    if code in _PERMANENT:
        raise UpsertRefusedError(_refusal_reason(code, _first_error(answer)))
    raise UnavailableError(f"Hasura refused: {code}")


def _code(answer: Mapping[str, Any]) -> str | None:
    """Returns the code of the first error, None without errors."""
    if not answer.get("errors"):
        return None
    extensions = _first_error(answer).get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unexpected"


def _first_error(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    errors = answer["errors"]
    first = errors[0] if isinstance(errors, list) else None
    return first if isinstance(first, dict) else {}


def _refusal_reason(code: str, error: Mapping[str, Any]) -> str:
    named = _SCHEMA_NAME.search(str(error.get("message", "")))
    return f"{code}: {named[1]}" if named else code
