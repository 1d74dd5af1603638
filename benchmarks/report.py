"""The report: a table for people, `results.json` for programs, and the table in docs/performance.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Outcome
from benchmarks.machine import Machine

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def table(figures: Sequence[Figure]) -> str:
    """Returns a Markdown table."""
    lines = ["| figure | measured | target | | half of the rounds | made of |", "|---|---:|---:|---|---|---|"]
    return "\n".join([*lines, *map(_row, figures)])


def section(figures: Sequence[Figure], machine: Machine, versions: Mapping[str, str]) -> str:
    """Returns the part between the markers of docs/performance.md."""
    peers = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return (
        f"Measured {machine.date} at commit {machine.commit}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gib:g} GiB, {machine.system}, Python {machine.python}, Node.js {machine.node}; "
        f"load {machine.load[0]:g} before and {machine.load[1]:g} after.\n"
        f"Peers: {peers or 'none'}.\n\n{table(figures)}\n"
    )


def write(figures: Mapping[str, Sequence[Figure]], machine: Machine, versions: Mapping[str, str]) -> None:
    """Replaces `results.json` and the measured part of docs/performance.md. Raises ValueError without its markers."""
    results = {
        "machine": machine.as_dict(),
        "peers": dict(sorted(versions.items())),
        "figures": {family: [_as_dict(each) for each in rows] for family, rows in figures.items()},
    }
    everything = [each for rows in figures.values() for each in rows]
    document = replaced(DOCUMENT.read_text(encoding="utf-8"), section(everything, machine, versions))
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document, encoding="utf-8")


def replaced(document: str, content: str) -> str:
    """Returns the document with a new part. Raises ValueError unless both markers occur once, in order."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise ValueError(f"{DOCUMENT.name} must contain {BEGIN} and {END}, once each")
    return f"{before}{BEGIN}\n{content}{END}{after}"


def _row(figure: Figure) -> str:
    target = "" if figure.target is None else str(figure.target)
    cells = (figure.name, _value(figure), target, _verdict(figure), _spread(figure), _details(figure))
    return f"| {' | '.join(cells)} |"


def _as_dict(figure: Figure) -> dict[str, Any]:
    return {**asdict(figure), "outcome": figure.outcome}


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    return f"{number(figure.value)}{'' if figure.unit == '×' else ' '}{figure.unit}"


def number(value: float) -> str:
    """Formats with three significant digits, without exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _verdict(figure: Figure) -> str:
    return {Outcome.MISSED: "**missed**", Outcome.REPORTED: ""}.get(figure.outcome, str(figure.outcome))


def _spread(figure: Figure) -> str:
    if figure.spread is None:
        return ""
    return f"{number(figure.spread.low)} to {number(figure.spread.high)}, n = {figure.spread.count}"


def _details(figure: Figure) -> str:
    return "; ".join(part for part in (figure.detail, figure.note) if part)
