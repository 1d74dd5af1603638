"""Where the emulator's DynamoDB streams fall short of AWS, put right in the emulator's own process before it starts.

It takes no notice of the records that a function names in `batchItemFailures`, and goes on as if all were done. AWS
repeats the first of them and all that follow. Here the whole batch is repeated, which is more than that and never less.

This reaches into the insides of one release, which `requirements/emulator.txt` pins; with another it refuses to start.
"""

import importlib
import importlib.metadata
from collections.abc import Mapping
from typing import Any

RELEASE = "1.5.33"


def install() -> None:
    """Raises RuntimeError with any other release of the emulator."""
    release = importlib.metadata.version("ministack")
    if release != RELEASE:
        raise RuntimeError(f"local/emulator/patches/stream_batches.py is made for ministack {RELEASE}, not {release}")
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    lambda_svc._execute_function = repeating(lambda_svc._execute_function)


def repeating(execute: Any) -> Any:
    """The emulator's call of a function, which fails as a whole where some records of a stream did."""

    def execute_function(func: Any, event: Any) -> Any:
        result = execute(func, event)
        body = result.get("body")
        if _of_a_stream(event) and isinstance(body, Mapping) and body.get("batchItemFailures"):
            error = {"errorType": "BatchItemFailures", "errorMessage": str(body["batchItemFailures"])}
            return {**result, "error": True, "body": error}
        return result

    return execute_function


def _of_a_stream(event: Any) -> bool:
    records = event.get("Records") if isinstance(event, Mapping) else None
    return isinstance(records, list) and any(each.get("eventSource") == "aws:dynamodb" for each in records)
