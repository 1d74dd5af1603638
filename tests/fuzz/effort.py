"""Measures the work for one input: loop iterations in src, which machine load does not change, and CPU time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

SRC = str(Path(__file__).parents[2] / "src") + "/"
ITERATIONS, ITERATIONS_PER_BYTE = 5_000, 16
CPU_SECONDS = 5.0
"""Limit for work outside our loops: regular expressions, expat, zlib, libmagic. Far more than 64 KB may take."""

_TOOL = 4
_iterations = 0


class TooMuchWorkError(AssertionError):
    """An input caused far more work than its length justifies."""


def _jumped(code: CodeType, _at: int, _to: int) -> object:
    global _iterations  # noqa: PLW0603 - called a million times a second
    if not code.co_filename.startswith(SRC):
        return sys.monitoring.DISABLE
    _iterations += 1
    return None


def _watch() -> None:
    monitoring = sys.monitoring
    if monitoring.get_tool(_TOOL) is None:
        monitoring.use_tool_id(_TOOL, "effort")
        monitoring.register_callback(_TOOL, monitoring.events.JUMP, _jumped)
        monitoring.set_events(_TOOL, monitoring.events.JUMP)


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Raises TooMuchWorkError if its body costs more than an input of `size` bytes justifies."""
    _watch()
    iterations, started = _iterations, time.process_time()
    yield
    spent, seconds = _iterations - iterations, time.process_time() - started
    if spent > ITERATIONS + ITERATIONS_PER_BYTE * size:
        raise TooMuchWorkError(f"{spent:,} loop iterations for {size:,} bytes")
    if seconds > CPU_SECONDS:
        raise TooMuchWorkError(f"{seconds:.1f} s of CPU for {size:,} bytes")
