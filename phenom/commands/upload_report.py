"""One upload's story as a person reads it: what it is, where it lies, and what happened, line by line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phenom.aws.log_search import Line
from uploads.record import Status, Upload

_PLATFORM_NOISE = ("START RequestId:", "END RequestId:", "INIT_START ", "XRAY TraceId:")
_DURATION = re.compile(r"^REPORT RequestId: (\S+)\s+Duration: ([0-9.]+) ms")
_TROUBLE = re.compile(r"Status: (?!success)(\w+)(?:\s+Error Type: (\S+))?")
_BEGUN = "delivery started"
_UNFINISHED = "no result: killed, or still at work"
_AGAIN = "told of anew: redriven, or an event that S3 sent twice"
_HEAD = ("TIME (UTC)", "WHO", "WHAT", "TRY", "RESULT", "REASON", "MS", "DETAIL")
_TO_THE_RIGHT = {"TRY", "MS"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object may lie, and what lies there; `trouble` is why nobody could look."""

    name: str
    bucket: str
    key: str
    size: int | None = None
    modified: datetime | None = None
    trouble: str | None = None

    def text(self) -> str:
        if self.trouble:
            return f"unknown: {self.trouble}"
        if self.size is None or self.modified is None:
            return f"nothing at {self.key}"
        return f"{self.size:,} bytes at s3://{self.bucket}/{self.key}, since {_moment(self.modified)}"


def summary(upload_id: str, upload: Upload | None, places: Iterable[Place]) -> str:
    """What the ledger knows, and where the objects are."""
    facts = (
        _facts(upload) if upload else [("", "The ledger does not know it, or not any more: records go after 30 days.")]
    )
    facts += [(place.name, place.text()) for place in places]
    title = f"Upload {upload_id}  {_verdict(upload)}".rstrip()
    return "\n".join([title, *(f"  {name:<10} {printable(text)}" for name, text in facts)])


def table(lines: Sequence[Line]) -> str:
    """A row for each line, in order; what a stranger wrote can do nothing to the terminal."""
    rows = [_HEAD, *(tuple(printable(cell) for cell in row) for row in _rows(lines))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_aligned(row, widths) for row in rows)


def printable(text: str) -> str:
    """Without what moves the cursor, rings, or turns the direction of reading."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip(_HEAD, row, widths, strict=True)
    return "  ".join(
        f"{cell:>{width}}" if head in _TO_THE_RIGHT else f"{cell:<{width}}" for head, cell, width in cells
    ).rstrip()


def _verdict(upload: Upload | None) -> str:
    if upload is None:
        return ""
    return f"{upload.status}: {upload.reason}" if upload.reason else upload.status


def _facts(upload: Upload) -> list[tuple[str, str]]:
    facts = [("", upload.detail)] if upload.detail else []
    facts.append(("announced", f'{upload.content_type}, {upload.file_size:,} bytes, "{upload.file_name}"'))
    if upload.multipart:
        cut = upload.multipart
        facts.append(("parts", f"{cut.part_count} of {cut.part_bytes:,} bytes, {cut.state}"))
    facts.append(("issued", _moment(upload.created_at)))
    facts.append(("changed", _moment(upload.updated_at)))
    if upload.status is Status.VALIDATING and upload.lease_until:
        facts.append(("leased", f"until {_moment(datetime.fromtimestamp(upload.lease_until).astimezone())}"))
    return facts


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _rows(lines: Sequence[Line]) -> Iterable[tuple[str, ...]]:
    durations = {found[1]: found[2] for line in lines if (found := _DURATION.match(line.text))}
    last = {line.request_id: line for line in lines if line.request_id}
    messages: set[str] = set()
    for line in lines:
        what = _what(line)
        if what is None:
            continue
        ended = line.request_id is not None and last[line.request_id] is line
        took = _milliseconds(line.content) or (_rounded(durations.get(line.request_id or "")) if ended else "")
        notes = _notes(line.content, messages, ended=ended) if what == _BEGUN else []
        yield (
            f"{line.at:%Y-%m-%d %H:%M:%S}.{line.at.microsecond // 1000:03}",
            line.who,
            what,
            *(str(line.content.get(name) or "") for name in ("attempt", "result")),
            str(line.content.get("reason") or line.content.get("code") or ""),
            took,
            "; ".join(notes) or _detail(line.content),
        )


def _notes(content: Mapping[str, Any], messages: set[str], *, ended: bool) -> list[str]:
    """On the beginning of a delivery. `messages` are those that were delivered before, and gets this one."""
    message = str(content.get("message_id"))
    again = bool(messages) and message not in messages
    messages.add(message)
    return [note for note, applies in ((_AGAIN, again), (_UNFINISHED, ended)) if applies]


def _what(line: Line) -> str | None:
    """None for a line that tells nothing of the upload."""
    if line.content:
        return None if "_aws" in line.content else str(line.content.get("message", line.text))
    if line.text.startswith(_PLATFORM_NOISE):
        return None
    if _DURATION.match(line.text):
        trouble = _TROUBLE.search(line.text)
        return f"the function ended: {' '.join(filter(None, trouble.groups()))}" if trouble else None
    return line.text.rpartition("\n")[2]


def _milliseconds(content: Mapping[str, Any]) -> str:
    seconds = content.get("seconds")
    return f"{seconds * 1000:.0f}" if isinstance(seconds, int | float) else ""


def _rounded(milliseconds: str | None) -> str:
    return f"{float(milliseconds):.0f}" if milliseconds else ""


def _detail(content: Mapping[str, Any]) -> str:
    """What explains the line: of an exception its last line, which names it."""
    for name in ("detail", "cause"):
        if content.get(name):
            return str(content[name])
    exception = str(content.get("exception") or "").strip()
    return exception.rpartition("\n")[2]
