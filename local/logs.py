"""Follows the functions' logs."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from local.aws import Aws
from local.progress import say

POLL_SECONDS = 1.0
_NOISE = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
_COMMON = re.compile(
    r"level|location|message|timestamp|service|cold_start|function_.*|xray_trace_id|api_request_id|message_id"
    r"|exception.*|stack_trace"
)


def follow(aws: Aws, functions: Mapping[str, str]) -> Iterator[None]:
    """Prints new lines of the functions (label → name) once per step of the iterator."""
    logs = aws.client("logs")
    since = {label: int(time.time() * 1000) for label in functions}
    seen: set[tuple[str, int, str]] = set()
    while True:
        for label, name in functions.items():
            for event in _events(logs, f"/aws/lambda/{name}", since[label]):
                identity = (event["logStreamName"], event["timestamp"], event["message"])  # eventId may be absent
                if identity not in seen:
                    seen.add(identity)
                    since[label] = max(since[label], event["timestamp"] - 2000)
                    _print(label, event)
        yield
        time.sleep(POLL_SECONDS)


def _events(logs: Any, group: str, since: int) -> list[dict[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    return [event for page in pages for event in page["events"]]


def _print(label: str, event: dict[str, Any]) -> None:
    line = readable(event["message"].rstrip())
    if line:
        say(f"{datetime.fromtimestamp(event['timestamp'] / 1000).astimezone():%H:%M:%S}  {label:<15} {line}")


def readable(message: str) -> str | None:
    """Returns a structured log line as text; None for Lambda's own START, END and REPORT lines."""
    if message.startswith(_NOISE) or not message:
        return None
    try:
        content = json.loads(message)
    except ValueError:
        return message
    if not isinstance(content, dict) or "message" not in content:
        return None if isinstance(content, dict) and "_aws" in content else message
    details = " ".join(f"{name}={value}" for name, value in content.items() if not _COMMON.fullmatch(name))
    trouble = f"\n{content['exception']}" if "exception" in content else ""
    return f"{content.get('level', ''):<7} {content['message']}  {details}".rstrip() + trouble
