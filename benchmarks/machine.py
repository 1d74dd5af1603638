"""Date, machine and versions of a measurement."""

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Machine:
    """`load` has the one-minute averages before the first and after the last measurement."""

    date: str
    commit: str
    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    node: str
    load: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def describe(load_before: float) -> Machine:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        commit=_output_of("git", "rev-parse", "--short", "HEAD"),
        processor=_from_file("/proc/cpuinfo", "model name"),
        cores=os.process_cpu_count() or 1,
        memory_gib=round(memory / 2**30, 1),
        system=_from_file("/etc/os-release", "PRETTY_NAME"),
        python=platform.python_version(),
        node=_output_of("node", "--version"),
        load=(round(load_before, 2), round(os.getloadavg()[0], 2)),
    )


def _output_of(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return done.stdout.strip() or "unknown"


def _from_file(path: str, name: str) -> str:
    """Returns the value of the first line that begins with `name`."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    values = (line[len(name) :].lstrip("\t :=").strip('"') for line in lines if line.startswith(name))
    return next(values, "unknown")
