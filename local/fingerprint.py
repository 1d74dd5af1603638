"""Fingerprints of the inputs of a build and of a deployment; an unchanged one means nothing to do."""

import hashlib
from collections.abc import Iterable

from local.paths import ROOT, SAMCONFIG, TEMPLATE
from phenom.upload_page.digest import hash_files

_IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def build_fingerprint() -> str:
    """Returns a digest of the sources, locks, packaging scripts and template."""
    sources = (path for path in (ROOT / "src").rglob("*") if path.is_file() and not _IGNORED & set(path.parts))
    locks = (ROOT / "requirements").glob("*.txt")
    packers = (ROOT / "packaging").glob("*.*")
    return hash_files([TEMPLATE, *sources, *locks, *packers], ROOT)


def deployment_fingerprint(build: str, parameters: Iterable[str]) -> str:
    """Returns a digest of the build's fingerprint, samconfig.toml, the deploying code and the parameters."""
    own = (ROOT / "local" / name for name in ("deployment.py", "emulator/post_deploy_fixes.py"))
    return hashlib.sha256("\n".join([build, hash_files([SAMCONFIG, *own], ROOT), *parameters]).encode()).hexdigest()
