"""What a person sees while the local cloud works."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOG_TAIL_LINES = 40


class TroubleError(Exception):
    """Something that the person can do something about. The message says what."""


class UsageError(TroubleError):
    """A setting that cannot be meant."""


def say(text: str = "", end: str = "\n") -> None:
    """Goes on without a listener (`… | head`, a closed terminal): what was begun has still to be stopped in order."""
    with suppress(OSError):
        print(text, end=end, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Says what is being done and, when it is done, how long it took."""
    say(f"  {what} … ", end="")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - begun:.1f} s")


def tail(log: Path) -> str:
    """The end of a log file, to be shown with the trouble it tells of."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    shown = "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])
    return f"{shown}\n    (all of it: {log})"


def complain(trouble: TroubleError) -> None:
    with suppress(OSError):
        sys.stdout.flush()
        print(f"\n{trouble}", file=sys.stderr, flush=True)
