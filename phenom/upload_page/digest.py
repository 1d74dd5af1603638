"""Hashes sets of files, to notice that one was changed, added, removed or renamed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def hash_files(files: Iterable[Path], root: Path) -> str:
    """Returns a hash of the names under `root` and the contents, independent of the order."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
