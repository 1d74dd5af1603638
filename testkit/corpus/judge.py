"""Inspects files of the corpus as the validator inspects uploads, by byte ranges."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.formats.reader import RangeReader
from validator.formats.verdict import Verdict
from validator.inspection import budget_for, inspect


@dataclass(frozen=True, slots=True)
class Judged:
    """Expected verdict, actual verdict and cost of a file."""

    entry: dict[str, Any]
    verdict: Verdict | None
    error: str
    bytes_read: int
    ranges: int
    seconds: float

    @property
    def right(self) -> bool:
        if self.verdict is None:
            return False
        if self.wanted:
            return self.verdict.accepted and self.verdict.mime == self.entry["declared"]
        return self.verdict.reason in self.entry["expected"]

    @property
    def wanted(self) -> bool:
        return self.entry["expected"] == "accept"

    @property
    def declared(self) -> str:
        return self.entry["declared"]

    def complaint(self) -> str:
        """Returns a line for the table of failures."""
        wanted = "accept" if self.wanted else " or ".join(self.entry["expected"])
        said = self.error or (self.verdict.reason or "accept") + f" ({self.verdict.detail or self.verdict.mime})"
        return f"{self.entry['file']}: want {wanted}, got {said}; {self.entry['why']}"


def judge(folder: Path, entries: list[dict[str, Any]]) -> Iterator[Judged]:
    for entry in entries:
        descriptor = os.open(folder / entry["file"], os.O_RDONLY)
        try:
            yield _judge(descriptor, entry)
        finally:
            os.close(descriptor)


def _judge(descriptor: int, entry: dict[str, Any]) -> Judged:
    def fetch(offset: int, length: int) -> bytes:
        return os.pread(descriptor, length, offset)

    reader = RangeReader(fetch, os.fstat(descriptor).st_size, budget_for(entry["declared"]))
    verdict, error = None, ""
    begin = time.perf_counter()
    try:
        verdict = inspect(reader, entry["declared"])
    except Exception as fault:  # noqa: BLE001  # the table of failures names the file
        error = repr(fault)
    seconds = time.perf_counter() - begin
    return Judged(entry, verdict, error, reader.cost.bytes_read, reader.cost.ranges, seconds)
