"""The locked packages: requirements/*.txt as uv writes them, and client/package-lock.json."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
PAGE_LOCK = ROOT / "client" / "package-lock.json"
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """A locked package. `name` is PyPI's normal form, or npm's name; `licence` is known for npm's packages only."""

    name: str
    version: str
    licence: str = ""


def python_packages(lock: Path) -> list[Locked]:
    return sorted(Locked(normal(name), version) for name, version in _LOCKED.findall(lock.read_text(encoding="utf-8")))


def page_packages(lock: Path = PAGE_LOCK) -> list[Locked]:
    """Returns the packages that the upload page carries to browsers: the lock without development dependencies."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return sorted(
        Locked(path.rpartition("node_modules/")[2], each["version"], each.get("license", ""))
        for path, each in packages.items()
        if path and not each.get("dev")
    )


def normal(name: str) -> str:
    """Returns the name normalized, https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()
