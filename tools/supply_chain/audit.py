"""`make audit`: looks up known vulnerabilities of every locked package, and names the packages it could not look up.

Advisories come from the registries: PyPI's through pip-audit, npm's through `npm audit`. requirements/accepted.toml
lists vulnerabilities that are accepted until a date. Exits 1 for any other vulnerability, 2 for an invalid
accepted.toml, and with --require 3 if any package was not checked.
"""

import argparse
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.supply_chain.locks import PAGE_LOCK, REQUIREMENTS, ROOT, Locked, python_packages

PIP_AUDIT = ROOT / ".venvs" / "supply_chain" / "bin" / "pip-audit"
ACCEPTED = REQUIREMENTS / "accepted.toml"
VULNERABLE, INVALID, UNCHECKED = 1, 2, 3
TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Report:
    """Result for one lock: number of packages checked, names of the others with the reason, findings."""

    lock: str
    checked: int = 0
    unchecked: tuple[str, ...] = ()
    reason: str = ""
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted vulnerability: its id at the registry (GHSA-…, PYSEC-…, CVE-…), the reason, and the last day."""

    id: str
    reason: str
    until: dt.date


class AcceptedError(Exception):
    """accepted.toml is invalid. The message names entry and field."""


def read_accepted(file: Path = ACCEPTED) -> list[Accepted]:
    """Raises AcceptedError."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AcceptedError(f"{file.name}: {error}") from error
    for number, entry in enumerate(entries, 1):
        for name, kind in (("id", str), ("reason", str), ("until", dt.date)):
            if not isinstance(entry.get(name), kind) or not entry[name]:
                raise AcceptedError(f"{file.name}, entry {number}: {name} is missing or not a {kind.__name__}")
    return [Accepted(entry["id"], entry["reason"], entry["until"]) for entry in entries]


def parse_pip_audit(lock: str, output: str, error: str = "") -> Report:
    """Parses pip-audit's JSON. pip-audit exits 0 even if it skipped packages; they count as not checked."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return Report(lock, reason=_last_line(error) or "pip-audit gave no answer")
    skipped = tuple(each["name"] for each in dependencies if "skip_reason" in each)
    found = tuple(
        f"{each['name']} {each['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or 'no version'}"
        for each in dependencies
        for known in each.get("vulns", [])
    )
    reason = f"PyPI's advisory service has no answer for {skipped[0]}" if skipped else ""
    return Report(lock, len(dependencies) - len(skipped), skipped, reason, found)


def parse_npm_audit(lock: str, output: str, error: str = "") -> Report:
    """Parses the JSON of `npm audit`, report version 2."""
    try:
        answer = json.loads(output)
    except json.JSONDecodeError:
        answer = {}
    if "metadata" not in answer:
        message = answer.get("message") or _last_line(error)
        return Report(lock, reason=message or "npm's advisory service gave no answer")
    found = tuple(
        f"{name}: {advisory['title']} ({advisory['url']}, {advisory['severity']})"
        for name, each in sorted(answer["vulnerabilities"].items())
        for advisory in each["via"]
        if isinstance(advisory, dict)
    )
    return Report(lock, answer["metadata"]["dependencies"]["total"], found=found)


def audit_python(lock: Path, ignored: Sequence[str]) -> Report:
    """Checks a Python lock. Tries three packages first, since an unreachable service makes each one wait."""
    packages = python_packages(lock)
    name = str(lock.relative_to(ROOT))
    probe = _pip_audit(name, packages[:3], ignored)
    if not probe.checked:
        return replace(probe, unchecked=tuple(each.name for each in packages))
    return _pip_audit(name, packages, ignored)


def audit_page(ignored: Sequence[str]) -> Report:
    name = str(PAGE_LOCK.relative_to(ROOT))
    npm = shutil.which("npm")
    if npm is None:
        return Report(name, reason="npm is not installed")
    report = parse_npm_audit(name, *_run([npm, "audit", "--package-lock-only", "--json"], PAGE_LOCK.parent))
    kept = (each for each in report.found if not any(identifier in each for identifier in ignored))
    return replace(report, found=tuple(kept))


def describe(report: Report) -> str:
    """Returns one line, and one more for each finding."""
    checked = f"{report.checked} packages checked, {len(report.found)} known vulnerabilities"
    if report.unchecked:
        checked += f", {len(report.unchecked)} NOT CHECKED"
    line = f"{report.lock:<34} {checked if report.checked else 'NOT CHECKED'}"
    return "\n".join([f"{line}: {report.reason}" if report.reason else line, *(f"    {each}" for each in report.found)])


def exit_code(reports: Sequence[Report], *, require: bool) -> int:
    if any(report.found for report in reports):
        return VULNERABLE
    return UNCHECKED if require and any(report.reason or report.unchecked for report in reports) else 0


def _pip_audit(name: str, packages: Sequence[Locked], ignored: Sequence[str]) -> Report:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.writelines(f"{each.name}=={each.version}\n" for each in packages)
        requirements.flush()
        command = [
            *(str(PIP_AUDIT), "--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"),
            *("--requirement", requirements.name),
            *(argument for identifier in ignored for argument in ("--ignore-vuln", identifier)),
        ]
        return parse_pip_audit(name, *_run(command, ROOT))


def _run(command: Sequence[str], directory: Path) -> tuple[str, str]:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    return done.stdout, done.stderr


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.supply_chain.audit", description=__doc__)
    parser.add_argument("--require", action="store_true", help="exit 3 if any package was not checked")
    options = parser.parse_args(arguments)
    try:
        accepted = read_accepted()
    except AcceptedError as error:
        print(error, file=sys.stderr)
        return INVALID
    today = dt.datetime.now(dt.UTC).date()
    for each in accepted:
        if each.until < today:
            print(f"{each.id} was accepted until {each.until} ({each.reason}): it counts again.", file=sys.stderr)
    ignored = [each.id for each in accepted if each.until >= today]
    reports = [*(audit_python(lock, ignored) for lock in sorted(REQUIREMENTS.glob("*.txt"))), audit_page(ignored)]
    print("\n".join(map(describe, reports)))
    if missing := sum(not report.checked for report in reports):
        print(f"{missing} of {len(reports)} locks were NOT CHECKED.", file=sys.stderr)
    return exit_code(reports, require=options.require)


if __name__ == "__main__":
    sys.exit(main())
