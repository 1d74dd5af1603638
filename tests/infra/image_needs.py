"""Needs of the container images, read from image_needs.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("image_needs.toml")


@dataclass(frozen=True, slots=True)
class Needs:
    """One image's needs; the file explains the fields."""

    image: str
    port: int
    health: str
    environment: dict[str, str]
    secrets: list[str]
    forbidden: list[str]
    writable: list[str]
    schemas: list[str]
    extensions: list[str]


def read_needs() -> dict[str, Needs]:
    """Returns the needs by service name."""
    return {service: Needs(**needs) for service, needs in tomllib.loads(FILE.read_text()).items()}


NEEDS = read_needs()
