"""Refusals in the forms in which AWS's clients read errors."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from local.emulator.door.request import RefusedError, Request

_S3_SCOPE = "/s3/aws4_request"
_S3_CODES = {"InvalidClientTokenId": "InvalidAccessKeyId", "ExpiredTokenException": "ExpiredToken"}


async def refuse(
    send: Callable[[Any], Awaitable[None]], error: RefusedError, request: Request | None, cors: Mapping[str, str]
) -> None:
    """Sends the error as JSON, or as XML to S3's clients and those of the query protocol."""
    content_type, body = _body(error, request)
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "x-amzn-errortype": error.code,
        **cors,
    }
    lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": lines})
    is_head = request is not None and request.method == "HEAD"
    await send({"type": "http.response.body", "body": b"" if is_head else body})


def _body(error: RefusedError, request: Request | None) -> tuple[str, bytes]:
    is_for_s3 = request is not None and _is_for_s3(request)
    code = _S3_CODES.get(error.code, error.code) if is_for_s3 else error.code
    details = f"<Code>{escape(code)}</Code><Message>{escape(str(error))}</Message>"
    if is_for_s3:
        return "application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{details}</Error>'.encode()
    if request is not None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "text/xml", f"<ErrorResponse><Error><Type>Sender</Type>{details}</Error></ErrorResponse>".encode()
    content = {"__type": error.code, "message": str(error)}
    return "application/json", json.dumps(content).encode()


def _is_for_s3(request: Request) -> bool:
    credentials = [request.authorization, *(value for name, value in request.query if name == "X-Amz-Credential")]
    return any(_S3_SCOPE in each for each in credentials)
