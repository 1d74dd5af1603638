"""How many files one core inspects in a second, veto of libmagic included, beside libmagic alone on their first 4 KB.

The files are the corpus of the tests, good and bad ones of every type, from the page cache.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, MissingPartError, Target, ratio
from testkit.corpus.generate import corpus, manifest
from testkit.corpus.tools import MissingProgramError

ROUNDS, QUICK_ROUNDS = 11, 1
FILES = 600


def corpus_files() -> tuple[Path, list[dict[str, Any]]]:
    """The directory and the manifest of the corpus. Raises MissingPartError."""
    try:
        folder = corpus()
    except MissingProgramError as missing:
        raise MissingPartError(f"the corpus cannot be made: {missing} (Debian: ffmpeg, imagemagick)") from missing
    return folder, manifest(folder)


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    from testkit.corpus.judge import judge  # noqa: PLC0415 - needs src on the path

    folder, entries = corpus_files()
    mixed = entries[:: max(1, len(entries) // FILES)]
    rounds = QUICK_ROUNDS if quick else ROUNDS
    say(f"    {len(mixed)} of {len(entries)} files, {rounds} rounds")
    ours: list[float] = []
    alone: list[float] = []
    for number in range(rounds + 1):
        times = _seconds(lambda: list(judge(folder, mixed))), _seconds(lambda: _libmagic_alone(folder, mixed))
        if number:  # the first one fills the caches
            ours.append(len(mixed) / times[0])
            alone.append(len(mixed) / times[1])
    name = "format inspection, files/s on one core ÷ libmagic alone at 4 KB"
    return [ratio(name, ours, alone, Target(0.5, at_least=True), unit="files/s")]


def _libmagic_alone(folder: Path, entries: list[dict[str, Any]]) -> None:
    from validator.formats import libmagic  # noqa: PLC0415

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
