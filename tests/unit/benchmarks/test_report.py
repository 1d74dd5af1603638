"""The written report."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks import report
from benchmarks.figures import Figure, MissingPartError, Target, not_measured, ratio
from benchmarks.machine import Machine
from benchmarks.pipeline import Sent, figures

MACHINE = Machine("2026-11-28T02:00Z", "abc1234", "a processor", 2, 8.0, "Debian", "3.13.0", "v20", (0.1, 0.2))
FIGURES = [
    ratio("ours ÷ theirs", [2.0, 2.0], [1.0, 1.0], Target(1.5), unit="ms", note="a note"),
    not_measured("a scan", "clamd is missing", Target(1.05)),
    Figure("a size", 1234.5, "MB"),
]


def test_table_shows_value_target_and_outcome():
    lines = report.table(FIGURES).splitlines()
    assert lines[2] == (
        "| ours ÷ theirs | 2.00× | ≤ 1.5 | **missed** | 2.00 to 2.00, n = 2 | 2 ms against 1 ms; a note |"
    )
    assert lines[3] == "| a scan | – | ≤ 1.05 | not measured |  | clamd is missing |"
    assert lines[4] == "| a size | 1,234 MB |  |  |  |  |"


def test_section_names_machine_date_and_peers():
    section = report.section(FIGURES, MACHINE, {"boto3": "1.2", "esbuild": "0.3"})
    assert "2026-11-28T02:00Z" in section
    assert "a processor, 2 cores" in section
    assert "Peers: boto3 1.2, esbuild 0.3." in section


def test_only_the_part_between_the_markers_is_replaced():
    document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert report.replaced(document, "new\n") == f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"


@pytest.mark.parametrize("document", ["", report.BEGIN, report.END + report.BEGIN])
def test_document_without_markers_raises(document):
    with pytest.raises(ValueError, match="must contain"):
        report.replaced(document, "new")


def test_results_contain_all_figures_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "performance.md")
    report.DOCUMENT.write_text(f"{report.BEGIN}{report.END}")
    report.write({"starts": FIGURES}, MACHINE, {"boto3": "1.2"})
    results = json.loads(report.RESULTS.read_text())
    assert results["machine"]["processor"] == "a processor"
    assert [each["outcome"] for each in results["figures"]["starts"]] == ["missed", "not measured", "reported"]
    assert results["figures"]["starts"][0]["spread"]["count"] == 2
    assert "| a scan |" in report.DOCUMENT.read_text()


def test_performance_document_has_the_markers():
    report.replaced(report.DOCUMENT.read_text(), "")


def test_uploads_that_are_not_accepted_count_as_lost():
    rows = figures([Sent("accepted", 1.0), Sent("accepted", 3.0), Sent("without a verdict", 180.0)], minutes=0.5)
    assert [each.value for each in rows[:2]] == [6.0, 1]
    assert rows[0].detail == "3 uploads: 2 accepted, 1 without a verdict"


class Family:
    """A fake module of measurements."""

    def __init__(self, outcome: list[Figure] | Exception) -> None:
        self.outcome = outcome

    def measure(self, **_: object) -> list[Figure]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "code", "told"),
    [
        (FIGURES, 0, "**missed**"),
        (MissingPartError("clamd is missing"), 0, "clamd is missing"),
        (RuntimeError("a defect"), 1, "failed: RuntimeError"),
    ],
)
def test_exit_code_is_1_only_for_a_failed_measurement(
    outcome, code, told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(runner.importlib, "import_module", lambda _: Family(outcome))
    monkeypatch.setattr(runner.signal, "signal", lambda *_: None)
    assert runner.main(["--only", "reads"]) == code
    assert told in capsys.readouterr().out


def test_ctrl_c_exits_130_without_a_report(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner.importlib, "import_module", interrupt)
    monkeypatch.setattr(runner.signal, "signal", lambda *_: None)
    assert runner.main(["--only", "reads"]) == 130
    assert capsys.readouterr().out == ""
