"""Shows the validator's verdict on files of this machine, without an upload."""

import json
import mimetypes
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from phenom.errors import DONE, NOT_ALL_DONE, REFUSED
from uploads.media_types import media_type_for
from validator.formats.reader import RangeReader
from validator.formats.verdict import Verdict
from validator.inspection import budget_for, inspect


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one file and what the inspection read."""

    file: str
    declared: str | None
    found: str | None
    accepted: bool
    reason: str | None
    detail: str
    size: int
    bytes_read: int
    ranges: int


def run(files: Sequence[Path], declared: str | None, *, as_json: bool) -> int:
    """Returns the exit code: 1 when a file would be rejected, 2 when one cannot be read."""
    reports: list[Report] = []
    code = DONE
    for file in files:
        try:
            reports.append(examine(file, declared))
        except OSError as error:
            print(f"{file}: {error.strerror}", file=sys.stderr)
            code = REFUSED
    if as_json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
    else:
        for report in reports:
            print(render(report))
    return code or (DONE if all(report.accepted for report in reports) else NOT_ALL_DONE)


def examine(path: Path, declared: str | None) -> Report:
    """Inspects a file as the declared type, else as its extension's type, else as the type that its content proves."""
    declared = declared or _type_by_extension(path.name)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        reader = RangeReader(lambda at, length: os.pread(descriptor, length, at), size, budget_for(declared or ""))
        verdict = inspect(reader, declared or "")
    finally:
        os.close(descriptor)
    if declared is None and verdict.reason == "type_mismatch":
        verdict = Verdict(verdict.mime)
    return Report(
        str(path), declared, verdict.mime, verdict.accepted, verdict.reason, verdict.detail, size,
        reader.cost.bytes_read, reader.cost.ranges,
    )  # fmt: skip


def render(report: Report) -> str:
    verdict = "accepted" if report.accepted else f"rejected  {report.reason}"
    lines = [f"{report.file}: {report.found or 'unknown type'}: {verdict}"]
    if report.detail:
        lines.append(f"    {report.detail}")
    lines.append(f"    read {report.bytes_read:,} of {report.size:,} bytes in {report.ranges} ranges")
    return "\n".join(lines)


def _type_by_extension(name: str) -> str | None:
    media_type = media_type_for(name)
    return media_type.mime if media_type else mimetypes.guess_type(name)[0]
