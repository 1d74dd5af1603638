"""The commands of `phenom` for files that the scanner rejected."""

from typing import Annotated

import typer

from phenom.environments import LOCAL_STACK, Environment
from phenom.options import DryRunOption, EnvironmentArgument, JsonOption, StackOption

commands = typer.Typer()
quarantine = typer.Typer(
    help="Show the files in quarantine. `phenom release` releases one.", no_args_is_help=True, rich_markup_mode=None
)
commands.add_typer(quarantine, name="quarantine")


@quarantine.command("list")
def list_quarantine(
    environment: EnvironmentArgument, as_json: JsonOption = False, stack: StackOption = LOCAL_STACK
) -> int:
    """List the files in quarantine, the newest first.

    Assumes the role of the output QuarantineOperatorRoleArn. Changes nothing.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.quarantine import run

    return run(find_stack(environment, stack), as_json=as_json)


@commands.command()
def release(
    upload: Annotated[str, typer.Argument(metavar="UPLOAD", help="id, key or status URL of the upload")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="why; kept in the ledger with your identity")],
    environment: Annotated[
        Environment, typer.Option("--env", metavar="ENVIRONMENT", help="local, development or production")
    ] = "local",
    judge_again: Annotated[
        bool,
        typer.Option(
            "--judge-again/--overrule",
            help="Scan it again, because new definitions may clear it; or accept it without a scan. Its structure is "
            "checked in any case.",
        ),
    ] = True,
    dry_run: DryRunOption = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait for the verdict")] = 300,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Release an upload from quarantine.

    Assumes the role of the output QuarantineOperatorRoleArn.

    Exit code 1: the upload is not accepted, or not yet.
    """
    from phenom.aws.operator_role import assume_role
    from phenom.aws.stacks import find_stack
    from phenom.commands.logs import parse_upload_id
    from phenom.commands.quarantine import OPERATOR_ROLE
    from phenom.commands.release import Order, Quarantine, parse_because, run
    from uploads.record import ReleaseMode

    try:
        upload_id, reason = parse_upload_id(upload), parse_because(because)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    mode = ReleaseMode.JUDGE_AGAIN if judge_again else ReleaseMode.OVERRULE
    found = find_stack(environment, stack)
    quarantine = Quarantine(found, assume_role(found, OPERATOR_ROLE))
    return run(quarantine, Order(upload_id, mode, reason), dry_run=dry_run, wait_seconds=wait)
