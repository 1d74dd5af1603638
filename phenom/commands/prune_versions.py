"""Deletes old function versions: with SnapStart each one costs money by the hour.

Keeps the version that `live` serves and the newest ones of each function.
"""

from phenom.aws.lambda_versions import DeployedFunction, find_running_deployment, list_functions
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, CommandRefusedError
from phenom.terminal import track


def select_superfluous(function: DeployedFunction, keep: int) -> list[int]:
    """Returns the numbers of the versions to delete, oldest first."""
    newest = {each.number for each in function.versions[-keep:]}
    return [each.number for each in function.versions if each.number not in newest | {function.live}]


def run(stack: DeployedStack, *, keep: int, dry_run: bool) -> int:
    """Returns the exit code. Raises CommandRefusedError."""
    if running := find_running_deployment(stack):
        raise CommandRefusedError(f"A deployment is in progress: {running}. Retry when it has ended.")
    found = [(function, number) for function in list_functions(stack) for number in select_superfluous(function, keep)]
    for function, number in found:
        print(f"  {function.key} {number}")
    if dry_run or not found:
        print(f"{len(found)} versions would be deleted (dry run)." if dry_run else "There is nothing to delete.")
        return DONE
    client = stack.client("lambda")
    for function, number in track(found, "Deleting versions"):
        client.delete_function(FunctionName=function.name, Qualifier=str(number))
    print(f"{len(found)} versions deleted.")
    return DONE
