"""`python -m validator FILE…`: what the validator would say of files on this machine."""

import argparse
import json
import mimetypes
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from uploads.media_types import media_type_for
from validator.formats.reader import RangeReader
from validator.formats.verdict import Verdict
from validator.inspection import budget_for, inspect

ALL_ACCEPTED, ANY_REFUSED, USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Report:
    """One line of the output."""

    file: str
    declared: str | None
    found: str | None
    accepted: bool
    reason: str | None
    detail: str
    size: int
    bytes_read: int
    ranges: int


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    reports: list[Report] = []
    unreadable = False
    for name in options.files:
        try:
            reports.append(examine(Path(name), options.declared))
        except OSError as error:
            print(f"validator: {name}: {error.strerror}", file=sys.stderr)
            unreadable = True
    _print(reports, as_json=options.json)
    if unreadable:
        return USAGE
    return ALL_ACCEPTED if all(report.accepted for report in reports) else ANY_REFUSED


def examine(path: Path, declared: str | None) -> Report:
    """Inspects one file as the type that was declared; else as its extension says; else as its bytes prove."""
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


def _type_by_extension(name: str) -> str | None:
    media_type = media_type_for(name)
    return media_type.mime if media_type else mimetypes.guess_type(name)[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m validator",
        description="Says of each file whether the validator would accept it, and why not.",
        epilog="Exit status: 0 all accepted, 1 at least one refused, 2 wrong usage or an unreadable file.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--declared", metavar="MIME", help="the type the file is announced as (default: by extension)")
    parser.add_argument("--json", action="store_true", help="print one JSON array instead of text")
    return parser


def _print(reports: list[Report], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
        return
    for report in reports:
        outcome = "accepted" if report.accepted else f"refused  {report.reason}"
        print(f"{report.file}: {report.found or 'unknown type'}: {outcome}")
        if report.detail:
            print(f"    {report.detail}")
        print(f"    read {report.bytes_read:,} of {report.size:,} bytes in {report.ranges} ranges")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ends quietly in front of `head`, as other commands do
    sys.exit(main(sys.argv[1:]))
