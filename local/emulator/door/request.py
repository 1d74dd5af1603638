"""An HTTP request as the door and the emulator both understand it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

# The emulator reads these from their first or their last line, depending on the place: two lines could mean two things.
_SENT_ONCE = frozenset({
    "authorization", "host", "origin", "sec-fetch-site", "content-length", "x-amz-date", "x-amz-security-token",
    "x-amz-content-sha256", "x-amz-target",
})  # fmt: skip
_AWS_ALGORITHM = re.compile(r"AWS4-|AWS ", re.IGNORECASE)
_QUERY_CREDENTIALS = frozenset({
    "x-amz-algorithm", "x-amz-credential", "x-amz-signature", "x-amz-security-token", "awsaccesskeyid",
})  # fmt: skip


class RefusedError(Exception):
    """The door refuses a request. `code` is AWS's error code, and the message says why."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.FORBIDDEN) -> None:
        super().__init__(message)
        self.code = code
        self.status = int(status)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Names of headers are in lower case; `query` has decoded pairs in the order in which they came."""

    method: str
    path: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]

    @classmethod
    def parse(cls, scope: Mapping[str, Any]) -> "Request":
        """Parses an ASGI scope. Raises RefusedError for what the door and the emulator could read differently."""
        raw_path = (scope.get("raw_path") or b"").decode("latin-1")
        if not raw_path.startswith("/") or not raw_path.isascii():
            raise _malformed("the request's target must be an ASCII path")
        try:
            query = parse_qsl(scope.get("query_string", b"").decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            raise _malformed("the query string is not percent-encoded UTF-8") from None
        return cls(scope["method"], scope["path"], raw_path, tuple(query), MappingProxyType(_headers(scope["headers"])))

    @property
    def host(self) -> str:
        return self.headers["host"].strip().lower()

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")

    def has_header_credentials(self) -> bool:
        return _AWS_ALGORITHM.match(self.authorization) is not None

    def has_query_credentials(self) -> bool:
        return any(name.lower() in _QUERY_CREDENTIALS for name, _ in self.query)

    def has_credentials(self) -> bool:
        """Returns True when the emulator could find an access key of AWS in the request."""
        return self.has_header_credentials() or self.has_query_credentials()


def _headers(lines: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        if name in headers and name in _SENT_ONCE:
            raise _malformed(f"the header {name} was sent twice")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    if "host" not in headers:
        raise _malformed("the header host is missing")
    return headers


def _text(value: bytes) -> str:
    """Decodes a header's value as the emulator does."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _malformed(what: str) -> RefusedError:
    return RefusedError("InvalidRequest", f"The local cloud refuses this request: {what}.", HTTPStatus.BAD_REQUEST)
