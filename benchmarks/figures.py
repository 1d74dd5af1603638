"""What a measurement comes to: ratios of figures taken in turns, in one run, on one machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles


class MissingPartError(Exception):
    """Something that is measured with is not on this machine. The message says what, and how to get it."""


class Outcome(StrEnum):
    """How a figure stands to its target."""

    MET = "met"
    MISSED = "missed"
    REPORTED = "reported"  # there is no target
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """At most `limit`, or at least where `at_least`."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some values: `middle` is their median, half of them lie from `low` to `high` (quartiles)."""

    middle: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the report. `value` is None where it could not be measured, and `note` says why.

    `unit` is "×" for ratios. `detail` gives the two sides of a ratio, or what else the number is made of.
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
    """Raises ValueError where there are no values."""
    if not values:
        raise ValueError("there is nothing to take the middle of")
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return Spread(median(values), low, high, len(values))


def ratio(
    name: str, ours: Sequence[float], peer: Sequence[float], target: Target | None = None, *, unit: str, note: str = ""
) -> Figure:
    """The median of the ratios of each round: what slows the machine down for a round slows down both.

    `unit` is that of the values. Raises ValueError where the rounds do not pair.
    """
    ratios = spread([mine / theirs for mine, theirs in zip(ours, peer, strict=True)])
    detail = f"{median(ours):.4g} {unit} against {median(peer):.4g} {unit}"
    return Figure(name, ratios.middle, "×", target, ratios, detail, note)


def not_measured(name: str, why: str, target: Target | None = None) -> Figure:
    return Figure(name, None, "", target, note=why)
