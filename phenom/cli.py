"""The command line `phenom`: arguments, options and help of every command. The work is done in phenom/commands.

Commands import what they need when they run, so that `phenom --help` and shell completion stay quick.
"""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from phenom.chat_commands import commands as chat_commands
from phenom.environments import LOCAL_STACK
from phenom.errors import INTERRUPTED, REFUSED, CommandError, explain
from phenom.options import (
    DirectoryOption,
    DryRunOption,
    EnvironmentArgument,
    ImageOption,
    JsonOption,
    SkipPullOption,
    StackOption,
)
from phenom.quarantine_commands import commands as quarantine_commands
from phenom.setup_commands import commands as setup_commands

_RESUMABLE = "Nothing is lost; run it again to continue."
_INTERRUPTED = {
    "redrive": _RESUMABLE,
    "redrive-users": _RESUMABLE,
    "release": _RESUMABLE,
    "backfill-users": _RESUMABLE,
    "prune-versions": _RESUMABLE,
    "adopt": _RESUMABLE,
    "rollback": "Run it again with --dry-run to see the version of each function.",
    "announce": "Run it again: consumers recognise events that are sent twice.",
    "push-images": _RESUMABLE,
    "origin-certificate": _RESUMABLE,
    "deploy-client": "The previous page still works; run it again.",
    "invoke": "The containers and test data are removed.",
    "start-api": "The containers are removed.",
}
_DESCRIPTION = """Operates Phenom's serverless application.

ENVIRONMENT is local, development or production. `local` is the local cloud of `make run`; the others need AWS
credentials (AWS_PROFILE). Commands without ENVIRONMENT work on the local cloud or on files of this machine."""
_EXIT_CODES = """Exit codes: 0 done; 1 not all done; 2 command refused or wrong usage (also: no credentials, permission
denied, not deployed, not running); 130 interrupted by Ctrl-C."""


class _Commands(TyperGroup):
    """Turns what a command returns or raises into an exit code and one sentence on stderr."""

    def invoke(self, ctx: Any) -> Any:
        try:
            code = super().invoke(ctx)
        except KeyboardInterrupt:
            newline = "\n" if sys.stderr.isatty() else ""  # after the terminal's ^C
            typer.echo(f"{newline}Interrupted. {_INTERRUPTED.get(str(ctx.invoked_subcommand), '')}".rstrip(), err=True)
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            text = explain(error)
            if text is None:
                raise
            typer.echo(text, err=True)
            raise typer.Exit(error.exit_code if isinstance(error, CommandError) else REFUSED) from error
        raise typer.Exit(code or 0)


