"""`python -m testkit.corpus.report`: verdicts of the validator and of libmagic on the corpus, and the validator's cost.

libmagic stands for the naive check: accept if and only if the type that it detects in the first 4 KB is the declared
one or a known alias.
"""

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from testkit.corpus.generate import corpus, manifest
from testkit.corpus.sample import EXTENSIONS

if TYPE_CHECKING:
    from testkit.corpus.judge import Judged

HEAD_BYTES = 4096
_ALIASES = {
    "video/x-ms-asf": "video/x-ms-wmv", "video/x-m4v": "video/mp4", "video/avi": "video/x-msvideo",
    "video/vnd.avi": "video/x-msvideo", "image/x-ms-bmp": "image/bmp", "image/apng": "image/png",
    "video/mp1s": "video/mpeg", "video/mp2p": "video/mpeg",
}  # fmt: skip


def main() -> int:
    from testkit.corpus.judge import judge

    folder = corpus()
    entries = manifest(folder)
    begin = time.process_time()
    judged = list(judge(folder, entries))
    seconds = time.process_time() - begin
    naive = {case.entry["file"]: _naive(folder / case.entry["file"], case.declared) for case in judged}
    sys.stdout.write("\n".join((*_verdicts(judged, naive), "", *_costs(judged), "", _speed(judged, seconds), "")))
    return 0


def _naive(path: Path, declared: str) -> bool:
    from validator.formats import libmagic

    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return bool(head) and _ALIASES.get(seen := libmagic.detect(head), seen) == declared


def _verdicts(judged: "list[Judged]", naive: dict[str, bool]) -> Iterable[str]:
    yield "| type | good | bad | false accepts | false rejects | wrong reason | libmagic: accepts | rejects |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    by_type = _grouped(judged)
    for label, cases in (*by_type.items(), ("**all**", judged)):
        wanted = [case for case in cases if case.wanted]
        unwanted = [case for case in cases if not case.wanted]
        accepted = sum(case.verdict is None or case.verdict.accepted for case in unwanted)
        rejected = sum(not case.right for case in wanted)
        reason = sum(not case.right for case in unwanted) - accepted
        passed = sum(naive[case.entry["file"]] for case in unwanted)
        refused = sum(not naive[case.entry["file"]] for case in wanted)
        counts = (len(wanted), len(unwanted), accepted, rejected, reason, passed, refused)
        yield f"| {label} | " + " | ".join(str(count) for count in counts) + " |"


def _costs(judged: "list[Judged]") -> Iterable[str]:
    yield "| type (good files) | largest file | bytes read, median | bytes read, most | ranges, median | ranges, most |"
    yield "|---|---:|---:|---:|---:|---:|"
    for label, cases in _grouped([case for case in judged if case.wanted]).items():
        read, ranges = _numbers(cases, lambda case: case.bytes_read), _numbers(cases, lambda case: case.ranges)
        largest = max(case.entry["size"] for case in cases)
        numbers = (largest, statistics.median(read), max(read), statistics.median(ranges), max(ranges))
        yield f"| {label} | " + " | ".join(f"{number:,.0f}" for number in numbers) + " |"


def _numbers(cases: "list[Judged]", number: "Callable[[Judged], int]") -> list[int]:
    return [number(case) for case in cases]


def _grouped(judged: "list[Judged]") -> "dict[str, list[Judged]]":
    groups: dict[str, list[Judged]] = defaultdict(list)
    for case in judged:
        groups[case.declared].append(case)
    return {declared: groups[declared] for declared in EXTENSIONS if declared in groups}


def _speed(judged: "list[Judged]", seconds: float) -> str:
    slowest = max(judged, key=lambda case: case.seconds)
    return (
        f"{len(judged):,} files in {seconds:.1f} s of one core: {len(judged) / seconds:,.0f} files/s; "
        f"the slowest took {slowest.seconds * 1000:.0f} ms ({slowest.entry['file']})."
    )


if __name__ == "__main__":
    sys.exit(main())
