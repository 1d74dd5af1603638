"""Finds what the functions logged about one upload in CloudWatch Logs.

Searches each log group twice: for lines with the upload's id, then for all lines of the invocations that wrote them.
The second search finds Lambda's own lines about an invocation that was killed, which carry only its request id.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from phenom.aws.permissions import needing
from phenom.terminal import Bar, progress_bar
from runtime.aws_errors import code_of

ACTION = "logs:FilterLogEvents"
LONGEST_INVOCATION = timedelta(minutes=15)  # Lambda's own limit
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log, written by `function` at `at` (aware). `content` is its JSON object, empty for other text."""

    at: datetime
    function: str
    stream: str
    text: str
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request_id(self) -> str | None:
        value = self.content.get("function_request_id")
        return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class _Extent:
    """The group, time span and stream to search; all streams when `stream` is None."""

    function: str
    group: str
    since: datetime
    until: datetime
    stream: str | None = None

    def around(self, line: Line) -> "_Extent":
        """Returns the extent that contains the whole invocation that wrote the line."""
        since, until = line.at - LONGEST_INVOCATION, line.at + LONGEST_INVOCATION
        return replace(self, since=since, until=until, stream=line.stream)

    def query(self, term: str) -> dict[str, Any]:
        streams = {"logStreamNames": [self.stream]} if self.stream else {}
        since, until = (max(0, int(moment.timestamp() * 1000)) for moment in (self.since, self.until))
        return {
            "logGroupName": self.group, "filterPattern": f'"{term}"', "startTime": since, "endTime": until, **streams
        }  # fmt: skip


@dataclass(slots=True)
class LogSearch:
    """One search. `groups` are log groups by function; `missing` collects those that do not exist."""

    client: Any
    groups: Mapping[str, str]
    missing: list[str] = field(default_factory=list)

    def find_lines(self, upload_id: str, since: datetime, until: datetime) -> list[Line]:
        """Returns the lines by time. `upload_id` goes into a filter pattern: validate it. Raises NotAllowedError."""
        lines: list[Line] = []
        for function, group in self.groups.items():
            with progress_bar(f"Searching {group}", None, transient=True) as bar:
                lines += self._search_group(_Extent(function, group, since, until), upload_id, bar)
        return sorted(lines, key=lambda line: line.at)

    def _search_group(self, extent: _Extent, upload_id: str, bar: Bar) -> list[Line]:
        try:
            named = list(self._search(extent, upload_id, bar))
            first = {line.request_id: line for line in reversed(named) if line.request_id}
            around = [
                line
                for request_id, opening in first.items()
                for line in self._search(extent.around(opening), request_id, bar)
            ]
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            self.missing.append(extent.group)
            return []
        return list({(line.stream, line.at, line.text): line for line in named + around}.values())

    def _search(self, extent: _Extent, term: str, bar: Bar) -> Iterator[Line]:
        pages = self.client.get_paginator("filter_log_events").paginate(**extent.query(term))
        with needing(ACTION, f"log group {extent.group}"):
            for page in pages:
                bar.advance()
                for event in page["events"]:
                    yield _parse_line(extent.function, event)


def _parse_line(function: str, event: Mapping[str, Any]) -> Line:
    text = str(event["message"]).rstrip()
    content = _parse_json_object(text)
    at = _parse_timestamp(content) or datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return Line(at, function, str(event["logStreamName"]), text, content)


def _parse_json_object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _parse_timestamp(content: Mapping[str, Any]) -> datetime | None:
    """Returns the function's own time, which keeps the order of its lines; CloudWatch may receive them all at once."""
    try:
        moment = datetime.strptime(content.get("timestamp", ""), "%Y-%m-%d %H:%M:%S,%f%z")
    except (ValueError, TypeError):
        return None
    return moment.astimezone(UTC)
