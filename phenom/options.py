"""Arguments and options that several commands of `phenom` share."""

from pathlib import Path
from typing import Annotated

import typer

from phenom.environments import DeployedEnvironment, Environment

EnvironmentArgument = Annotated[
    Environment, typer.Argument(metavar="ENVIRONMENT", help="local, development or production")
]
DeployedEnvironmentArgument = Annotated[
    DeployedEnvironment, typer.Argument(metavar="ENVIRONMENT", help="development or production")
]
StackOption = Annotated[
    Path,
    typer.Option(
        "--stack", metavar="FILE", show_default=False, help="stack.json of the local cloud [.local/stack.json]"
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be done and change nothing.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DirectoryOption = Annotated[
    Path, typer.Option("--dir", metavar="DIR", show_default=False, help="directory of a running local cloud [.local]")
]
ImageOption = Annotated[
    str | None,
    typer.Option(
        "--invoke-image", metavar="IMAGE", envvar="INVOKE_IMAGE", help="container image instead of AWS's Lambda image"
    ),
]
SkipPullOption = Annotated[
    bool,
    typer.Option(
        "--skip-pull-image", envvar="SKIP_PULL_IMAGE", help="Use the local image; otherwise the first call may pull."
    ),
]
