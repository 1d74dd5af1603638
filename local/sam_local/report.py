"""The verdicts as a person reads them."""

from collections.abc import Sequence
from itertools import groupby

from local.sam_local.cases import Case, Verdict

_MISMATCH_LENGTH = 600


class Table:
    """One line for each verdict, as it comes; columns fit the cases that are to come."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._function = max(len("FUNCTION"), *(len(case.function) for case in cases))
        self._case = max(len("CASE"), *(len(case.name) for case in cases))

    def head(self) -> str:
        return self._row("FUNCTION", "CASE", "OUTCOME", "SECONDS")

    def line(self, verdict: Verdict) -> str:
        outcome = "as expected" if verdict.passed else "MISMATCH"
        return self._row(verdict.case.function, verdict.case.name, outcome, f"{verdict.seconds:.1f}")

    def _row(self, function: str, case: str, outcome: str, seconds: str) -> str:
        return f"{function:<{self._function}}  {case:<{self._case}}  {outcome:<11}  {seconds:>7}"


def mismatches(verdicts: Sequence[Verdict]) -> str:
    """Where what came is not as expected, and where the whole of it can be read; empty when all is well."""
    told = []
    for verdict in verdicts:
        if not verdict.passed:
            told.append(f"\n{verdict.case.function}/{verdict.case.name}")
            told += [f"  {_short(mismatch)}" for mismatch in verdict.mismatches]
            told.append(f"  log: {verdict.log}")
    return "\n".join(told)


def summary(verdicts: Sequence[Verdict], seconds: float) -> str:
    """Events and mismatches of each function, and the time that it all took."""
    by_function = groupby(sorted(verdicts, key=lambda each: each.case.function), lambda each: each.case.function)
    lines = [_count(function, list(of_it)) for function, of_it in by_function]
    return "\n".join(["", *lines, _count("all", verdicts) + f" in {_duration(seconds)}"])


def _count(what: str, verdicts: Sequence[Verdict]) -> str:
    failed = sum(not verdict.passed for verdict in verdicts)
    return f"{what:<16} {len(verdicts):>4} events, {failed or 'no'} mismatch{'' if failed == 1 else 'es'}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _short(text: str) -> str:
    return text if len(text) <= _MISMATCH_LENGTH else f"{text[:_MISMATCH_LENGTH]} …"
