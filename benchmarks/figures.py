"""Figures of the report: ratios of values measured in turns, in one run, on one machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles


class MissingPartError(Exception):
    """A required program or package is missing. The message says which, and how to install it."""


class Outcome(StrEnum):
    """How a figure compares with its target."""

    MET = "met"
    MISSED = "missed"
    REPORTED = "reported"  # there is no target
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """At most `limit`, or at least `limit` if `at_least`."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Median (`middle`) and quartiles (`low`, `high`) of some values."""

    middle: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the report. `value` is None if it was not measured, and `note` says why.

    `unit` is "×" for ratios. `detail` gives the two sides of a ratio, or other values behind the number.
    """

    name: str
    value: float | None
    unit: str
    target: Target | None = None
    spread: Spread | None = None
    detail: str = ""
    note: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.value is None:
            return Outcome.NOT_MEASURED
        if self.target is None:
            return Outcome.REPORTED
        return Outcome.MET if self.target.met_by(self.value) else Outcome.MISSED


def spread(values: Sequence[float]) -> Spread:
    """Raises ValueError if there are no values."""
    if not values:
        raise ValueError("no values")
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return Spread(median(values), low, high, len(values))


def ratio(
    name: str, ours: Sequence[float], peer: Sequence[float], target: Target | None = None, *, unit: str, note: str = ""
) -> Figure:
    """Returns the median of the rounds' ratios, so that a slow round affects both sides.

    `unit` is the unit of the values. Raises ValueError if the numbers of rounds differ.
    """
    ratios = spread([mine / theirs for mine, theirs in zip(ours, peer, strict=True)])
    detail = f"{median(ours):.4g} {unit} against {median(peer):.4g} {unit}"
    return Figure(name, ratios.middle, "×", target, ratios, detail, note)


def not_measured(name: str, why: str, target: Target | None = None) -> Figure:
    return Figure(name, None, "", target, note=why)
