"""Follows the functions' logs.

Lines contain text of strangers, such as object keys. It neither controls the terminal nor looks like another line.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from local.aws import Aws
from local.progress import TroubleError, printable, say

POLL_SECONDS = 1.0
_INDENT = "\n" + " " * 26  # continues a line below its text
_NOISE = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
_COMMON = re.compile(
    r"level|location|message|timestamp|service|cold_start|function_.*|xray_trace_id|api_request_id|message_id"
    r"|exception.*|stack_trace"
)


class FunctionLostError(TroubleError):
    """A deployed function no longer exists."""


def follow(aws: Aws, functions: Mapping[str, str]) -> Iterator[None]:
    """Prints new lines of the functions (label → name) once per step of the iterator.

    A step raises FunctionLostError when a function no longer exists, or an error of botocore.
    """
    logs, lambda_ = aws.client("logs"), aws.client("lambda")
    since = {label: int(time.time() * 1000) for label in functions}
    seen: set[tuple[str, int, str]] = set()
    while True:
        for label, name in functions.items():
            for event in _events(logs, lambda_, name, since[label]):
                identity = (event["logStreamName"], event["timestamp"], event["message"])  # eventId may be absent
                if identity not in seen:
                    seen.add(identity)
                    since[label] = max(since[label], event["timestamp"] - 2000)
                    _print(label, event)
        yield
        time.sleep(POLL_SECONDS)


def _events(logs: Any, lambda_: Any, function: str, since: int) -> list[dict[str, Any]]:
    paginator, group = logs.get_paginator("filter_log_events"), f"/aws/lambda/{function}"
    try:
        pages = paginator.paginate(logGroupName=group, startTime=since)
        return [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        _demand_function(lambda_, function)
        return []  # the log was deleted; the next call of the function creates it


def _demand_function(lambda_: Any, name: str) -> None:
    try:
        lambda_.get_function_configuration(FunctionName=name)
    except lambda_.exceptions.ResourceNotFoundException:
        raise FunctionLostError(
            f"{name} is no longer deployed. Was the emulator reset, or something deleted in it?\n"
            "`make run` deploys again after a reset; otherwise `make clean && make run` does."
        ) from None


def _print(label: str, event: dict[str, Any]) -> None:
    line = readable(event["message"].rstrip())
    if line:
        at = datetime.fromtimestamp(event["timestamp"] / 1000).astimezone()
        say(f"{at:%H:%M:%S}  {label:<15} {line.replace('\n', _INDENT)}")


def readable(message: str) -> str | None:
    """Returns a log line as printable text; None for Lambda's own START, END and REPORT lines.

    Only exceptions, and lines that are not structured, keep their line breaks.
    """
    if message.startswith(_NOISE) or not message:
        return None
    try:
        content = json.loads(message)
    except ValueError:
        return _printable_lines(message)
    if not isinstance(content, dict) or "message" not in content:
        return None if isinstance(content, dict) and "_aws" in content else _printable_lines(message)
    details = " ".join(f"{name}={value}" for name, value in content.items() if not _COMMON.fullmatch(name))
    trouble = f"\n{_printable_lines(str(content['exception']))}" if "exception" in content else ""
    return printable(f"{content.get('level', ''):<7} {content['message']}  {details}".rstrip()) + trouble


def _printable_lines(text: str) -> str:
    return "\n".join(printable(line.expandtabs()) for line in text.split("\n"))
