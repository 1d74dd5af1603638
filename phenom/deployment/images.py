"""Container images that are built: by a job without credentials, pushed by a job that runs nothing of them.

usage: python -m phenom.deployment.images DIRECTORY NAME…
"""

import base64
import sys
from collections.abc import Sequence
from pathlib import Path

from phenom.commands.push_images import Push, select
from phenom.deployment.aws_cli import AwsCliError, Client
from phenom.errors import CommandError, CommandRefusedError
from phenom.images import image_list
from phenom.images.docker import Credentials, Docker
from phenom.images.image_list import BuiltImage


class CliRegistry:
    """The environment's registry, through the AWS CLI."""

    def __init__(self, stack_name: str) -> None:
        self._client = Client("ecr")
        self._prefix = stack_name

    def repository_uri(self, name: str) -> str:
        found = self._client.describe_repositories(repositoryNames=[f"{self._prefix}/{name}"])["repositories"]
        return str(found[0]["repositoryUri"])

    def find_digest(self, name: str, tag: str) -> str | None:
        """Returns the digest of an image, None when no image has this tag."""
        try:
            found = self._client.describe_images(repositoryName=f"{self._prefix}/{name}", imageIds=[{"imageTag": tag}])
        except AwsCliError as error:
            if "ImageNotFoundException" in error.reason:
                return None
            raise
        return str(found["imageDetails"][0]["imageDigest"])

    def credentials(self) -> Credentials:
        data = self._client.get_authorization_token()["authorizationData"][0]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        return Credentials(str(data["proxyEndpoint"]).removeprefix("https://"), user, password)


class SavedImages(Docker):
    """Docker that takes built images from files instead of building them."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def build(self, folder: Path, base: str, destination: str) -> None:  # noqa: ARG002, the base is in the file
        self.load(self._directory / f"{folder.name}.tar", _local_name(folder.name))
        self.push(_local_name(folder.name), destination)


def copy(stack_name: str) -> list[str]:
    """Copies missing images into the registry. Returns the names of missing images that must be built."""
    push = Push(CliRegistry(stack_name))
    images = push.images()
    push.push({name: image for name, image in images.items() if not isinstance(image, BuiltImage)})
    built = {name: image for name, image in images.items() if isinstance(image, BuiltImage)}
    return [name for name, found in push.compare(built).items() if found.state == "missing"]


def push(stack_name: str, directory: Path) -> None:
    """Pushes the images `<name>.tar` of the directory."""
    pushes = Push(CliRegistry(stack_name), builder=lambda: SavedImages(directory))
    pushes.push(select(pushes.images(), [file.stem for file in sorted(directory.glob("*.tar"))]))


def build(directory: Path, names: Sequence[str]) -> None:
    """Builds images from their public bases into `<name>.tar`. Needs no credentials. Raises CommandRefusedError."""
    images = image_list.read()
    docker = Docker()
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        image = images.get(name)
        if not isinstance(image, BuiltImage):
            raise CommandRefusedError(f"images/images.json has no image {name} that is built.")
        docker.save(image.folder, image.base.reference, _local_name(name), directory / f"{name}.tar")


def _local_name(name: str) -> str:
    return f"phenom/{name}:built"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        build(Path(arguments[0]), arguments[1:])
    except CommandError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
