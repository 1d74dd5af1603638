"""What a build and a deployment are made of, in one short string: unchanged means nothing to do."""

import hashlib
from collections.abc import Iterable

from local.paths import ROOT, SAMCONFIG, TEMPLATE
from phenom.upload_page.digest import of_files

_LEFT_BEHIND = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def of_build() -> str:
    sources = (path for path in (ROOT / "src").rglob("*") if path.is_file() and not _LEFT_BEHIND & set(path.parts))
    locks = (ROOT / "requirements").glob("*.txt")
    packers = (ROOT / "packaging").glob("*.*")
    return of_files([TEMPLATE, *sources, *locks, *packers], ROOT)


def of_deployment(build: str, parameters: Iterable[str]) -> str:
    own = (ROOT / "local" / name for name in ("deployment.py", "emulator/post_deploy_fixes.py"))
    return hashlib.sha256("\n".join([build, of_files([SAMCONFIG, *own], ROOT), *parameters]).encode()).hexdigest()
