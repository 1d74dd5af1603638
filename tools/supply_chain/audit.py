"""Known vulnerabilities in every lock: `make audit`. Says what was checked, and what was not and why.

Exits 1 on a vulnerability that nobody accepted, 3 with --require where anything was not checked. The advisories are the
registries' own: PyPI's through pip-audit, npm's through `npm audit`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.supply_chain.accepted import AcceptedError, expired, read
from tools.supply_chain.locks import Locked
from tools.supply_chain.locks import read as read_lock
from tools.supply_chain.paths import CLIENT, REQUIREMENTS, ROOT

PIP_AUDIT = ROOT / ".venvs" / "supply_chain" / "bin" / "pip-audit"
VULNERABLE, UNCHECKED = 1, 3
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Report:
    """Of one lock: how many packages were looked up, those that were not, why, and what is known against the others."""

    lock: str
    checked: int = 0
    unchecked: tuple[str, ...] = ()
    why: str = ""
    found: tuple[str, ...] = field(default=())


def of_pip_audit(lock: str, answer: str, error: str = "") -> Report:
    """From pip-audit's JSON. A package that it skips was not checked, even though it then exits 0."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return Report(lock, why=_last_line(error) or "pip-audit gave no answer")
    skipped = [each for each in dependencies if "skip_reason" in each]
    found = [
        f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for each in dependencies
        for known in each.get("vulns", [])
    ]
    why = f"PyPI's advisory service has no answer for {skipped[0]['name']}" if skipped else ""
    unchecked = tuple(each["name"] for each in skipped)
    return Report(lock, len(dependencies) - len(skipped), unchecked, why, tuple(found))


def of_npm_audit(lock: str, answer: str, error: str = "") -> Report:
    """From the JSON of `npm audit`, whose report has version 2."""
    try:
        told = json.loads(answer)
        total = told["metadata"]["dependencies"]["total"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return Report(lock, why=_npm_trouble(answer, error))
    found = [
        f"{name}: {advisory['title']} ({advisory['url']}, {advisory['severity']})"
        for name, each in sorted(told["vulnerabilities"].items())
        for advisory in each["via"]
        if isinstance(advisory, dict)
    ]
    return Report(lock, total, found=tuple(found))


def audit_python(lock: Path, ignored: Sequence[str]) -> Report:
    """A few packages first: where the service does not answer for them, it need not be asked about the others."""
    packages = read_lock(lock)
    name = str(lock.relative_to(ROOT))
    probe = _pip_audit(name, packages[:3], ignored)
    if not probe.checked:
        return Report(name, unchecked=tuple(each.name for each in packages), why=probe.why)
    return _pip_audit(name, packages, ignored)


def audit_page(ignored: Sequence[str]) -> Report:
    name = str((CLIENT / "package-lock.json").relative_to(ROOT))
    npm = shutil.which("npm")
    if npm is None:
        return Report(name, why="npm is not installed")
    command = [npm, "audit", "--package-lock-only", "--json"]
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=False, timeout=SECONDS)
    report = of_npm_audit(name, done.stdout, done.stderr)
    kept = tuple(each for each in report.found if not any(identifier in each for identifier in ignored))
    return Report(report.lock, report.checked, report.unchecked, report.why, kept)


def describe(report: Report) -> str:
    """One line, and one more for each finding."""
    asked = f"{report.checked} packages checked" if report.checked else "NOT CHECKED"
    missing = f", {len(report.unchecked)} NOT CHECKED" if report.checked and report.unchecked else ""
    verdict = f", {len(report.found)} known vulnerabilities" if report.checked else ""
    lines = [f"{report.lock:<34} {asked}{verdict}{missing}{': ' + report.why if report.why else ''}"]
    return "\n".join([*lines, *(f"    {each}" for each in report.found)])


def verdict(reports: Sequence[Report], *, require: bool) -> int:
    """The exit status."""
    if any(report.found for report in reports):
        return VULNERABLE
    return UNCHECKED if require and any(report.why or report.unchecked for report in reports) else 0


def _pip_audit(name: str, packages: Sequence[Locked], ignored: Sequence[str]) -> Report:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.writelines(f"{each.name}=={each.version}\n" for each in packages)
        requirements.flush()
        command: list[str | Path] = [
            *(PIP_AUDIT, "--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"),
            *("--requirement", requirements.name),
            *(argument for identifier in ignored for argument in ("--ignore-vuln", identifier)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    return of_pip_audit(name, done.stdout, done.stderr)


def _npm_trouble(answer: str, error: str) -> str:
    try:
        told = json.loads(answer)
        text = told.get("message") or told.get("error", {}).get("summary") or ""
    except (json.JSONDecodeError, AttributeError):
        text = ""
    return text or _last_line(error) or "npm's advisory service gave no answer"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.supply_chain.audit", description=__doc__)
    parser.add_argument("--require", action="store_true", help="exit 3 where anything was not checked")
    options = parser.parse_args(arguments)
    try:
        accepted = read()
    except AcceptedError as error:
        print(error, file=sys.stderr)
        return 2
    for each in expired(accepted):
        print(f"{each.id} was accepted until {each.until} ({each.reason}): it counts again.", file=sys.stderr)
    ignored = [each.id for each in accepted if each not in expired(accepted)]
    reports = [audit_python(lock, ignored) for lock in sorted(REQUIREMENTS.glob("*.txt"))]
    reports.append(audit_page(ignored))
    for report in reports:
        print(describe(report))
    checked, locks = sum(1 for report in reports if report.checked), len(reports)
    if checked < locks:
        print(f"{locks - checked} of {locks} locks were NOT CHECKED here: nothing is known of them.", file=sys.stderr)
    return verdict(reports, require=options.require)


if __name__ == "__main__":
    sys.exit(main())
