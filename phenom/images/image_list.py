"""The list of container images, images/images.json. infra/terraform/modules/images computes the same tags."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from phenom.errors import CommandError
from phenom.functions import ROOT

LIST = ROOT / "images" / "images.json"
_SOURCE = re.compile(r"[a-z0-9][a-z0-9./_-]*(:[0-9]+/[a-z0-9./_-]+)?:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class ImageListError(CommandError):
    """The list has a mistake. The message names the entry and the field."""


@dataclass(frozen=True, slots=True)
class CopiedImage:
    """An image that is copied from another registry. `digest` is None while the list does not fix it."""

    name: str
    source: str
    digest: str | None

    @property
    def reference(self) -> str:
        """The source by digest, or by tag while the list has no digest."""
        return self.source if self.digest is None else f"{self.source}@{self.digest}"

    @property
    def tag(self) -> str:
        """The source's tag; with the start of the digest, because a source can move its tag to another image."""
        tag = self.source.rpartition(":")[2]
        return tag if self.digest is None else f"{tag}-{self.digest.removeprefix('sha256:')[:12]}"


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image that is built from `folder`, whose Dockerfile starts from `base`."""

    name: str
    base: CopiedImage
    folder: Path

    @property
    def tag(self) -> str:
        """The first 16 digits of a SHA-256 over the base's reference, and every file's name and SHA-256."""
        names = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        hashes = (f"{name} {_sha256(self.folder / name)}" for name in names if "node_modules/" not in name)
        return hashlib.sha256("\n".join([self.base.reference, *hashes]).encode()).hexdigest()[:16]


type Image = CopiedImage | BuiltImage


def read(path: Path = LIST) -> dict[str, Image]:
    """Returns the images by name, every base before the images built from it. Raises ImageListError."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    copied = {name: _copied(name, entry) for name, entry in entries.items() if "base" not in entry}
    built = {name: _built(name, entry, copied, path.parent) for name, entry in entries.items() if "base" in entry}
    return {**copied, **built}


def write_digests(digests: Mapping[str, str], path: Path = LIST) -> None:
    """Writes the digests into the entries of these names."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    for name, digest in digests.items():
        entries[name]["digest"] = digest
    path.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def _copied(name: str, entry: Mapping[str, str | None]) -> CopiedImage:
    if entry.keys() != {"source", "digest"}:
        raise ImageListError(f"{LIST.name}: {name} must have either `source` and `digest`, or `base`.")
    source, digest = entry["source"] or "", entry["digest"]
    found = _SOURCE.fullmatch(source)
    if not found or found["tag"] == "latest":
        raise ImageListError(f"{LIST.name}: {name}.source must be REPOSITORY:TAG with a tag other than latest.")
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise ImageListError(f"{LIST.name}: {name}.digest must be sha256: with 64 hexadecimal digits, or null.")
    return CopiedImage(name, source, digest)


def _built(name: str, entry: Mapping[str, str], copied: Mapping[str, CopiedImage], images: Path) -> BuiltImage:
    if entry.keys() != {"base"} or entry["base"] not in copied:
        raise ImageListError(f"{LIST.name}: {name}.base must be the name of a copied image, and its only field.")
    folder = images / name
    if not (folder / "Dockerfile").is_file():
        raise ImageListError(f"{LIST.name}: {name} needs {folder.name}/Dockerfile in the folder of the list.")
    return BuiltImage(name, copied[entry["base"]], folder)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
