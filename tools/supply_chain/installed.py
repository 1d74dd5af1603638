"""A function's locked packages, installed as packaging/pack.sh does, with the metadata that it trims."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

from phenom.functions import Function
from tools.supply_chain.locks import ROOT, normal

_CACHE = ROOT / ".cache" / "supply-chain"
_FLAGS = (
    *("--require-hashes", "--only-binary", ":all:", "--no-binary", "pyclamd", "--link-mode", "copy"),
    *("--python-version", "3.13", "--python-platform", "x86_64-manylinux_2_28"),
)

# Libraries of AlmaLinux in libmagic-wheel, whose SBOM has no licences. liblzma 5.2 is in the public domain.
_LICENCES = {"bzip2-libs": "bzip2-1.0.6", "xz-libs": "LicenseRef-Public-Domain"}


class InstallError(Exception):
    """The locked packages could not be installed. The message is uv's."""


@dataclass(frozen=True, slots=True, order=True)
class Carried:
    """A component inside a wheel. `kind` is type and namespace of its package URL, `licence` an SPDX expression."""

    kind: str
    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed package: its metadata, RECORD's digests by path, direct requirements, and compiled-in components."""

    name: str
    version: str
    metadata: Message
    files: dict[str, str]
    needs: frozenset[str]
    carries: tuple[Carried, ...]


def distributions(function: Function) -> list[Distribution]:
    """Raises InstallError."""
    found = (PathDistribution(path) for path in _install(function).glob("*.dist-info"))
    return sorted((_described(each) for each in found), key=lambda each: each.name)


def trimmed(function: Function) -> dict[str, str]:
    """Returns the digests, by path, of the files that packaging changes for this function."""
    installed = _install(function)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(installed, scratch, dirs_exist_ok=True))
        before = _digests(copy)
        python, packaging = ROOT / ".venv/bin/python", ROOT / "packaging"
        subprocess.run([python, packaging / "trim.py", copy, *function.botocore], check=True)
        subprocess.run([python, packaging / "defer_imports.py", copy], check=True)
        return {path: digest for path, digest in _digests(copy).items() if before.get(path) != digest}


def _digests(directory: Path) -> dict[str, str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): record_digest(path) for path in files}


def _install(function: Function) -> Path:
    digest = hashlib.sha256(function.lock.read_bytes()).hexdigest()[:16]
    target = _CACHE / f"{function.name}-{digest}"
    if target.exists():
        return target
    _CACHE.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=_CACHE))
    python = ROOT / ".venv" / "bin"
    command: list[str | Path] = [
        *(python / "uv", "pip", "install", "--quiet", *_FLAGS, "--python", python / "python"),
        *("--target", staging, "-r", function.lock),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(staging)
        raise InstallError(f"{function.lock.relative_to(ROOT)} cannot be installed:\n{done.stderr.strip()}")
    staging.replace(target)
    return target


def _described(found: PathDistribution) -> Distribution:
    metadata = message_from_string(found.read_text("METADATA") or "")
    return Distribution(
        name=normal(metadata["Name"]),
        version=metadata["Version"],
        metadata=metadata,
        files={str(file): file.hash.value for file in found.files or () if file.hash},
        needs=frozenset(_needs(metadata)),
        carries=tuple(sorted({*_from_sboms(found), *_libmagic(found)})),
    )


def _needs(metadata: Message) -> Iterator[str]:
    for line in metadata.get_all("Requires-Dist", []):
        if "extra ==" not in line and (name := re.match(r"[A-Za-z0-9._-]+", line)):
            yield normal(name[0])


def _from_sboms(found: PathDistribution) -> Iterator[Carried]:
    """Yields the components that the wheel's vendor lists, https://peps.python.org/pep-0770/."""
    for file in found.files or ():
        if ".dist-info/sboms/" in str(file):
            for component in json.loads(Path(str(file.locate())).read_text())["components"]:
                kind = component["purl"].partition("?")[0].removeprefix("pkg:").rpartition("/")[0]
                if kind != "pypi":  # the wheel itself
                    yield Carried(kind, component["name"], component["version"], _expression(component))


def _expression(component: dict[str, Any]) -> str:
    if known := _LICENCES.get(component["name"]):
        return known
    (licence,) = component.get("licenses") or [{}]
    return str(licence.get("expression") or licence.get("license", {}).get("id", ""))


def _libmagic(found: PathDistribution) -> Iterator[Carried]:
    """Yields libmagic, which libmagic-wheel does not list in its SBOM; its COPYING is BSD-2-Clause."""
    for file in found.files or ():
        if str(file) == "libmagic/_upstream_version.py":
            text = Path(str(file.locate())).read_text()
            version = text.partition('UPSTREAM_VERSION = "')[2].partition('"')[0]
            yield Carried("generic", "libmagic", version, "BSD-2-Clause")


def record_digest(file: Path) -> str:
    """Returns the digest in the form of RECORD: SHA-256 in URL-safe base64 without padding."""
    return urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
