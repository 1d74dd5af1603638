"""Prices and assumptions, as their files have them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class PriceError(Exception):
    """There is no such price. The message says where to put it."""


class Prices:
    """prices.toml: `prices("fargate", "gb_hour_arm64")` in US dollars."""

    def __init__(self, file: Path = HERE / "prices.toml") -> None:
        table: dict[str, Any] = tomllib.loads(file.read_text())
        self.date: str = table.pop("date")
        self.region: str = table.pop("region")
        self.all: dict[tuple[str, str], dict[str, Any]] = {
            (group, name): entry for group, entries in table.items() for name, entry in entries.items()
        }

    def __call__(self, group: str, name: str) -> float:
        try:
            return float(self.all[group, name]["usd"])
        except KeyError:
            raise PriceError(
                f'tools/cost/prices.toml has no price for "{name}" in [{group}]: add it, with its source'
            ) from None

    def from_memory(self) -> int:
        return sum(entry["seen"] == "memory" for entry in self.all.values())


@dataclass(frozen=True, slots=True)
class Scenario:
    """How much is uploaded, by how many, in which environment; `services` says whether ECS runs its least or most."""

    title: str
    environment: str
    uploads_a_day: int
    active_users: int
    services: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """assumptions.toml by section; `scenarios` in its order."""

    uploads: dict[str, float]
    seconds: dict[str, float]
    requests: dict[str, float]
    standing: dict[str, float]
    scenarios: tuple[Scenario, ...]

    @property
    def mean_mb(self) -> float:
        share = self.uploads["photo_share"]
        return share * self.uploads["photo_mb"] + (1 - share) * self.uploads["video_mb"]


def assumptions(file: Path = HERE / "assumptions.toml") -> Assumptions:
    table = tomllib.loads(file.read_text())
    scenarios = tuple(Scenario(**entry) for entry in table.pop("scenarios").values())
    return Assumptions(**table, scenarios=scenarios)
