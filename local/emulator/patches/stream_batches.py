"""Patches the emulator's DynamoDB streams to honour `batchItemFailures`.

AWS repeats the first failed record and all later ones. The emulator ignores the list. With this patch it repeats the
whole batch, which includes those.
"""

import importlib
from collections.abc import Mapping
from typing import Any


def install() -> None:
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    lambda_svc._execute_function = repeating(lambda_svc._execute_function)


def repeating(execute: Any) -> Any:
    """Wraps the call of a function: it fails as a whole when the function reports a failed stream record."""

    def execute_function(func: Any, event: Any) -> Any:
        result = execute(func, event)
        body = result.get("body")
        if _is_stream_event(event) and isinstance(body, Mapping) and body.get("batchItemFailures"):
            error = {"errorType": "BatchItemFailures", "errorMessage": str(body["batchItemFailures"])}
            return {**result, "error": True, "body": error}
        return result

    return execute_function


def _is_stream_event(event: Any) -> bool:
    records = event.get("Records") if isinstance(event, Mapping) else None
    return isinstance(records, list) and any(each.get("eventSource") == "aws:dynamodb" for each in records)
