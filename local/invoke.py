"""Sends the events of events/ through `sam local invoke`: `python -m local.invoke [FUNCTION…] [--case NAME]`.

Each event runs the built function in a container of its own, against the local cloud, and what SAM prints is held to
the expectation beside the event. Exits 1 on any mismatch.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.containers import signals, table, target
from local.containers.cases import FUNCTIONS, Bench, Case, select
from local.containers.given import Scene, dead_letters_of
from local.containers.invocations import Invocations, StoppedError
from local.containers.preparation import Preparation
from local.containers.sam import Image
from local.places import DEFAULT_DIRECTORY
from local.progress import TroubleError, UsageError, complain, say

OK, MISMATCH, USAGE, INTERRUPTED = 0, 1, 2, 130
_EPILOG = (
    "Environment: INVOKE_IMAGE is the image where --invoke-image is not given, SKIP_PULL_IMAGE=1 stands for "
    "--skip-pull-image, JOBS for --jobs. What SAM and the functions said is kept under .local/invoke/containers/logs."
)


def main(arguments: Sequence[str] | None = None) -> int:
    signals.end_as_by_ctrl_c()
    try:
        options = parser().parse_args(arguments)
        cases = select(options.functions, options.case)
        with target.prepared(options.dir.resolve(), "invoke") as preparation:
            return run(preparation, cases, Image(options.invoke_image, pull=not options.skip_pull_image), options.jobs)
    except UsageError as trouble:
        complain(trouble)
        return USAGE
    except TroubleError as trouble:
        complain(trouble)
        return MISMATCH
    except (KeyboardInterrupt, StoppedError):
        say("\nInterrupted: containers and what events suppose are gone.")
        return INTERRUPTED


def run(preparation: Preparation, cases: list[Case], image: Image, jobs: int) -> int:
    begun = time.monotonic()
    shown = table.Table(cases)
    with bench(preparation, cases, image) as there:
        say(f"\n{shown.head()}")
        verdicts = there.try_all(cases, jobs, lambda verdict: say(shown.line(verdict)))
    say(table.mismatches(verdicts), end="")
    say(table.summary(verdicts, time.monotonic() - begun))
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
        bodies = dead_letters_of(case.event for case in cases if case.function == "user_sync")
        if bodies:
            stack.callback(scene.forget_dead_letters, bodies)
        yield Bench(Invocations(sam), scene, preparation.folder / "logs")


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.invoke", description=__doc__, epilog=_EPILOG)
    parser.add_argument(
        "functions", nargs="*", metavar="FUNCTION", help=f"{', '.join(FUNCTIONS)}; all if none is named"
    )
    parser.add_argument(
        "--case", action="append", default=[], metavar="NAME", help="only events of this name, such as 'status_*'"
    )
    parser.add_argument(
        "--jobs", type=_jobs, default=os.environ.get("JOBS") or "2", help="functions at work at once (2)"
    )
    add_container_options(parser)
    return parser


def add_container_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--invoke-image", default=os.environ.get("INVOKE_IMAGE") or None, metavar="IMAGE",
        help="image to run functions in, instead of AWS's own for Lambda",
    )  # fmt: skip
    parser.add_argument(
        "--skip-pull-image", action="store_true", default=os.environ.get("SKIP_PULL_IMAGE", "") not in {"", "0"},
        help="take the image that is here; else the first call asks for a newer one",
    )  # fmt: skip
    parser.add_argument(
        "--dir", type=Path, default=DEFAULT_DIRECTORY, help="of the local cloud to use when it is up (.local)"
    )


def _jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
