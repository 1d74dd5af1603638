"""The locked sets: requirements/*.txt as uv writes them, and client/package-lock.json."""

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

from tools.supply_chain.paths import CLIENT

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """One package of a lock. `name` is PyPI's normal form, or npm's name."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, order=True)
class PageLibrary:
    """A library that the upload page carries to browsers."""

    name: str
    version: str
    licence: str
    sha512: str  # hexadecimal, of the archive at the registry


def read(lock: Path) -> list[Locked]:
    return sorted(Locked(normal(name), version) for name, version in _LOCKED.findall(lock.read_text()))


def normal(name: str) -> str:
    """As https://packaging.python.org/en/latest/specifications/name-normalization/ has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def page_libraries(lock: Path = CLIENT / "package-lock.json") -> list[PageLibrary]:
    """What the page is bundled with: the lock without what only builds and tests it."""
    found = json.loads(lock.read_text())["packages"]
    shipped = {path: each for path, each in found.items() if path and not each.get("dev")}
    return sorted(
        PageLibrary(
            path.rpartition("node_modules/")[2], each["version"], each.get("license", ""), _sha512(each["integrity"])
        )
        for path, each in shipped.items()
    )


def _sha512(integrity: str) -> str:
    """https://w3c.github.io/webappsec-subresource-integrity/: `sha512-` and base64."""
    algorithm, _, digest = integrity.partition("-")
    if algorithm != "sha512":
        raise ValueError(f"package-lock.json has {algorithm} where it should have sha512: run `npm install` anew")
    return b64decode(digest).hex()
