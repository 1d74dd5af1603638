"""Where things lie, and which functions there are."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
CLIENT = ROOT / "client"
BUILD = ROOT / ".aws-sam" / "build"
_PACKED = re.compile(r"^build-(\w+):\n\t\$\(call pack,(\w+),([\w ]*)(?:,([\w ]*))?\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Function:
    """A function as src/Makefile packs it: its resource, its package, those of ours it shares, what of AWS it calls."""

    resource: str
    name: str
    shares: tuple[str, ...]
    services: tuple[str, ...] = ()

    @property
    def lock(self) -> Path:
        return REQUIREMENTS / f"{self.name}.txt"

    @property
    def package(self) -> Path:
        return BUILD / self.resource


def functions() -> list[Function]:
    packed = _PACKED.findall((ROOT / "src" / "Makefile").read_text())
    return [
        Function(resource, name, tuple(shares.split()), tuple(services.split()))
        for resource, name, shares, services in packed
    ]


def version() -> str:
    """The project's own."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
