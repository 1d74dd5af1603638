"""Fills the registry of an environment with the images of images/images.json. Safe to repeat and to interrupt.

Images that are there are skipped, because a tag never gets another image: the repositories are immutable.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

from phenom.errors import DONE, CommandRefusedError, IncompleteError
from phenom.images import image_list
from phenom.images.docker import Credentials, Docker
from phenom.images.image_list import BuiltImage, CopiedImage, Image


class Registry(Protocol):
    """The operations of a registry that the command needs (phenom.aws.ecr)."""

    def repository_uri(self, name: str) -> str: ...
    def find_digest(self, name: str, tag: str) -> str | None: ...
    def credentials(self) -> Credentials: ...


class Builder(Protocol):
    """The operations of Docker that the command needs."""

    def sign_in(self, registry: str, user: str, password: str) -> None: ...
    def sign_out(self, registry: str) -> None: ...
    def find_digest(self, reference: str) -> str: ...
    def copy(self, source: str, destination: str) -> None: ...
    def build(self, folder: Path, base: str, destination: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image in the registry; `digest` is None only when it is missing (dry run). `pinned`: the list fixes it."""

    repository: str
    tag: str
    digest: str | None
    state: Literal["present", "copied", "built", "missing"]
    pinned: bool


class Push:
    """Copies and builds images into one registry."""

    def __init__(
        self, registry: Registry, builder: Callable[[], Builder] = Docker, path: Path = image_list.LIST
    ) -> None:
        """`builder` is called when there is something to do: a check of a full registry needs no Docker."""
        self._registry = registry
        self._builder = builder
        self._path = path

    def images(self) -> dict[str, Image]:
        """Returns the list. Raises ImageListError."""
        return image_list.read(self._path)

    def pin(self, images: Mapping[str, Image]) -> dict[str, Image]:
        """Writes the digests that the sources' tags have now into the list, where it has none. Returns the new list."""
        unpinned = [each for each in images.values() if isinstance(each, CopiedImage) and each.digest is None]
        if unpinned:
            builder = self._builder()
            image_list.write_digests({each.name: builder.find_digest(each.source) for each in unpinned}, self._path)
        new = self.images()
        return {name: new[name] for name in images}

    def compare(self, images: Mapping[str, Image]) -> dict[str, Pushed]:
        """Returns what the registry has. Raises UnreachableError when a repository does not exist, IncompleteError."""
        return {name: self._look_up(image) for name, image in images.items()}

    def push(self, images: Mapping[str, Image]) -> dict[str, Pushed]:
        """Returns what the registry has afterwards. Raises IncompleteError."""
        pushed = self.compare(images)
        missing = [name for name, found in pushed.items() if found.state == "missing"]
        if not missing:
            return pushed
        builder = self._builder()
        with _signed_in(builder, self._registry.credentials()):
            for name in missing:
                pushed[name] = self._push_one(images[name], pushed, builder)
        return pushed

    def _look_up(self, image: Image) -> Pushed:
        repository = self._registry.repository_uri(image.name)
        digest = self._find_digest(image)
        return Pushed(repository, image.tag, digest, "present" if digest else "missing", _is_pinned(image))

    def _push_one(self, image: Image, pushed: Mapping[str, Pushed], builder: Builder) -> Pushed:
        goal = pushed[image.name]
        destination = f"{goal.repository}:{goal.tag}"
        print(f"{image.name}: {destination}", file=sys.stderr)
        if isinstance(image, BuiltImage):
            base = pushed[image.base.name]
            builder.build(image.folder, f"{base.repository}@{base.digest}", destination)
        else:
            builder.copy(image.reference, destination)
        digest = self._find_digest(image)
        if digest is None:
            raise IncompleteError(f"Docker reported success, but {destination} is not in the registry: repeat.")
        return Pushed(
            goal.repository, goal.tag, digest, "built" if isinstance(image, BuiltImage) else "copied", goal.pinned
        )

    def _find_digest(self, image: Image) -> str | None:
        """Returns the digest in the registry, None when missing. Raises IncompleteError when the list has another."""
        digest = self._registry.find_digest(image.name, image.tag)
        if digest and isinstance(image, CopiedImage) and image.digest not in (None, digest):
            raise IncompleteError(
                f"{image.name}:{image.tag} has the digest {digest} in the registry, not {image.digest} as listed: "
                "do not use it, and delete it there."
            )
        return digest


def select(images: Mapping[str, Image], only: list[str]) -> dict[str, Image]:
    """Returns the named images (all by default) and their bases, in the list's order. Raises CommandRefusedError."""
    if unknown := sorted(set(only) - images.keys()):
        raise CommandRefusedError(
            f"There is no image {', '.join(unknown)}. images/images.json has: {', '.join(images)}."
        )
    chosen = [images[name] for name in only or images]
    wanted = {each.name for each in chosen} | {each.base.name for each in chosen if isinstance(each, BuiltImage)}
    return {name: image for name, image in images.items() if name in wanted}


def run(push: Push, *, only: list[str], dry_run: bool, pin: bool, as_json: bool) -> int:
    """Returns the exit code. Raises CommandError."""
    images = select(push.images(), only)
    if pin:
        images = push.pin(images)
    result = push.compare(images) if dry_run else push.push(images)
    if as_json:
        print(json.dumps({name: asdict(each) for name, each in result.items()}, indent=2))
    else:
        _print_report(result)
    return DONE


def _print_report(result: Mapping[str, Pushed]) -> None:
    from phenom.terminal import print_table  # needs rich, which a deployment from GitHub has not installed

    rows = [(name, each.tag, each.digest or "", each.state) for name, each in result.items()]
    print_table(("IMAGE", "TAG", "DIGEST", "STATE"), rows)
    if unpinned := [name for name, each in result.items() if not each.pinned]:
        print(
            f"No digest in images/images.json for {', '.join(unpinned)}: other environments may get other images. "
            "--pin writes the digests.",
            file=sys.stderr,
        )


def _is_pinned(image: Image) -> bool:
    return (image.base if isinstance(image, BuiltImage) else image).digest is not None


@contextmanager
def _signed_in(builder: Builder, credentials: Credentials) -> Iterator[None]:
    builder.sign_in(credentials.registry, credentials.user, credentials.password)
    try:
        yield
    finally:
        builder.sign_out(credentials.registry)
