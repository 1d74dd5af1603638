"""Memory for an object of 2 GB compared with one of 1 MB, without and with a scan."""

from collections.abc import Callable
from statistics import median

from benchmarks.figures import Figure, Target, spread
from benchmarks.peak_memory import HUGE, SMALL
from benchmarks.peak_memory import measure as peak

ROUNDS, QUICK_ROUNDS = 3, 1


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    rounds = QUICK_ROUNDS if quick else ROUNDS
    say(f"    {rounds} rounds of two objects, without and with a scan")
    return [_figure(scanning=scanning, rounds=rounds) for scanning in (False, True)]


def _figure(*, scanning: bool, rounds: int) -> Figure:
    """Few rounds suffice: memory hardly varies, and each scan reads 2 GB."""
    small: list[float] = []
    huge: list[float] = []
    for _ in range(rounds):
        small.append(peak(SMALL, scanning=scanning)["peak"] / 1e6)
        huge.append(peak(HUGE, scanning=scanning)["peak"] / 1e6)
    more = [large - little for little, large in zip(small, huge, strict=True)]
    name = f"validator: peak memory of a 2 GB object − of a 1 MB object, scanning {'on' if scanning else 'off'}"
    detail = f"{median(huge):.1f} MB against {median(small):.1f} MB"
    return Figure(name, median(more), "MB", Target(4), spread(more), detail)
