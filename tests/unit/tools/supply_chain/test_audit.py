"""The audit never takes silence for health."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tools.supply_chain import audit
from tools.supply_chain.accepted import Accepted, AcceptedError, expired, read
from tools.supply_chain.audit import Report, describe, of_npm_audit, of_pip_audit, verdict

LOCK = "requirements/x.txt"


def pip_audit(*dependencies: dict) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


def test_a_package_that_was_skipped_counts_as_not_checked():
    """pip-audit then says `No known vulnerabilities found`, and exits 0."""
    report = of_pip_audit(LOCK, pip_audit({"name": "six", "skip_reason": "Dependency not found on PyPI"}))
    assert report.checked == 0
    assert report.unchecked == ("six",)
    assert "NOT CHECKED" in describe(report)
    assert verdict([report], require=True) == audit.UNCHECKED
    assert verdict([report], require=False) == 0


def test_a_part_that_was_skipped_is_said():
    good = {"name": "six", "version": "1", "vulns": []}
    report = of_pip_audit(LOCK, pip_audit(good, {"name": "odd", "skip_reason": "not found"}))
    assert describe(report).count("1 NOT CHECKED") == 1
    assert verdict([report], require=True) == audit.UNCHECKED


def test_no_answer_at_all_is_said_with_the_reason():
    report = of_pip_audit(LOCK, "", "Traceback\nConnectionError: no route\n")
    assert describe(report).endswith("NOT CHECKED: ConnectionError: no route")


def test_a_vulnerability_fails_and_says_what_mends_it():
    known = {"id": "GHSA-1", "fix_versions": ["1.2", "2.0"], "aliases": [], "description": ""}
    report = of_pip_audit(LOCK, pip_audit({"name": "six", "version": "1", "vulns": [known]}))
    assert "six 1: GHSA-1, mended in 1.2, 2.0" in describe(report)
    assert verdict([report], require=False) == audit.VULNERABLE


def test_all_checked_and_nothing_known_passes_either_way():
    report = of_pip_audit(LOCK, pip_audit({"name": "six", "version": "1", "vulns": []}))
    assert describe(report).endswith("1 packages checked, 0 known vulnerabilities")
    assert verdict([report], require=True) == 0


def test_npm_s_refusal_is_not_health():
    answer = json.dumps({"message": "405 Method Not Allowed - POST …", "error": {"summary": "", "detail": ""}})
    report = of_npm_audit("client/package-lock.json", answer)
    assert describe(report).endswith("NOT CHECKED: 405 Method Not Allowed - POST …")


def test_npm_s_advisories_are_findings_and_what_depends_on_them_is_not():
    advisory = {"title": "Prototype pollution", "url": "https://example.org/GHSA-2", "severity": "high"}
    told = {
        "metadata": {"dependencies": {"total": 135}},
        "vulnerabilities": {"lodash": {"via": [advisory]}, "user-of-lodash": {"via": ["lodash"]}},
    }
    report = of_npm_audit("client/package-lock.json", json.dumps(told))
    assert report.found == ("lodash: Prototype pollution (https://example.org/GHSA-2, high)",)
    assert report.checked == 135


def test_where_the_service_does_not_answer_it_is_asked_once(monkeypatch, tmp_path):
    asked = []

    def no_answer(name, packages, ignored):
        asked.append([each.name for each in packages])
        return Report(name, unchecked=tuple(asked[-1]), why="silence")

    lock = tmp_path / "x.txt"
    lock.write_text("".join(f"{name}==1 \\\n    --hash=sha256:0\n" for name in "abcdef"))
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "_pip_audit", no_answer)
    report = audit.audit_python(lock, [])
    assert asked == [["a", "b", "c"]]
    assert report.unchecked == tuple("abcdef")


def test_what_was_accepted_counts_again_after_its_day():
    accepted = Accepted("GHSA-1", "only on Windows", dt.date(2026, 12, 31))
    assert not expired([accepted], dt.date(2026, 12, 31))
    assert expired([accepted], dt.date(2027, 1, 1)) == [accepted]


@pytest.mark.parametrize("field", ["id", "reason", "until"])
def test_nothing_is_accepted_without_a_reason_and_an_end(tmp_path: Path, field: str):
    lines = {"id": 'id = "GHSA-1"', "reason": 'reason = "harmless"', "until": "until = 2026-12-31"}
    del lines[field]
    file = tmp_path / "accepted.toml"
    file.write_text("\n".join(["[[accepted]]", *lines.values()]))
    with pytest.raises(AcceptedError, match=f"entry 1: {field} must be given"):
        read(file)


def test_the_file_of_this_project_can_be_read():
    assert isinstance(read(), list)
