"""Puts the alias `live` of the functions back to the version before, within seconds; or to any version that is named.

Without further arguments it undoes the last deployment: functions that it left alone stay as they are. It undoes no
deployment twice, and passes over versions that somebody has rolled back from before. The next `make deploy` that
publishes a version moves `live` forward to it.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.lambda_versions import Deployments, Function, Version, deployments_of, functions_of, move, under_way
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, DeployedStack, UnreachableError, stack_of

NEWEST = "newest"
_READY = {"Active", "Inactive"}  # Inactive ones start at the first call
_DOCUMENTED = "docs/operations/rollback.md"


class RefusedError(Exception):
    """Nothing was changed. The message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Move:
    """One function's way; `target` is None where it stays."""

    function: Function
    target: Version | None


def plan(
    functions: Sequence[Function], deployments: Deployments, only: str | None = None, wanted: str | None = None
) -> list[Move]:
    """Which function goes where.

    `only` is a function's key or name; `wanted` is a version's number, "newest", or None for the version before. Raises
    RefusedError.
    """
    chosen = _chosen(functions, only)
    if wanted == NEWEST:
        moves = [Move(each, _newest(each, deployments)) for each in chosen]
    elif wanted is not None:
        moves = [Move(function, _numbered(function, wanted, alone=only is not None)) for function in chosen]
    else:
        moves = _backwards(chosen, deployments, alone=only is not None)
    moves = [Move(each.function, None) if _serves(each) else each for each in moves]
    for each in moves:
        if each.target and each.target.state not in _READY:
            raise RefusedError(f"Version {each.target.number} of {each.function.key} is {each.target.state}.")
    if not any(each.target for each in moves):
        served = "that is what `live` serves already" if wanted else "there is no version before"
        raise RefusedError(f"Nothing to do: {served}.")
    return moves


def _serves(wanted: Move) -> bool:
    return wanted.target is not None and wanted.target.number == wanted.function.live


def _chosen(functions: Sequence[Function], only: str | None) -> list[Function]:
    chosen = [each for each in functions if only in {None, each.key, each.name}]
    if not chosen:
        raise RefusedError(f"There is no function {only}. There are: {', '.join(each.key for each in functions)}.")
    return chosen


def _numbered(function: Function, wanted: str, *, alone: bool) -> Version:
    if not alone:
        raise RefusedError("Each function counts its own versions: say which one with FUNCTION=… as well.")
    found = function.version(int(wanted)) if wanted.isdigit() else None
    if found is None:
        known = ", ".join(str(each.number) for each in function.versions)
        raise RefusedError(f"{function.key} has no version {wanted}. It has: {known}.")
    return found


def _newest(function: Function, deployments: Deployments) -> Version | None:
    return max(_good(function, deployments), key=lambda each: each.number, default=None)


def _good(function: Function, deployments: Deployments) -> list[Version]:
    """Without those of deployments that failed: they never came to serve all calls."""
    return [each for each in function.versions if not deployments.took_back(each)]


def _backwards(functions: Sequence[Function], deployments: Deployments, *, alone: bool) -> list[Move]:
    behind = [each.key for each in functions if (newest := _newest(each, deployments)) and newest.number > each.live]
    if behind:
        raise RefusedError(
            f"Rolled back already: {', '.join(behind)}. VERSION={NEWEST} goes forward again, as does the next "
            "deployment; FUNCTION=… VERSION=… goes anywhere."
        )
    serving = {each.key: version for each in functions if (version := each.version(each.live))}
    last = max(serving.values(), key=lambda each: each.published_at, default=None)
    if last is None:
        raise RefusedError("No published version serves: there is nothing to go back from.")
    since = deployments.beginning_of(last)
    moves = []
    for function in functions:
        version = serving.get(function.key)
        touched = version is not None and (alone or version.published_at >= since)
        moves.append(Move(function, _before(function, deployments) if touched else None))
    return moves


def _before(function: Function, deployments: Deployments) -> Version | None:
    before = [
        each
        for each in _good(function, deployments)
        if each.number < function.live and each.number not in function.rolled_back
    ]
    return before[-1] if before else None


def show(moves: Sequence[Move]) -> str:
    """A table: function, version that serves → version that will, and since when they are."""
    lines = []
    for each in moves:
        function = each.function
        here = function.version(function.live)
        line = f"  {function.key:<16} {function.live:>4} ({_date(here)})"
        lines.append(f"{line} → {each.target.number:>4} ({_date(each.target)})" if each.target else f"{line}   stays")
    return "\n".join(lines)


def _date(version: Version | None) -> str:
    return f"{version.published_at.astimezone():%Y-%m-%d %H:%M}" if version else "not published"


def run(stack: DeployedStack, *, only: str | None, wanted: str | None, dry_run: bool) -> int:
    """Exit status: 0 when every alias is where it should be. Raises RefusedError."""
    busy = under_way(stack)
    if busy:
        name = stack.description["StackName"]
        raise RefusedError(
            f"A deployment is under way: {busy}. To take that one back:\n"
            f"  aws cloudformation cancel-update-stack --stack-name {name}"
        )
    functions = functions_of(stack)
    try:
        moves = plan(functions, deployments_of(stack), only, wanted)
    except RefusedError:
        print(show([Move(each, None) for each in functions]))
        raise
    print(show(moves))
    if dry_run:
        print("Nothing was changed (DRY_RUN).")
        return 0
    return _carry_out(stack, [each for each in moves if each.target])


def _carry_out(stack: DeployedStack, moves: Sequence[Move]) -> int:
    """As many as can be: one function that cannot be moved is no reason to leave the others broken."""
    failed = 0
    for each in moves:
        assert each.target is not None
        try:
            move(stack, each.function, each.target.number)
        except (BotoCoreError, ClientError) as error:
            failed += 1
            print(f"{each.function.key} could not be moved: {error}", file=sys.stderr)
    print(f"{len(moves) - failed} of {len(moves)} functions moved. Calls that had begun end where they began.")
    print(f"The next `make deploy` that changes them moves `live` forward again: {_DOCUMENTED}.")
    return 1 if failed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        stack = stack_of(options.env, options.stack)
        return run(stack, only=options.function, wanted=options.version, dry_run=options.dry_run)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1
    except (UnreachableError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. Run it again with DRY_RUN=1 to see where every function stands.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="phenom.commands.rollback", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--function", help="one function alone, such as presign or cognito_trigger (default: all)")
    parser.add_argument("--version", help=f"where to: a number, or {NEWEST} (default: before the last deployment)")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    return parser


if __name__ == "__main__":
    sys.exit(main())
