"""Checks that every file of a built package is ours or comes from a locked distribution."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from phenom.functions import Function
from tools.supply_chain.installed import Distribution, record_digest, trimmed


class PackageError(Exception):
    """The built package does not match its lock. The message names the files."""


def check(function: Function, found: Iterable[Distribution]) -> None:
    """Raises PackageError."""
    if not function.package.is_dir():
        raise PackageError(f"{function.resource} is not built: run `make build`.")
    known = {path: digest for each in found for path, digest in each.files.items()} | trimmed(function)
    foreign = [path for path, file in _others(function) if known.get(path) != record_digest(file)]
    if foreign:
        raise PackageError(
            f"{function.resource} has files that no locked package contains, or that were changed: "
            f"{', '.join(foreign[:5])}{' …' * (len(foreign) > 5)}. Run `make build`."
        )


def digest(package: Path) -> str:
    """Returns SHA-256 over paths and contents, in hexadecimal."""
    total = hashlib.sha256()
    for file in sorted(path for path in package.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(package)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _others(function: Function) -> Iterator[tuple[str, Path]]:
    """Yields files of libraries, by path within the package; byte code is left out."""
    own = {function.name, *function.shares}
    for file in sorted(function.package.rglob("*")):
        path = file.relative_to(function.package)
        if file.is_file() and path.parts[0] not in own and "__pycache__" not in path.parts:
            yield path.as_posix(), file
