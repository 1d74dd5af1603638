"""The commands of `phenom` that prepare an account for a deployment."""

from typing import Annotated

import typer

from phenom.options import DeployedEnvironmentArgument, DryRunOption, JsonOption

commands = typer.Typer()


@commands.command()
def preflight(environment: DeployedEnvironmentArgument, as_json: JsonOption = False) -> int:
    """Check the AWS account before a deployment.

    Changes nothing. Needs the read permissions of docs/operations/preflight.md; a check without its
    permission is `unknown` and names the missing action.

    Exit code 1: something is missing or unknown.
    """
    from phenom.aws.stacks import find_account
    from phenom.commands.preflight import run

    return run(find_account(environment), as_json=as_json)


@commands.command("push-images")
def push_images(
    environment: DeployedEnvironmentArgument,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="image of images/images.json [all]; repeatable")
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Write missing digests into images/images.json first.")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> int:
    """Copy and build the container images.

    Fills the environment's registry with the images of images/images.json; skips those that are there.
    Needs Docker, and the repositories of infra/terraform/bootstrap.

    Exit code 1: images are still missing.
    """
    from phenom.aws.ecr import Registry
    from phenom.aws.stacks import find_account
    from phenom.commands.push_images import Push, run

    if pin and dry_run:
        raise typer.BadParameter("changes a file: leave out --dry-run", param_hint="--pin")
    push = Push(Registry(find_account(environment)))
    return run(push, only=only or [], dry_run=dry_run, pin=pin, as_json=as_json)
