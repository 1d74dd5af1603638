"""What the commands that run functions in containers have in common on the command line."""

import argparse
import os
from pathlib import Path

from local import ports
from local.paths import DEFAULT_DIRECTORY
from local.sam_local.sam_cli import Image

EPILOG = (
    "Environment: INVOKE_IMAGE is the image where --invoke-image is not given; SKIP_PULL_IMAGE=1 stands for "
    "--skip-pull-image; DOCKER_HOST names the Docker Engine."
)


def add(parser: argparse.ArgumentParser) -> None:
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


def image(chosen: argparse.Namespace) -> Image:
    return Image(chosen.invoke_image, pull=not chosen.skip_pull_image)


def port(text: str) -> int:
    try:
        return ports.number(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be {ports.RANGE}") from None


def jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)
