"""Moves the alias `live` of the functions back to earlier versions, within seconds.

Without options it undoes the last deployment; functions that the deployment did not change stay. It undoes no
deployment twice and skips versions that an operator has rolled back from. The next deployment that publishes a version
moves `live` forward to it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.lambda_versions import DeployedFunction, Version, find_running_deployment, list_functions, move_alias
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE, CommandRefusedError, explain
from phenom.terminal import print_table

NEWEST = "newest"
_STARTABLE = {"Active", "Inactive"}  # Lambda activates an inactive version at its first call
_DOCUMENTED = "docs/operations/rollback.md"


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to one function; `target` is None when it stays."""

    function: DeployedFunction
    target: Version | None


def plan(functions: Sequence[DeployedFunction], only: str | None = None, wanted: str | None = None) -> list[Move]:
    """Returns the move of each function. Pure.

    `only` is a function's key or name. `wanted` is a version number, "newest", or None for the version before the last
    deployment. Raises CommandRefusedError.
    """
    chosen = _choose(functions, only)
    if wanted == NEWEST:
        moves = [Move(each, _newest(each)) for each in chosen]
    elif wanted is not None:
        moves = [Move(function, _numbered(function, wanted, single=only is not None)) for function in chosen]
    else:
        moves = _undo_last_deployment(chosen, single=only is not None)
    moves = [Move(each.function, None) if _already_serves(each) else each for each in moves]
    for each in moves:
        if each.target and each.target.state not in _STARTABLE:
            raise CommandRefusedError(f"Version {each.target.number} of {each.function.key} is {each.target.state}.")
    if not any(each.target for each in moves):
        reason = "`live` already serves that version" if wanted else "there is no earlier version"
        raise CommandRefusedError(f"Nothing to do: {reason}.")
    return moves


def run(stack: DeployedStack, *, only: str | None, wanted: str | None, dry_run: bool) -> int:
    """Returns the exit code. Raises CommandRefusedError."""
    if running := find_running_deployment(stack):
        raise CommandRefusedError(
            f"A deployment is in progress: {running}. To cancel it:\n"
            f"  aws cloudformation cancel-update-stack --stack-name {stack.name}"
        )
    functions = list_functions(stack)
    try:
        moves = plan(functions, only, wanted)
    except CommandRefusedError:
        print_moves([Move(each, None) for each in functions])
        raise
    print_moves(moves)
    if dry_run:
        print("Nothing was changed (dry run).")
        return DONE
    wanted_moves = [each for each in moves if each.target]
    failed = carry_out(stack, wanted_moves)
    for function, reason in failed:
        print(f"{function.key} was not moved: {reason}", file=sys.stderr)
    print(f"{len(wanted_moves) - len(failed)} of {len(wanted_moves)} functions moved. Running calls finish unchanged.")
    print(f"The next deployment that changes them moves `live` forward again: {_DOCUMENTED}.")
    return NOT_ALL_DONE if failed else DONE


def carry_out(stack: DeployedStack, moves: Sequence[Move]) -> list[tuple[DeployedFunction, str]]:
    """Moves as many functions as possible. Returns those that could not be moved, with the reason."""
    failed = []
    for each in moves:
        assert each.target is not None
        try:
            move_alias(stack, each.function, each.target.number)
        except (BotoCoreError, ClientError) as error:
            failed.append((each.function, explain(error) or str(error)))
    return failed


def print_moves(moves: Sequence[Move]) -> None:
    rows = []
    for each in moves:
        function, target = each.function, each.target
        live = f"{function.live} ({_date(function.version(function.live))})"
        rows.append((function.key, live, f"{target.number} ({_date(target)})" if target else "stays"))
    print_table(("FUNCTION", "LIVE", "THEN"), rows)


def _already_serves(move: Move) -> bool:
    return move.target is not None and move.target.number == move.function.live


def _choose(functions: Sequence[DeployedFunction], only: str | None) -> list[DeployedFunction]:
    chosen = [each for each in functions if only in {None, each.key, each.name}]
    if not chosen:
        raise CommandRefusedError(
            f"There is no function {only}. Functions: {', '.join(each.key for each in functions)}."
        )
    return chosen


def _numbered(function: DeployedFunction, wanted: str, *, single: bool) -> Version:
    if not single:
        raise CommandRefusedError("Each function counts its own versions: name the function with --function.")
    found = function.version(int(wanted)) if wanted.isdigit() else None
    if found is None:
        known = ", ".join(str(each.number) for each in function.versions)
        raise CommandRefusedError(f"{function.key} has no version {wanted}. Versions: {known}.")
    return found


def _newest(function: DeployedFunction) -> Version | None:
    return max(_deployed(function), key=lambda each: each.number, default=None)


def _deployed(function: DeployedFunction) -> list[Version]:
    """Returns the versions without those of failed deployments, which never served all calls."""
    return [each for each in function.versions if not each.failed]


def _undo_last_deployment(functions: Sequence[DeployedFunction], *, single: bool) -> list[Move]:
    behind = [each.key for each in functions if (newest := _newest(each)) and newest.number > each.live]
    if behind:
        raise CommandRefusedError(
            f"Already rolled back: {', '.join(behind)}. `--version {NEWEST}` moves forward again, as the next "
            "deployment does; `--function … --version …` moves to any version."
        )
    serving = {each.key: version for each in functions if (version := each.version(each.live))}
    last = max(serving.values(), key=lambda each: each.published_at, default=None)
    if last is None:
        raise CommandRefusedError("`live` serves no published version: there is nothing to roll back.")
    moves = []
    for function in functions:
        version = serving.get(function.key)
        changed = version is not None and (single or version.published_at >= last.deployed_at)
        moves.append(Move(function, _previous(function) if changed else None))
    return moves


def _previous(function: DeployedFunction) -> Version | None:
    before = [
        each for each in _deployed(function) if each.number < function.live and each.number not in function.rolled_back
    ]
    return before[-1] if before else None


def _date(version: Version | None) -> str:
    return f"{version.published_at.astimezone():%Y-%m-%d %H:%M}" if version else "not published"
