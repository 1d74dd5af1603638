"""Vulnerabilities that somebody decided to live with for a while: requirements/accepted.toml."""

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.supply_chain.paths import REQUIREMENTS

FILE = REQUIREMENTS / "accepted.toml"


@dataclass(frozen=True, slots=True)
class Accepted:
    """`id` as the registry writes it (GHSA-…, PYSEC-…, CVE-…), why it does no harm here, and the last day of that."""

    id: str
    reason: str
    until: dt.date


class AcceptedError(Exception):
    """The file cannot be read. The message names entry and field."""


def read(file: Path = FILE) -> list[Accepted]:
    """Raises AcceptedError."""
    try:
        entries = tomllib.loads(file.read_text()).get("accepted", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AcceptedError(f"{file.name}: {error}") from error
    return [_parsed(file.name, number, entry) for number, entry in enumerate(entries, 1)]


def expired(accepted: Iterable[Accepted], today: dt.date | None = None) -> list[Accepted]:
    day = today or dt.datetime.now(dt.UTC).date()
    return [each for each in accepted if each.until < day]


def _parsed(file: str, number: int, entry: dict[str, object]) -> Accepted:
    for name, kind in (("id", str), ("reason", str), ("until", dt.date)):
        if not isinstance(entry.get(name), kind) or not entry[name]:
            raise AcceptedError(f"{file}, entry {number}: {name} must be given, as a {kind.__name__}")
    return Accepted(str(entry["id"]), str(entry["reason"]), entry["until"])  # type: ignore[arg-type]
