"""Events and responses of API Gateway's REST proxy integration."""

import base64
import ipaddress
import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from presign.models import FieldError, InvalidRequestError
from presign.multipart import PartsProgress, SignedParts
from presign.problems import Problem
from presign.service import Issued
from uploads.multipart import Multipart
from uploads.record import UPLOAD_ID, Status, Upload

UNKNOWN_ADDRESS = "unknown"
PREFLIGHT_HEADERS = {"Access-Control-Max-Age": "7200"}  # seconds
_IPV6_PREFIX_BITS = 64


def read_body(event: Mapping[str, Any]) -> str:
    """Returns the request body as text. Raises InvalidRequestError."""
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except ValueError:  # not base64, or not UTF-8
        raise InvalidRequestError(FieldError("body", "must be JSON in UTF-8")) from None


def upload_id_from_path(event: Mapping[str, Any]) -> str:
    """Returns the path's `uploadId` as the client sent it: any text, not necessarily an id."""
    return str((event.get("pathParameters") or {}).get("uploadId"))


def log_keys(event: Mapping[str, Any]) -> dict[str, str]:
    """Returns the keys that link the log lines of a request with each other and with API Gateway's access log.

    `upload_id` is left out unless it has the form of an id, because clients may put any text in the path.
    """
    context, parameters = event.get("requestContext"), event.get("pathParameters")
    api_request_id = context.get("requestId") if isinstance(context, dict) else None
    upload_id = parameters.get("uploadId") if isinstance(parameters, dict) else None
    keys = {"api_request_id": api_request_id} if isinstance(api_request_id, str) else {}
    return keys | ({"upload_id": upload_id} if isinstance(upload_id, str) and UPLOAD_ID.fullmatch(upload_id) else {})


def caller_address(event: Mapping[str, Any]) -> str:
    """Returns the address of the connection to API Gateway, in the form of `counted_address`.

    X-Forwarded-For is ignored: the caller can write anything there.
    """
    context = event.get("requestContext")
    identity = context.get("identity") if isinstance(context, Mapping) else None
    return counted_address(identity.get("sourceIp") if isinstance(identity, Mapping) else None)


def caller_origin(event: Mapping[str, Any]) -> str | None:
    """Returns the header Origin, with which a browser says whose page makes the call; None without one.

    HTTP/2 sends names of headers in lower case. Several different values become one text, which is no origin.
    """
    values = [value for name, value in _items(event, "headers") if str(name).lower() == "origin"]
    for name, several in _items(event, "multiValueHeaders"):
        if str(name).lower() == "origin":
            values += several if isinstance(several, list) else [several]
    return " ".join(dict.fromkeys(str(value) for value in values)) if values else None


def _items(event: object, member: str) -> Iterable[tuple[Any, Any]]:
    headers = event.get(member) if isinstance(event, Mapping) else None
    return headers.items() if isinstance(headers, Mapping) else ()


def counted_address(source_ip: object) -> str:
    """Returns the address that failed attempts are counted by: an IPv4 address, or the /64 of an IPv6 address.

    One subscriber has a whole /64 (RFC 6177), too many addresses to count each. Text that is not an address becomes
    UNKNOWN_ADDRESS, which all such callers share.
    """
    if not isinstance(source_ip, str):
        return UNKNOWN_ADDRESS
    try:
        address = ipaddress.ip_address(source_ip.partition("%")[0])
    except ValueError:
        return UNKNOWN_ADDRESS
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX_BITS), strict=False))


def render_issued(issued: Issued) -> dict[str, Any]:
    upload = issued.upload
    return {
        "uploadId": upload.upload_id,
        "uploadUrl": issued.signed.url,
        "method": "PUT",
        "headers": dict(issued.signed.headers),
        "key": upload.staging_key,
        "expiresAt": f"{issued.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "statusUrl": _status_url(upload),
    }


def render_upload(upload: Upload) -> dict[str, Any]:
    """Returns the state of an upload, without the fields that have no value yet."""
    state = {
        "uploadId": upload.upload_id,
        "status": upload.status,
        "reason": upload.reason,
        "detail": upload.detail,
        "quarantined": upload.quarantined if upload.status is Status.REJECTED else None,
        "contentType": upload.content_type,
        "fileSize": upload.file_size,
        "finalKey": upload.final_key,
        "createdAt": f"{upload.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "updatedAt": f"{upload.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {name: value for name, value in state.items() if value is not None}


def render_multipart(upload: Upload, multipart: Multipart) -> dict[str, Any]:
    return {
        "uploadId": upload.upload_id,
        "key": upload.staging_key,
        "partSize": multipart.part_bytes,
        "partCount": multipart.part_count,
        "statusUrl": _status_url(upload),
    }


def render_signed_parts(signed: SignedParts) -> dict[str, Any]:
    return {
        "parts": [
            {"partNumber": number, "uploadUrl": url.url, "method": "PUT", "headers": dict(url.headers)}
            for number, url in signed.urls.items()
        ],
        "expiresAt": f"{signed.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def render_progress(progress: PartsProgress) -> dict[str, Any]:
    return {
        "uploadId": progress.upload.upload_id,
        "partSize": progress.multipart.part_bytes,
        "partCount": progress.multipart.part_count,
        "complete": progress.is_complete,
        "parts": [{"partNumber": part.number, "size": part.size, "etag": part.etag} for part in progress.parts],
    }


def render_completed(upload: Upload) -> dict[str, Any]:
    return {"uploadId": upload.upload_id, "key": upload.staging_key, "statusUrl": _status_url(upload)}


def respond_with_problem(problem: Problem, cors: Mapping[str, str]) -> dict[str, Any]:
    headers = {"Content-Type": "application/problem+json", **problem.headers}
    return respond(problem.status, problem.body(), cors, headers)


def respond(
    status: HTTPStatus,
    content: Mapping[str, Any] | None,
    cors: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Returns a proxy response with the CORS headers that every answer needs; None as `content` sends no body.

    `cors` are the headers that depend on the caller's origin.
    """
    return {
        "statusCode": status.value,
        "headers": {
            **({} if content is None else {"Content-Type": "application/json"}),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **cors,
            "Access-Control-Allow-Methods": "GET,POST,DELETE,OPTIONS",
            "Access-Control-Allow-Headers": "content-type,x-api-key",
            "Access-Control-Expose-Headers": "Retry-After",
            "Vary": "Origin",
            **(headers or {}),
        },
        "body": "" if content is None else json.dumps(content),
    }


def _status_url(upload: Upload) -> str:
    return f"/upload/{upload.upload_id}"
