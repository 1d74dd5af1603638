"""Many files in one short string: unchanged means that none was changed, added or renamed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of_files(files: Iterable[Path], root: Path) -> str:
    """By their names under `root` and their bytes, whatever their order."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
