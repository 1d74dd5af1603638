"""Steps of a job with credentials. `python -S` proves that nothing but this repository and the standard library runs.

usage: python -S -m phenom.deployment unpack FILE DIRECTORY
       python -S -m phenom.deployment stack ENVIRONMENT DIRECTORY ROLE_ARN
       python -S -m phenom.deployment page ENVIRONMENT DIRECTORY
       python -S -m phenom.deployment copy-images ENVIRONMENT
       python -S -m phenom.deployment push-images ENVIRONMENT DIRECTORY

DIRECTORY is the unpacked bundle, for push-images the folder with the built images. copy-images prints the names of the
images that must be built.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from phenom.deployment import aws_cli, bundle, images, stack
from phenom.errors import DONE, REFUSED, CommandError
from phenom.upload_page import publish


def publish_page(deployment: stack.Deployment, page: Path) -> None:
    described = stack.describe(deployment)
    if {"ParameterKey": "UploadPage", "ParameterValue": "off"} in described["Parameters"]:
        print("UploadPage=off: no page is published.")
        return
    site = publish.site_of_stack(described, aws_cli.Client)
    keys = publish.publish(site, page, aws_cli.Client)
    print(f"{len(keys)} files are in {site.bucket}.")


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    try:
        match arguments:
            case ["unpack", file, directory]:
                bundle.unpack(Path(file), Path(directory))
            case ["stack", environment, directory, role_arn]:
                stack.deploy(stack.read_deployment(environment), Path(directory), role_arn)
            case ["page", environment, directory]:
                publish_page(stack.read_deployment(environment), Path(directory) / bundle.PAGE)
            case ["copy-images", environment]:
                print(*images.copy(stack.read_deployment(environment).stack_name))
            case ["push-images", environment, directory]:
                images.push(stack.read_deployment(environment).stack_name, Path(directory))
            case _:
                print(__doc__, file=sys.stderr)
                return REFUSED
    except CommandError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
