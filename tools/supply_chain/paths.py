"""Paths and the project's version."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
CLIENT = ROOT / "client"


def version() -> str:
    """The project's own."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
