"""Messages and errors of the local cloud's commands."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phenom.errors import CommandError

LOG_TAIL_LINES = 40


class TroubleError(CommandError):
    """A problem that the developer can fix. The message says how."""


class UsageError(TroubleError):
    """A setting is invalid."""


def say(text: str = "", end: str = "\n") -> None:
    """Prints. A closed pipe or terminal is ignored, because a started cloud must still be stopped cleanly."""
    with suppress(OSError):
        print(text, end=end, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints what is being done and then how long it took."""
    say(f"  {what} … ", end="")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - begun:.1f} s")


def printable(text: str) -> str:
    """Returns the text in one line, with characters that cannot be printed as escape sequences."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def tail(log: Path) -> str:
    """Returns the end of a log file for an error message."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    shown = "\n".join(f"    {printable(line.expandtabs())}" for line in lines[-LOG_TAIL_LINES:])
    return f"{shown}\n    (complete log: {log})"


def complain(trouble: TroubleError) -> None:
    with suppress(OSError):
        sys.stdout.flush()
        print(f"\n{trouble}", file=sys.stderr, flush=True)