app = typer.Typer(
    cls=_Commands,
    name="phenom",
    help=_DESCRIPTION,
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.command()
def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    declared: Annotated[
        str | None, typer.Option("--type", metavar="MIME", help="type to declare [by extension]")
    ] = None,
    password: Annotated[str | None, typer.Option(help="upload password [the local cloud's]")] = None,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait for each verdict")] = 600,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per file.")] = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Upload files to the local cloud; wait for verdicts.

    Exit codes: 0 all accepted; 1 a file was not accepted; 2 a file got no verdict.
    """
    from phenom.commands.upload import connect, run

    return run(connect(stack, password, wait), files, declared, as_json=as_json)


@app.command("sign-in")
def sign_in(
    username: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="user of the local pool [the demo user]")
    ] = None,
    password: Annotated[str | None, typer.Option(help="password of that user")] = None,
    role: Annotated[str | None, typer.Option(help="Hasura role to ask for [the default role]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the token.")] = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Sign in to the local cloud; show claims and row.

    Exit codes: 1 claims or row are missing; 2 the sign-in was refused.
    """
    from phenom.commands.sign_in import run, sign_in

    return run(sign_in(stack, username, password, role), as_json=as_json)


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    declared: Annotated[
        str | None, typer.Option("--type", metavar="MIME", help="type to declare [by extension]")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Show the validator's verdict on files of yours.

    Exit codes: 1 a file would be rejected; 2 a file cannot be read.
    """
    from phenom.commands.inspect import run

    return run(files, declared, as_json=as_json)


@app.command()
def event(
    function: Annotated[str, typer.Argument(metavar="FUNCTION", help="presign, validator, …: a folder of events/")],
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="name of a case [list the cases]")] = None,
) -> int:
    """Print a sample event for `sam local invoke`.

    `phenom event presign not_json | .venvs/sam/bin/sam local invoke PresignFunction --event -`
    """
    from phenom.commands.event import print_event

    return print_event(function, case)


@app.command()
def invoke(
    functions: Annotated[list[str] | None, typer.Argument(metavar="FUNCTION…", help="functions [all]")] = None,
    cases: Annotated[
        list[str] | None, typer.Option("--case", metavar="PATTERN", help="cases such as 'status_*'")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, envvar="JOBS", help="functions that run at the same time")] = 2,
    image: ImageOption = None,
    skip_pull: SkipPullOption = False,
    directory: DirectoryOption = LOCAL_STACK.parent,
) -> int:
    """Run sample events in Docker and compare the results.

    Sends the events of events/ through `sam local invoke`, against the local cloud: the running one,
    or one started for this. Exit code 1: a result is not as expected. Logs are in .local/invoke/containers/logs.
    """
    from local.sam_local.invoke import run
    from local.sam_local.sam_cli import Image

    return run(functions or [], cases or [], Image(image or None, pull=not skip_pull), jobs, directory)


@app.command("start-api")
def start_api(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port on loopback")] = 3000,
    image: ImageOption = None,
    skip_pull: SkipPullOption = False,
    directory: DirectoryOption = LOCAL_STACK.parent,
) -> int:
    """Serve the API in Docker until Ctrl-C.

    Runs `sam local start-api` against the local cloud: the running one, or one started for this.
    """
    from local.sam_local.sam_cli import Image
    from local.sam_local.start_api import run

    run(Image(image or None, pull=not skip_pull), port, directory)


@app.command()
def logs(
    environment: EnvironmentArgument,
    upload: Annotated[str, typer.Argument(metavar="UPLOAD", help="id, key or status URL of the upload")],
    days: Annotated[
        int, typer.Option(min=1, max=3650, help="days of logs to search when the ledger has no record")
    ] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the lines as they were logged.")] = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Show an upload's record, objects and log lines.

    Changes nothing. Needs cloudformation:DescribeStacks, dynamodb:GetItem on the ledger's table,
    logs:FilterLogEvents on the log groups of presign and validator, and s3:GetObject and
    s3:ListBucket on both buckets to find the objects.

    Exit code 1: not found.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.logs import parse_upload_id, run

    try:
        upload_id = parse_upload_id(upload)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="UPLOAD") from None
    return run(find_stack(environment, stack), upload_id, days, as_json=as_json)


@app.command()
def redrive(
    environment: EnvironmentArgument,
    dry_run: DryRunOption = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait for the verdicts")] = 300,
    as_json: JsonOption = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Send held uploads through the pipeline again.

    Exit code 1: uploads are still held or unfinished.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.redrive import Redrive, run

    return run(Redrive(find_stack(environment, stack)), dry_run=dry_run, wait_seconds=wait, as_json=as_json)


@app.command("redrive-users")
def redrive_users(
    environment: EnvironmentArgument,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Retry the users in the dead-letter queue.

    Lists them with the reasons first; --dry-run only lists them. Exit code 1: dead letters are left.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.redrive_users import run

    return run(find_stack(environment, stack), dry_run=dry_run, as_json=as_json)


@app.command("backfill-users")
def backfill_users(
    environment: EnvironmentArgument,
    dry_run: DryRunOption = False,
    restart: Annotated[bool, typer.Option("--restart", help="Start over instead of continuing the last run.")] = False,
    rate: Annotated[float, typer.Option(metavar="N", help="users per second")] = 50,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="time to wait until all are written")] = 600,
    progress: Annotated[
        Path | None, typer.Option(metavar="FILE", help="progress file [.cache/backfill/ENVIRONMENT.json]")
    ] = None,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Write all users of the pool to Hasura's database.

    Exit code 1: users are not written yet, or cannot be.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.backfill_users import PROGRESS_DIRECTORY, Backfill, ProgressFile, run

    if not 0 < rate < float("inf"):
        raise typer.BadParameter("must be more than 0", param_hint="--rate")
    file = ProgressFile(progress or PROGRESS_DIRECTORY / f"{environment}.json")
    backfill = Backfill(find_stack(environment, stack), file)
    return run(backfill, dry_run=dry_run, restart=restart, rate=rate, wait_seconds=wait)


@app.command()
def announce(
    environment: EnvironmentArgument,
    since: Annotated[str, typer.Option(metavar="TIME", help="uploads decided since then: 2026-11-28T01:30Z")],
    dry_run: DryRunOption = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Publish the upload events again.

    Exit code 1: events were not sent.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.announce import parse_time, run

    try:
        time = parse_time(since)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    return run(find_stack(environment, stack), time, dry_run=dry_run)


@app.command()
def rollback(
    environment: EnvironmentArgument,
    function: Annotated[str | None, typer.Option(metavar="NAME", help="one function, such as presign [all]")] = None,
    version: Annotated[
        str | None, typer.Option(metavar="N", help="version number or `newest` [before the last deployment]")
    ] = None,
    dry_run: DryRunOption = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Move functions back to their previous versions.

    Undoes the last deployment within seconds. The next deployment that publishes a version moves forward again.

    Exit code 1: a function could not be moved.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.rollback import run

    return run(find_stack(environment, stack), only=function, wanted=version, dry_run=dry_run)


@app.command("prune-versions")
def prune_versions(
    environment: EnvironmentArgument,
    keep: Annotated[int, typer.Option(min=1, metavar="N", help="versions of each function to keep")] = 5,
    dry_run: DryRunOption = False,
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Delete old function versions. Keeps the one that serves and the newest ones."""
    from phenom.aws.stacks import find_stack
    from phenom.commands.prune_versions import run

    return run(find_stack(environment, stack), keep=keep, dry_run=dry_run)


@app.command()
def adopt(environment: EnvironmentArgument, dry_run: DryRunOption = False, stack: StackOption = LOCAL_STACK) -> int:
    """Import what a deleted stack left into a new stack.

    Buckets, table and secret survive their stack; without this command the next deployment fails.
    """
    from phenom.aws.stacks import find_account
    from phenom.commands.adopt import run

    return run(find_account(environment, stack), dry_run=dry_run)


@app.command("hasura-jwt")
def hasura_jwt(
    environment: EnvironmentArgument,
    claims_format: Annotated[
        Literal["stringified_json", "json"], typer.Option(help="as set for cognito_trigger")
    ] = "stringified_json",
    stack: StackOption = LOCAL_STACK,
) -> int:
    """Print HASURA_GRAPHQL_JWT_SECRET for the user pool."""
    from phenom.commands.hasura_jwt import find_pool, run

    return run(find_pool(environment, stack), claims_format)


@app.command("deploy-client")
def deploy_client(environment: EnvironmentArgument, stack: StackOption = LOCAL_STACK) -> int:
    """Build the upload page and publish it."""
    from phenom.aws.stacks import find_stack
    from phenom.commands.deploy_client import run

    return run(find_stack(environment, stack))


@app.command()
def outputs(environment: EnvironmentArgument, as_json: JsonOption = False, stack: StackOption = LOCAL_STACK) -> int:
    """Print the outputs of the SAM stack and of Terraform.

    Exit code 1: outputs are missing; stderr says why.
    """
    from phenom.aws.stacks import find_stack
    from phenom.commands.outputs import run

    return run(find_stack(environment, stack), environment, as_json=as_json)


app.add_typer(quarantine_commands)
app.add_typer(setup_commands)
app.add_typer(chat_commands)


def main() -> None:
    app(prog_name="phenom")
