"""Output of `phenom invoke`."""

from pathlib import Path

from local.sam_local import report
from local.sam_local.cases import Case, CaseResult


def result(function: str, name: str, *mismatches: str, seconds: float = 1.25) -> CaseResult:
    return CaseResult(Case(function, name), list(mismatches), seconds, Path("logs/x.log"), {})


GOOD = result("presign", "status_ok")
BAD = result("user_sync", "retry_one", "result.statusCode: 500 is not 200", seconds=12)


def test_columns_fit_all_cases():
    table = report.Table([GOOD.case, BAD.case])
    assert [table.header(), table.row(GOOD), table.row(BAD)] == [
        "FUNCTION   CASE       OUTCOME      SECONDS",
        "presign    status_ok  as expected      1.2",
        "user_sync  retry_one  MISMATCH        12.0",
    ]


def test_mismatch_is_shown_with_its_path_and_log():
    assert report.render_mismatches([GOOD]) == ""
    assert report.render_mismatches([GOOD, BAD]) == (
        "\nuser_sync/retry_one\n  result.statusCode: 500 is not 200\n  log: logs/x.log"
    )


def test_long_mismatch_is_truncated():
    assert len(report.render_mismatches([result("presign", "x", "y" * 5000)])) < 1000


def test_summary_counts_cases_by_function():
    assert report.render_summary([GOOD, BAD, GOOD], 61.4).splitlines() == [
        "",
        "presign             2 events, no mismatches",
        "user_sync           1 events, 1 mismatch",
        "all                 3 events, 1 mismatch in 1 min 1 s",
    ]
