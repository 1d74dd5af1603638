"""What a build and a deployment are made of, in one short string: unchanged means nothing to do."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from local.places import ROOT, SAMCONFIG, TEMPLATE

_LEFT_BEHIND = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def of_build() -> str:
    sources = (path for path in (ROOT / "src").rglob("*") if path.is_file() and not _LEFT_BEHIND & set(path.parts))
    locks = (ROOT / "requirements").glob("*.txt")
    return _digest([TEMPLATE, *sources, *locks])


def of_deployment(build: str, parameters: Iterable[str]) -> str:
    own = (ROOT / "local" / name for name in ("deployment.py", "mending.py"))
    return hashlib.sha256("\n".join([build, _digest([SAMCONFIG, *own]), *parameters]).encode()).hexdigest()


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
