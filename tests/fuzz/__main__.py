"""`python -m tests.fuzz`: searches for inputs that show a defect, replays one, or adds one to the regressions."""

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.regressions import keep
from tests.fuzz.runner import CACHE, Outcome, Progress, fuzz
from tests.fuzz.targets import TARGETS, Target

NO_DEFECT, DEFECT, INTERRUPTED = 0, 1, 130


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    targets = [TARGETS[name] for name in options.target or TARGETS]
    if options.replay or options.keep:
        return _one_input(options)
    found = [target.name for target in targets if not _fuzz(target, options)]
    return DEFECT if found else NO_DEFECT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Fuzzes all code that reads untrusted bytes, guided by the coverage of src.",
        epilog="Exit status: 0 no defect found, 1 defect found, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument(
        "--target", action="append", choices=TARGETS, help="target to fuzz (default: all, one after another)"
    )
    parser.add_argument("--seconds", type=int, default=60, help="time for each target (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers (default: a new one each time)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one input through the target")
    parser.add_argument(
        "--keep", nargs=3, metavar=("FILE", "NAME", "WHY"), help="add an input of the target to the regressions"
    )
    return parser


def _fuzz(target: Target, options: argparse.Namespace) -> bool:
    """Returns True if no defect was found."""
    started = time.monotonic()

    def tell(progress: Progress, end: str = "\r") -> None:
        seconds = max(time.monotonic() - started, 0.001)
        print(
            f"{target.name:10} {seconds:5.0f} s  {progress.runs:>10,} runs  {progress.runs / seconds:>7,.0f}/s"
            f"  {progress.edges:>5,} edges  {progress.features:>6,} features  {progress.kept:>5,} inputs kept",
            end=end, flush=True,
        )  # fmt: skip

    limits = (f"-max_total_time={options.seconds}", f"-seed={options.seed}")
    live = sys.stdout.isatty()
    try:
        outcome = fuzz(target, limits, CACHE / "corpus" / target.name, tell if live else lambda _: None)
    except KeyboardInterrupt:
        print(f"{chr(10) * live}Interrupted. The next run continues from {CACHE / 'corpus' / target.name}")
        raise
    tell(outcome.progress, "\n")
    if outcome.failed:
        _report(target, outcome)
    return not outcome.failed


def _report(target: Target, outcome: Outcome) -> None:
    print(outcome.output, file=sys.stderr)
    print(f"{target.name}: an input shows a defect.", file=sys.stderr)
    if outcome.crash:
        print(
            f"It is stored in  {outcome.crash}\n"
            f"Replay it with   make fuzz TARGET={target.name} REPLAY={outcome.crash}\n"
            f"Keep it with     {sys.executable} -m tests.fuzz --target {target.name}"
            f" --keep {outcome.crash} NAME WHY",
            file=sys.stderr,
        )


def _one_input(options: argparse.Namespace) -> int:
    if len(options.target or ()) != 1:
        print("Name the target of the input: --target NAME", file=sys.stderr)
        return 2
    target = TARGETS[options.target[0]]
    if options.keep:
        file, name, why = options.keep
        print(f"Kept as {keep(target.name, name, Path(file).read_bytes(), why)}")
        return NO_DEFECT
    print(f"{target.name}: {target.check(options.replay.read_bytes())}")  # a defect raises its exception
    return NO_DEFECT


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
