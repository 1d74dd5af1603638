"""Sends the events of events/ through `sam local invoke` and compares the results: `phenom invoke`.

Each event runs the built function in a new container, against the local cloud.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from local.progress import TroubleError, say
from local.sam_local import report, signals, target
from local.sam_local.cases import Bench, Case, select
from local.sam_local.invocations import Invocations, StoppedError
from local.sam_local.preconditions import Scene, dead_letters_of
from local.sam_local.preparation import Preparation
from local.sam_local.sam_cli import Image
from phenom.errors import DONE, NOT_ALL_DONE


def run(functions: Iterable[str], patterns: Iterable[str], image: Image, jobs: int, directory: Path) -> int:
    """Uses the local cloud of `directory`, or starts one. Returns the exit code. Raises TroubleError."""
    signals.end_as_by_ctrl_c()
    cases = select(functions, patterns)
    try:
        with target.prepared(directory.resolve(), "invoke") as preparation:
            return invoke_all(preparation, cases, image, jobs)
    except (BotoCoreError, ClientError, psycopg.Error) as error:
        raise TroubleError(f"The local cloud does not work: {error}") from error
    except StoppedError:
        raise KeyboardInterrupt from None


def invoke_all(preparation: Preparation, cases: list[Case], image: Image, jobs: int) -> int:
    """Prints each result as it comes. Returns the exit code."""
    begun = time.monotonic()
    table = report.Table(cases)
    with _bench(preparation, cases, image) as bench:
        say(f"\n{table.header()}")
        results = bench.try_all(cases, jobs, lambda result: say(table.row(result)))
    if details := report.render_mismatches(results):
        say(details)
    say(report.render_summary(results, time.monotonic() - begun))
    return DONE if all(result.passed for result in results) else NOT_ALL_DONE


@contextmanager
def _bench(preparation: Preparation, cases: list[Case], image: Image) -> Iterator[Bench]:
    functions = list(dict.fromkeys(case.function for case in cases))
    scene = Scene(preparation.offered, preparation.aws)
    with ExitStack() as stack:
        sam = stack.enter_context(preparation.of(functions, image))
        if "validator" in functions:
            stack.enter_context(scene.validator_paused())
        bodies = dead_letters_of(case.event() for case in cases if case.function == "user_sync")
        if bodies:
            stack.callback(scene.forget_dead_letters, bodies)
        yield Bench(Invocations(sam), scene, preparation.folder / "logs")
