"""Finds in CloudWatch Logs what the functions wrote about one upload.

Two questions to each log group: which lines carry the upload's id, and, for each invocation that wrote one, what else
it left behind. A worker that was killed says no more itself; Lambda does, by the id of the request.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from tqdm import tqdm

from phenom.aws.permissions import needing
from runtime.aws_errors import code_of

ACTION = "logs:FilterLogEvents"
LONGEST_INVOCATION = timedelta(minutes=15)  # Lambda's own limit
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log: `who` wrote it `at` (aware), `content` is what it says where it is a JSON object."""

    at: datetime
    who: str
    stream: str
    text: str
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request_id(self) -> str | None:
        value = self.content.get("function_request_id")
        return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where, and from when until when, to search; in all streams of the group where none is named."""

    who: str
    group: str
    since: datetime
    until: datetime
    stream: str | None = None

    def around(self, line: Line) -> "_Extent":
        """Where the rest of the invocation must be that wrote the line."""
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
    """One search. `groups` names log groups by who writes there; `missing` collects those that do not exist."""

    client: Any
    groups: Mapping[str, str]
    missing: list[str] = field(default_factory=list)

    def about(self, upload_id: str, since: datetime, until: datetime) -> list[Line]:
        """In order of time. `upload_id` goes into a filter pattern: it must be one. Raises NotAllowedError."""
        lines: list[Line] = []
        for who, group in self.groups.items():
            with tqdm(desc=f"Searching {group}", unit=" pages", file=sys.stderr, leave=False, disable=None) as bar:
                lines += self._of_group(_Extent(who, group, since, until), upload_id, bar)
        return sorted(lines, key=lambda line: line.at)

    def _of_group(self, extent: _Extent, upload_id: str, bar: Any) -> list[Line]:
        try:
            named = list(self._lines(extent, upload_id, bar))
            first = {line.request_id: line for line in reversed(named) if line.request_id}
            around = [
                line
                for request_id, opening in first.items()
                for line in self._lines(extent.around(opening), request_id, bar)
            ]
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            self.missing.append(extent.group)
            return []
        return list({(line.stream, line.at, line.text): line for line in named + around}.values())

    def _lines(self, extent: _Extent, term: str, bar: Any) -> Iterator[Line]:
        pages = self.client.get_paginator("filter_log_events").paginate(**extent.query(term))
        with needing(ACTION, f"log group {extent.group}"):
            for page in pages:
                bar.update()
                for event in page["events"]:
                    yield _line(extent.who, event)


def _line(who: str, event: Mapping[str, Any]) -> Line:
    text = str(event["message"]).rstrip()
    content = _json_object(text)
    at = _written_at(content) or datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return Line(at, who, str(event["logStreamName"]), text, content)


def _json_object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _written_at(content: Mapping[str, Any]) -> datetime | None:
    """By the function's own clock, which knows the order of its lines; CloudWatch may have got them all at once."""
    try:
        moment = datetime.strptime(content.get("timestamp", ""), "%Y-%m-%d %H:%M:%S,%f%z")
    except (ValueError, TypeError):
        return None
    return moment.astimezone(UTC)
