"""Deletes former versions of the functions that nobody will go back to: with SnapStart each is paid for by the hour.

What `live` serves and the newest few of each function stay.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from tqdm import tqdm

from phenom.aws.lambda_versions import Function, functions_of, under_way
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, DeployedStack, UnreachableError, stack_of

KEEP = 5


def superfluous(function: Function, keep: int) -> list[int]:
    """The numbers of the versions to delete, oldest first."""
    newest = {each.number for each in function.versions[-keep:]}
    return [each.number for each in function.versions if each.number not in newest | {function.live}]


def run(stack: DeployedStack, *, keep: int, dry_run: bool) -> int:
    """Exit status: 0 when no superfluous version is left."""
    busy = under_way(stack)
    if busy:
        print(f"A deployment is under way: {busy}. Try again when it has ended.", file=sys.stderr)
        return 1
    found = [(function, number) for function in functions_of(stack) for number in superfluous(function, keep)]
    for function, number in found:
        print(f"  {function.key} {number}")
    if dry_run or not found:
        print(f"{len(found)} versions would be deleted (DRY_RUN)." if dry_run else "There is nothing to delete.")
        return 0
    lambda_ = stack.client("lambda")
    for function, number in tqdm(found, unit="version", desc="Deleted", file=sys.stderr):
        lambda_.delete_function(FunctionName=function.name, Qualifier=str(number))
    print(f"{len(found)} versions deleted.")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return run(stack_of(options.env, options.stack), keep=options.keep, dry_run=options.dry_run)
    except (UnreachableError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is lost; run it again to go on.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="phenom.commands.prune_versions", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument(
        "--keep", type=_positive, default=KEEP, metavar="N", help="of each function (default: %(default)s)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only list them")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more: the newest is CloudFormation's")
    return number


if __name__ == "__main__":
    sys.exit(main())
