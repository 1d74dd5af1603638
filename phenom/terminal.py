"""Tables on stdout and progress bars on stderr."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import IO, BinaryIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

_UNLIMITED = 10_000  # columns of a pipe or file: never wrap or cut


class Bar:
    """One progress bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)

    def update(self, *, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def progress_bar(description: str, total: int | None, *, done: int = 0, transient: bool = False) -> Iterator[Bar]:
    """Shows a bar; where stderr is no terminal, only its last state, or nothing when `transient`."""
    console = _console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    live = Progress(*columns, console=console, auto_refresh=console.is_terminal, transient=transient)
    bar = Bar(live, live.add_task(description, total=total, completed=done))
    with live if console.is_terminal or not transient else nullcontext():
        yield bar


def track[T](items: Sequence[T], description: str) -> Iterator[T]:
    """Yields the items and shows how many were taken."""
    with progress_bar(description, len(items)) as bar:
        for item in items:
            yield item
            bar.advance()


@contextmanager
def progress_reader(file: BinaryIO, description: str, size: int) -> Iterator[BinaryIO]:
    """Yields the file; a bar shows how many bytes were read."""
    console = _console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, auto_refresh=console.is_terminal) as live:
        yield live.wrap_file(file, size, description=description)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Prints rows under their column titles; the columns named in `right` are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console(sys.stdout).print(table)


def _console(stream: IO[str]) -> Console:
    """Returns a console that prints text as it is: no markup, no emoji codes, no colours by guesswork."""
    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)
