"""Sends the events of events/ through `sam local invoke`: `python -m local.sam_local.invoke [FUNCTION…] [--case NAME]`.

Each event runs the built function in a container of its own, against the local cloud, and what SAM prints is held to
the expectation beside the event. Exits 1 on any mismatch.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from local.progress import TroubleError, UsageError, complain, say
from local.sam_local import options, report, signals, target
from local.sam_local.cases import Bench, Case, select
from local.sam_local.invocations import Invocations, StoppedError
from local.sam_local.preconditions import Scene, dead_letters_of
from local.sam_local.preparation import Preparation
from local.sam_local.sam_cli import Image
from phenom.functions import FUNCTIONS

OK, MISMATCH, USAGE, INTERRUPTED = 0, 1, 2, 130
_KEPT = "What SAM and the functions said is kept under .local/invoke/containers/logs."


def main(arguments: Sequence[str] | None = None) -> int:
    signals.end_as_by_ctrl_c()
    chosen = parser().parse_args(arguments)
    try:
        cases = select(chosen.functions, chosen.case)
        with target.prepared(chosen.dir.resolve(), "invoke") as preparation:
            return run(preparation, cases, options.image(chosen), chosen.jobs)
    except UsageError as trouble:
        complain(trouble)
        return USAGE
    except TroubleError as trouble:
        complain(trouble)
        return MISMATCH
    except (BotoCoreError, ClientError, psycopg.Error) as error:
        complain(TroubleError(f"The local cloud does not do its part: {error}"))
        return MISMATCH
    except (KeyboardInterrupt, StoppedError):
        say("\nInterrupted: containers and what events suppose are gone.")
        return INTERRUPTED


def run(preparation: Preparation, cases: list[Case], image: Image, jobs: int) -> int:
    begun = time.monotonic()
    shown = report.Table(cases)
    with bench(preparation, cases, image) as there:
        say(f"\n{shown.head()}")
        verdicts = there.try_all(cases, jobs, lambda verdict: say(shown.line(verdict)))
    if told := report.mismatches(verdicts):
        say(told)
    say(report.summary(verdicts, time.monotonic() - begun))
    return OK if all(verdict.passed for verdict in verdicts) else MISMATCH


@contextmanager
def bench(preparation: Preparation, cases: list[Case], image: Image) -> Iterator[Bench]:
    """Where these cases can be tried."""
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


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.sam_local.invoke",
        description=__doc__,
        epilog=f"{options.EPILOG} JOBS stands for --jobs. {_KEPT}",
    )
    functions = f"{', '.join(FUNCTIONS)}; all if none is named"
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help=functions)
    parser.add_argument(
        "--case", action="append", default=[], metavar="NAME", help="only events of this name, such as 'status_*'"
    )
    parser.add_argument(
        "--jobs", type=options.jobs, default=os.environ.get("JOBS") or "2", help="functions at work at once (2)"
    )
    options.add(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
