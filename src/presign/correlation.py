"""What joins the log lines of one request with each other and with API Gateway's access log."""

from collections.abc import Mapping
from typing import Any

from uploads.record import UPLOAD_ID


def upload_id_from_path(event: Mapping[str, Any]) -> str:
    """What stands in the place of an id in the path: anything, from anybody."""
    return str((event.get("pathParameters") or {}).get("uploadId"))


def keys_of(event: Mapping[str, Any]) -> dict[str, str]:
    """`api_request_id`, as in the access log, and `upload_id` where the path names one.

    What is no id was typed by a stranger, and is not repeated.
    """
    context, parameters = event.get("requestContext"), event.get("pathParameters")
    api_request_id = context.get("requestId") if isinstance(context, dict) else None
    upload_id = parameters.get("uploadId") if isinstance(parameters, dict) else None
    named = {"api_request_id": api_request_id} if isinstance(api_request_id, str) else {}
    return named | ({"upload_id": upload_id} if isinstance(upload_id, str) and UPLOAD_ID.fullmatch(upload_id) else {})
