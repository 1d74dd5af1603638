"""Requests signed by botocore, as ASGI scopes."""

from typing import Any
from urllib.parse import unquote, urlsplit

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PORT = 4566
ENDPOINT = f"http://127.0.0.1:{PORT}"
KEY_ID, SECRET = "AKIAROOTROOTROOTROOT", "the secret"

type Scope = dict[str, Any]


def scope_of(method: str, url: str, headers: dict[str, str] | None = None) -> Scope:
    """An unsigned request."""
    parts = urlsplit(url)
    lines = {"host": parts.netloc} | {name.lower(): value for name, value in (headers or {}).items()}
    return {
        "type": "http",
        "method": method,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
    }


def signed(
    method: str,
    url: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    signer: Any = auth.SigV4Auth,
    service: str = "dynamodb",
    credentials: Credentials | None = None,
    **options: Any,
) -> Scope:
    """A request as botocore signs it. `signer` is one of botocore's classes, `options` are its arguments."""
    request = AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    signer(credentials or Credentials(KEY_ID, SECRET), service, "us-east-1", **options).add_auth(request)
    prepared = request.prepare()
    sent = {name: value if isinstance(value, str) else value.decode() for name, value in prepared.headers.items()}
    return scope_of(method, prepared.url, sent)


def changed(scope: Scope, **headers: str | None) -> Scope:
    """Replaces, adds or removes (None) headers; underscores stand for dashes."""
    lines = dict(scope["headers"])
    for name, value in headers.items():
        key = name.replace("_", "-").encode()
        lines.pop(key, None)
        if value is not None:
            lines[key] = value.encode()
    return scope | {"headers": list(lines.items())}
