"""How much work one input costs: turns of loops in src, which no other load on the machine changes, and CPU time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

SRC = str(Path(__file__).parents[2] / "src") + "/"
TURNS, TURNS_PER_BYTE = 5_000, 16
CPU_SECONDS = 5.0
"""For what turns in no loop of ours: regular expressions, expat, zlib, libmagic. Far above what 64 KB may take."""

_TOOL = 4
_turns = 0


class TooMuchWorkError(AssertionError):
    """One input made the code work far longer than its length is worth."""


def _jumped(code: CodeType, _at: int, _to: int) -> object:
    global _turns  # noqa: PLW0603 - called a million times a second
    if not code.co_filename.startswith(SRC):
        return sys.monitoring.DISABLE
    _turns += 1
    return None


def _watch() -> None:
    monitoring = sys.monitoring
    if monitoring.get_tool(_TOOL) is None:
        monitoring.use_tool_id(_TOOL, "effort")
        monitoring.register_callback(_TOOL, monitoring.events.JUMP, _jumped)
        monitoring.set_events(_TOOL, monitoring.events.JUMP)


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Raises TooMuchWorkError when what is done inside costs more than an input of `size` bytes is worth."""
    _watch()
    turns, started = _turns, time.process_time()
    yield
    spent, seconds = _turns - turns, time.process_time() - started
    if spent > TURNS + TURNS_PER_BYTE * size:
        raise TooMuchWorkError(f"{spent:,} turns of loops for {size:,} bytes")
    if seconds > CPU_SECONDS:
        raise TooMuchWorkError(f"{seconds:.1f} s of CPU for {size:,} bytes")
