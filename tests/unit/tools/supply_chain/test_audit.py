"""The audit reports packages that were not checked."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tools.supply_chain import audit
from tools.supply_chain.audit import (
    AcceptedError,
    Report,
    describe,
    exit_code,
    parse_npm_audit,
    parse_pip_audit,
    read_accepted,
)

LOCK = "requirements/x.txt"


def pip_audit(*dependencies: dict) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


def test_skipped_package_counts_as_not_checked():
    """pip-audit itself prints `No known vulnerabilities found` and exits 0."""
    report = parse_pip_audit(LOCK, pip_audit({"name": "six", "skip_reason": "Dependency not found on PyPI"}))
    assert report.checked == 0
    assert report.unchecked == ("six",)
    assert "NOT CHECKED" in describe(report)
    assert exit_code([report], require=True) == audit.UNCHECKED
    assert exit_code([report], require=False) == 0


def test_partly_skipped_lock_is_reported():
    good = {"name": "six", "version": "1", "vulns": []}
    report = parse_pip_audit(LOCK, pip_audit(good, {"name": "odd", "skip_reason": "not found"}))
    assert describe(report).count("1 NOT CHECKED") == 1
    assert exit_code([report], require=True) == audit.UNCHECKED


def test_no_answer_is_reported_with_the_reason():
    report = parse_pip_audit(LOCK, "", "Traceback\nConnectionError: no route\n")
    assert describe(report).endswith("NOT CHECKED: ConnectionError: no route")


def test_vulnerability_fails_and_names_the_fixed_versions():
    known = {"id": "GHSA-1", "fix_versions": ["1.2", "2.0"], "aliases": [], "description": ""}
    report = parse_pip_audit(LOCK, pip_audit({"name": "six", "version": "1", "vulns": [known]}))
    assert "six 1: GHSA-1, fixed in 1.2, 2.0" in describe(report)
    assert exit_code([report], require=False) == audit.VULNERABLE


def test_no_known_vulnerability_passes_with_and_without_require():
    report = parse_pip_audit(LOCK, pip_audit({"name": "six", "version": "1", "vulns": []}))
    assert describe(report).endswith("1 packages checked, 0 known vulnerabilities")
    assert exit_code([report], require=True) == 0


def test_refused_npm_request_counts_as_not_checked():
    answer = json.dumps({"message": "405 Method Not Allowed - POST …", "error": {"summary": "", "detail": ""}})
    report = parse_npm_audit("client/package-lock.json", answer)
    assert describe(report).endswith("NOT CHECKED: 405 Method Not Allowed - POST …")


def test_npm_advisories_are_findings_but_dependents_are_not():
    advisory = {"title": "Prototype pollution", "url": "https://example.org/GHSA-2", "severity": "high"}
    told = {
        "metadata": {"dependencies": {"total": 135}},
        "vulnerabilities": {"lodash": {"via": [advisory]}, "user-of-lodash": {"via": ["lodash"]}},
    }
    report = parse_npm_audit("client/package-lock.json", json.dumps(told))
    assert report.found == ("lodash: Prototype pollution (https://example.org/GHSA-2, high)",)
    assert report.checked == 135


def test_unreachable_service_is_asked_once(monkeypatch, tmp_path):
    asked = []

    def no_answer(name, packages, ignored):
        asked.append([each.name for each in packages])
        return Report(name, unchecked=tuple(asked[-1]), reason="silence")

    lock = tmp_path / "x.txt"
    lock.write_text("".join(f"{name}==1 \\\n    --hash=sha256:0\n" for name in "abcdef"))
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "_pip_audit", no_answer)
    report = audit.audit_python(lock, [])
    assert asked == [["a", "b", "c"]]
    assert report.unchecked == tuple("abcdef")


@pytest.mark.parametrize(("until", "expected"), [("2026-12-31", 0), ("2026-12-30", audit.VULNERABLE)])
def test_accepted_vulnerability_counts_again_after_its_last_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: str, expected: int
):
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2026, 12, 31, tzinfo=tz)

    def check(lock: str, ignored: list[str]) -> Report:
        return Report(str(lock), 1, found=() if "GHSA-1" in ignored else ("six 1: GHSA-1",))

    accepted = tmp_path / "accepted.toml"
    accepted.write_text(f'[[accepted]]\nid = "GHSA-1"\nreason = "only on Windows"\nuntil = {until}\n')
    monkeypatch.setattr(audit, "read_accepted", lambda: read_accepted(accepted))
    monkeypatch.setattr(audit, "audit_python", check)
    monkeypatch.setattr(audit, "audit_page", lambda ignored: check("page", ignored))
    monkeypatch.setattr(audit.dt, "datetime", Clock)
    assert audit.main([]) == expected


@pytest.mark.parametrize("field", ["id", "reason", "until"])
def test_accepted_entry_needs_id_reason_and_end(tmp_path: Path, field: str):
    lines = {"id": 'id = "GHSA-1"', "reason": 'reason = "harmless"', "until": "until = 2026-12-31"}
    del lines[field]
    file = tmp_path / "accepted.toml"
    file.write_text("\n".join(["[[accepted]]", *lines.values()]))
    with pytest.raises(AcceptedError, match=f"entry 1: {field} is missing"):
        read_accepted(file)


def test_committed_file_is_valid():
    assert isinstance(read_accepted(), list)
