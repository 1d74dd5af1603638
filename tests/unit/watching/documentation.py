"""docs/operations.md, by its sections."""

import re
from pathlib import Path
from typing import NamedTuple

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


class Row(NamedTuple):
    """One metric in the list of metrics."""

    metric: str
    dimensions: tuple[str, ...]
    service: str
    alarm: str | None


def sections() -> dict[str, str]:
    """Text by heading."""
    _, *parts = re.split(r"^## ", OPERATIONS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading: text for heading, _, text in (part.partition("\n") for part in parts)}


def metrics() -> list[Row]:
    rows = re.findall(r"^\| (`.+?) \| (.+?) \| (\S+) \| .+? \| (.+?) \|$", sections()["Metrics"], re.MULTILINE)
    return [
        Row(name.strip("`"), tuple(re.findall(r"`(\w+)`", dimensions)), service, _heading(alarm))
        for name, dimensions, service, alarm in rows
    ]


def _heading(link: str) -> str | None:
    found = re.fullmatch(r"\[(.+)]\(#.+\)", link)
    return found[1] if found else None
