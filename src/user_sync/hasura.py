"""Hasura's GraphQL endpoint, over one connection that is kept between invocations."""

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
from user_sync.ports import RefusedError, UnavailableError
from user_sync.users import UPSERT, UPSERTED

LONGEST_ANSWER_BYTES = 65_536
# Load balancers hang up on what has been silent for 60 seconds (an ALB's default), and a frozen function hears nothing.
LONGEST_SILENCE_SECONDS = 50.0

_ACCESS_DENIED = "access-denied"
# What no repetition cures (https://hasura.io/docs/2.0/api-reference/graphql-api/index/#error-codes).
_PERMANENT = frozenset(
    {"constraint-violation", "data-exception", "validation-failed", "parse-failed", "permission-error"}
)
_CODE = re.compile(r"[a-z-]{1,40}")
# What names a part of the schema. The rest of a message may repeat what the user told of themselves.
_NAMED = re.compile(r"""(?:constraint|column|field) ["']([A-Za-z_][A-Za-z0-9_]{0,62})["']""")


class CredentialsSource(Protocol):
    """Knows Hasura's endpoint and secret. Both raise UnavailableError."""

    def current(self) -> Credentials: ...
    def refresh(self) -> Credentials: ...


@dataclass(slots=True)
class _Line:
    """A connection that is open, to whom, and since when nothing was said on it (monotonic)."""

    connection: http.client.HTTPConnection
    credentials: Credentials
    silent_since: float


class Hasura:
    """Writes users. Safe to be left in the middle of a call: the connection belongs to whoever took it."""

    def __init__(self, credentials: CredentialsSource) -> None:
        self._credentials = credentials
        # Verifies certificates and host names. Made here, at the start: reading the authorities takes long.
        self._tls = ssl.create_default_context()
        self._idle: deque[_Line] = deque(maxlen=1)

    def upsert(self, variables: dict[str, Any], deadline: float) -> bool:
        """Whether the row was written. Raises UnavailableError or RefusedError; see ports.Users."""
        body = json.dumps({"query": UPSERT, "variables": variables}).encode()
        known = self._credentials.current()
        answer = self._post(known, body, deadline)
        if _code(answer) == _ACCESS_DENIED:
            renewed = self._credentials.refresh()
            if renewed != known:
                answer = self._post(renewed, body, deadline)
        return _outcome(answer)

    def _post(self, credentials: Credentials, body: bytes, deadline: float) -> Mapping[str, Any]:
        """The answer, read as JSON. Only use shows that a kept connection is dead; the upsert may repeat."""
        try:
            line = self._take(credentials)
            if line is not None:
                with suppress(ConnectionError, ssl.SSLEOFError):
                    return self._exchange(line, body, deadline)
            return self._exchange(self._open(credentials, deadline), body, deadline)
        # UnicodeError is what a host name comes to that cannot be one.
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise UnavailableError(f"Hasura cannot be reached: {type(error).__name__}") from error

    def _take(self, credentials: Credentials) -> _Line | None:
        try:
            line = self._idle.pop()  # in one step: an abandoned call may be after it at the same time
        except IndexError:
            return None
        if line.credentials == credentials and time.monotonic() - line.silent_since < LONGEST_SILENCE_SECONDS:
            return line
        line.connection.close()
        return None

    def _open(self, credentials: Credentials, deadline: float) -> _Line:
        seconds = _left(deadline)
        connection = (
            http.client.HTTPSConnection(credentials.host, credentials.port, timeout=seconds, context=self._tls)
            if credentials.tls
            else http.client.HTTPConnection(credentials.host, credentials.port, timeout=seconds)
        )
        return _Line(connection, credentials, time.monotonic())

    def _exchange(self, line: _Line, body: bytes, deadline: float) -> Mapping[str, Any]:
        connection = line.connection
        kept = False
        try:
            if connection.sock is not None:
                connection.sock.settimeout(_left(deadline))
            headers = {"Content-Type": "application/json", "x-hasura-admin-secret": line.credentials.admin_secret}
            connection.request("POST", line.credentials.path, body, headers)
            response = connection.getresponse()
            content = response.read(LONGEST_ANSWER_BYTES + 1)
            kept = response.isclosed() and not response.will_close
            answer = _parse(response.status, content)
        finally:
            if kept:
                self._idle.append(_Line(connection, line.credentials, time.monotonic()))
            else:
                connection.close()
        return answer


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise UnavailableError("Hasura did not answer in time")
    return seconds


def _parse(status: int, content: bytes) -> Mapping[str, Any]:
    """Hasura answers 200 to errors as well; another status is of something between, or of a Hasura that is not well."""
    if len(content) > LONGEST_ANSWER_BYTES:
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


def _outcome(answer: Mapping[str, Any]) -> bool:
    code = _code(answer)
    if code is None:
        data = answer.get("data")
        if not isinstance(data, dict) or UPSERTED not in data:
            raise UnavailableError("Hasura's answer has neither data nor errors")
        return data[UPSERTED] is not None
    if code in _PERMANENT:
        raise RefusedError(_reason(code, _first_error(answer)))
    raise UnavailableError(f"Hasura refused: {code}")


def _code(answer: Mapping[str, Any]) -> str | None:
    """The code of the first error; None where there is none."""
    if not answer.get("errors"):
        return None
    extensions = _first_error(answer).get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unexpected"


def _first_error(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    errors = answer["errors"]
    first = errors[0] if isinstance(errors, list) else None
    return first if isinstance(first, dict) else {}


def _reason(code: str, error: Mapping[str, Any]) -> str:
    named = _NAMED.search(str(error.get("message", "")))
    return f"{code}: {named[1]}" if named else code
