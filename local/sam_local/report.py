"""Renders the results of `phenom invoke`."""

from collections.abc import Sequence
from itertools import groupby

from local.sam_local.cases import Case, CaseResult

_MISMATCH_LENGTH = 600


class Table:
    """Rows that are printed one by one, as the results come; the columns fit all cases."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._function = max(len("FUNCTION"), *(len(case.function) for case in cases))
        self._case = max(len("CASE"), *(len(case.name) for case in cases))

    def header(self) -> str:
        return self._format("FUNCTION", "CASE", "OUTCOME", "SECONDS")

    def row(self, result: CaseResult) -> str:
        outcome = "as expected" if result.passed else "MISMATCH"
        return self._format(result.case.function, result.case.name, outcome, f"{result.seconds:.1f}")

    def _format(self, function: str, case: str, outcome: str, seconds: str) -> str:
        return f"{function:<{self._function}}  {case:<{self._case}}  {outcome:<11}  {seconds:>7}"


def render_mismatches(results: Sequence[CaseResult]) -> str:
    """Returns each mismatch with the path of its log; empty when all passed."""
    lines = []
    for result in results:
        if not result.passed:
            lines.append(f"\n{result.case.function}/{result.case.name}")
            lines += [f"  {_short(mismatch)}" for mismatch in result.mismatches]
            lines.append(f"  log: {result.log}")
    return "\n".join(lines)


def render_summary(results: Sequence[CaseResult], seconds: float) -> str:
    """Returns the counts of events and mismatches by function, and the total time."""
    by_function = groupby(sorted(results, key=lambda each: each.case.function), lambda each: each.case.function)
    lines = [_count(function, list(of_it)) for function, of_it in by_function]
    return "\n".join(["", *lines, _count("all", results) + f" in {_duration(seconds)}"])


def _count(what: str, results: Sequence[CaseResult]) -> str:
    failed = sum(not result.passed for result in results)
    return f"{what:<16} {len(results):>4} events, {failed or 'no'} mismatch{'' if failed == 1 else 'es'}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _short(text: str) -> str:
    return text if len(text) <= _MISMATCH_LENGTH else f"{text[:_MISMATCH_LENGTH]} …"
