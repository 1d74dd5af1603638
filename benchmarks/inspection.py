"""Files inspected per second on one core, compared with libmagic on their first 4 KB.

The files are those of the corpus, good and bad ones of every type, in the page cache. The inspection includes
libmagic's veto.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, MissingPartError, Target, ratio
from testkit.corpus.generate import corpus, manifest
from testkit.corpus.judge import judge
from testkit.corpus.tools import MissingProgramError
from validator.formats import libmagic

ROUNDS, QUICK_ROUNDS = 11, 1
FILES = 600


def corpus_files() -> tuple[Path, list[dict[str, Any]]]:
    """Returns directory and manifest of the corpus. Raises MissingPartError."""
    try:
        folder = corpus()
    except MissingProgramError as missing:
        raise MissingPartError(f"the corpus cannot be made: {missing} (Debian: ffmpeg, imagemagick)") from missing
    return folder, manifest(folder)


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    folder, entries = corpus_files()
    mixed = entries[:: max(1, len(entries) // FILES)]
    rounds = QUICK_ROUNDS if quick else ROUNDS
    say(f"    {len(mixed)} of {len(entries)} files, {rounds} rounds")
    ours: list[float] = []
    naive: list[float] = []
    for number in range(rounds + 1):
        times = _seconds(lambda: list(judge(folder, mixed))), _seconds(lambda: _libmagic_only(folder, mixed))
        if number:  # the first round fills the caches
            ours.append(len(mixed) / times[0])
            naive.append(len(mixed) / times[1])
    name = "format inspection, files/s on one core ÷ libmagic at 4 KB"
    return [ratio(name, ours, naive, Target(0.5, at_least=True), unit="files/s")]


def _libmagic_only(folder: Path, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        descriptor = os.open(folder / entry["file"], os.O_RDONLY)
        try:
            libmagic.detect(os.pread(descriptor, libmagic.VETO_BYTES, 0))
        finally:
            os.close(descriptor)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
