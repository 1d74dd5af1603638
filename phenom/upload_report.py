"""Renders the facts about one upload for people: summary, objects, and a table of log lines."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phenom.aws.log_search import Line
from phenom.terminal import print_table
from uploads.record import Status, Upload

_PLATFORM_NOISE = ("START RequestId:", "END RequestId:", "INIT_START ", "XRAY TraceId:")
_DURATION = re.compile(r"^REPORT RequestId: (\S+)\s+Duration: ([0-9.]+) ms")
_FAILURE = re.compile(r"Status: (?!success)(\w+)(?:\s+Error Type: (\S+))?")
_STARTED = "delivery started"
_UNFINISHED = "no result: killed, or still running"
_REDELIVERED = "new message: redriven, or a duplicate event from S3"
_COLUMNS = ("TIME (UTC)", "FUNCTION", "MESSAGE", "TRY", "RESULT", "REASON", "MS", "DETAIL")


@dataclass(frozen=True, slots=True)
class Location:
    """A key where an object of the upload may be, with the object's size and time if there is one.

    `trouble` says why it could not be looked up.
    """

    name: str
    bucket: str
    key: str
    size: int | None = None
    modified: datetime | None = None
    trouble: str | None = None

    def describe(self) -> str:
        if self.trouble:
            return f"unknown: {self.trouble}"
        if self.size is None or self.modified is None:
            return f"nothing at {self.key}"
        return f"{self.size:,} bytes at s3://{self.bucket}/{self.key}, since {_format_time(self.modified)}"


def print_report(upload_id: str, upload: Upload | None, locations: Iterable[Location], lines: Sequence[Line]) -> None:
    print(render_summary(upload_id, upload, locations))
    print()
    if lines:
        print_table(_COLUMNS, [[printable(cell) for cell in row] for row in rows(lines)], right=("TRY", "MS"))
    else:
        print("The logs have no line about it: they may have expired.")


def render_summary(upload_id: str, upload: Upload | None, locations: Iterable[Location]) -> str:
    facts = _facts(upload) if upload else [("", "The ledger has no record: it keeps one for 30 days.")]
    facts += [(location.name, location.describe()) for location in locations]
    title = f"Upload {upload_id}  {_verdict(upload)}".rstrip()
    return "\n".join([title, *(f"  {name:<10} {printable(text)}" for name, text in facts)])


def printable(text: str) -> str:
    """Replaces characters that move the cursor, ring, or change the direction of text."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def rows(lines: Sequence[Line]) -> Iterator[tuple[str, ...]]:
    """Yields the cells of each line that says something about the upload."""
    durations = {found[1]: found[2] for line in lines if (found := _DURATION.match(line.text))}
    last = {line.request_id: line for line in lines if line.request_id}
    messages: set[str] = set()
    for line in lines:
        if (message := _message(line)) is None:
            continue
        is_last = line.request_id is not None and last[line.request_id] is line
        notes = _delivery_notes(line.content, messages, is_last=is_last) if message == _STARTED else []
        yield (
            f"{line.at:%Y-%m-%d %H:%M:%S}.{line.at.microsecond // 1000:03}",
            line.function,
            message,
            str(line.content.get("attempt") or ""),
            str(line.content.get("result") or ""),
            str(line.content.get("reason") or line.content.get("code") or ""),
            _milliseconds(line.content, durations.get(line.request_id or "") if is_last else None),
            "; ".join(notes) or _detail(line.content),
        )


def _delivery_notes(content: Mapping[str, Any], messages: set[str], *, is_last: bool) -> list[str]:
    """Returns notes on the start of a delivery, and adds its SQS message to `messages`, those delivered before."""
    message = str(content.get("message_id"))
    redelivered = bool(messages) and message not in messages
    messages.add(message)
    return [note for note, applies in ((_REDELIVERED, redelivered), (_UNFINISHED, is_last)) if applies]


def _message(line: Line) -> str | None:
    """Returns None for a line that says nothing about the upload."""
    if line.content:
        return None if "_aws" in line.content else str(line.content.get("message", line.text))
    if line.text.startswith(_PLATFORM_NOISE):
        return None
    if _DURATION.match(line.text):
        failure = _FAILURE.search(line.text)
        return f"the function ended: {' '.join(filter(None, failure.groups()))}" if failure else None
    return line.text.rpartition("\n")[2]


def _milliseconds(content: Mapping[str, Any], invocation: str | None) -> str:
    """Returns the logged time, else that of the whole invocation, given in milliseconds."""
    seconds = content.get("seconds")
    if isinstance(seconds, int | float):
        return f"{seconds * 1000:.0f}"
    return f"{float(invocation):.0f}" if invocation else ""


def _detail(content: Mapping[str, Any]) -> str:
    """Returns the explanation of the line; of an exception its last line, which names it."""
    for name in ("detail", "cause"):
        if content.get(name):
            return str(content[name])
    exception = str(content.get("exception") or "").strip()
    return exception.rpartition("\n")[2]


def _verdict(upload: Upload | None) -> str:
    if upload is None:
        return ""
    return f"{upload.status}: {upload.reason}" if upload.reason else upload.status


def _facts(upload: Upload) -> list[tuple[str, str]]:
    facts = [("", upload.detail)] if upload.detail else []
    facts.append(("declared", f'{upload.content_type}, {upload.file_size:,} bytes, "{upload.file_name}"'))
    if upload.multipart:
        parts = upload.multipart
        facts.append(("parts", f"{parts.part_count} of {parts.part_bytes:,} bytes, {parts.state}"))
    facts.append(("issued", _format_time(upload.created_at)))
    facts.append(("changed", _format_time(upload.updated_at)))
    if upload.status is Status.VALIDATING and upload.lease_until:
        facts.append(("leased", f"until {_format_time(datetime.fromtimestamp(upload.lease_until).astimezone())}"))
    return facts


def _format_time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S %Z}"
