"""Bytes that the inspection reads of the corpus's good files, by type."""

from collections.abc import Callable
from typing import Any

from benchmarks.figures import Figure, Target
from benchmarks.inspection import corpus_files
from testkit.corpus.judge import judge
from testkit.corpus.sample import EXTENSIONS

MAX_VIDEO_BYTES = 128 * 1024


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    folder, entries = corpus_files()
    good = [entry for entry in entries if entry["expected"] == "accept"]
    say(f"    {len(good)} good files" + (", all of them although --quick" if quick else ""))
    largest: dict[str, tuple[int, int]] = {}
    biggest: dict[str, int] = {}
    for case in judge(folder, good):
        read, size = case.bytes_read, case.entry["size"]
        largest[case.declared] = max(largest.get(case.declared, (0, 0)), (read, size))
        biggest[case.declared] = max(biggest.get(case.declared, 0), size)
    return [_figure(declared, *largest[declared], biggest[declared]) for declared in EXTENSIONS if declared in largest]


def _figure(declared: str, read: int, size: int, biggest: int) -> Figure:
    video = declared.startswith("video/")
    target = Target(MAX_VIDEO_BYTES / 1024) if video else None
    detail = f"of an object of {_amount(size)}; the largest object of this type has {_amount(biggest)}"
    return Figure(f"{declared}: most bytes read of one object, scanning off", read / 1024, "KiB", target, detail=detail)


def _amount(size: int) -> Any:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} KB"
