"""`phenom invoke`: which cases run, in which order, and how their preconditions are removed."""

import threading
from pathlib import Path
from typing import Any

import pytest

from local.progress import TroubleError, UsageError
from local.sam_local.cases import Bench, Case, select
from local.sam_local.invocations import StoppedError
from local.sam_local.preconditions import Traces, dead_letters_of
from phenom import event_cases
from phenom.functions import FUNCTIONS
from tests.unit.phenom.conftest import Ran


def test_every_case_is_selected_without_arguments():
    cases = select([], [])
    assert [(case.function, case.name) for case in cases] == [
        (function, name) for function in FUNCTIONS for name in event_cases.names(function)
    ]


def test_case_argument_may_be_a_pattern():
    assert [case.name for case in select(["presign"], ["status_*n"])] == ["status_unknown"]
    assert {case.function for case in select([], ["foreign_trigger_source"])} == {"cognito_trigger", "user_sync"}


@pytest.mark.parametrize(
    ("functions", "patterns", "message"),
    [(["nope"], [], "no function nope"), (["presign"], ["retry_*"], "No event of presign is called retry_")],
)
def test_argument_that_matches_no_case_is_a_usage_error(functions, patterns, message):
    with pytest.raises(UsageError, match=message):
        select(functions, patterns)
    assert Ran("invoke", *functions, *(f"--case={each}" for each in patterns)).code == 2


class FakeScene:
    """Records the preconditions that were set up and not removed."""

    def __init__(self) -> None:
        self.there: list[Any] = []
        self.cleared: list[Traces] = []

    def set_up(self, given: Any) -> None:
        self.there.append(given)

    def clear(self, traces: Traces) -> None:
        self.there.pop()
        self.cleared.append(traces)


class FakeInvocations:
    """Answers 404, except the cases that have an answer in `answers`."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, str, bool]] = []
        self.stopped = threading.Event()

    def call(self, function: str, event: Path, log: Path, *, pull: bool = False) -> Any:
        self.calls.append((function, event.stem, pull))
        answer = self.answers.get(event.stem, {"result": {"statusCode": 404, "body": '{"code": "not_found"}'}})
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def stop(self) -> None:
        self.stopped.set()


def bench(tmp_path: Path, **answers: Any) -> Any:
    return Bench(FakeInvocations(**answers), FakeScene(), tmp_path)  # type: ignore[arg-type]


OK = Case("presign", "status_ok")
UNKNOWN = Case("presign", "parts_unknown_upload")


def test_only_the_first_call_may_pull_an_image(tmp_path):
    there = bench(tmp_path)
    there.try_all([UNKNOWN, OK, Case("validator", "svg")], 2, lambda verdict: None)
    assert [pull for *_, pull in there.invocations.calls] == [True, False, False]


def test_each_verdict_is_reported_and_its_preconditions_removed(tmp_path):
    there, reported = bench(tmp_path), []
    verdicts = there.try_all([UNKNOWN, OK], 1, reported.append)
    assert verdicts == reported
    assert [verdict.passed for verdict in verdicts] == [False, False]
    assert there.scene.there == []
    assert (tmp_path / "presign").is_dir()


def test_traces_of_a_case_are_the_ids_of_event_given_and_result():
    event, expected = event_cases.load("validator", "several_records")
    ids = {item["uploadId"]["S"] for item in expected["given"]["uploads"]}
    traces = Traces.of(event, expected, {"result": {"body": '{"uploadId": "0123456789abcdef0123456789abcdef"}'}})
    assert traces.upload_ids >= ids | {"0123456789abcdef0123456789abcdef"}
    assert traces.keys == {each["key"] for each in expected["given"]["objects"]}
    assert "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90" in Traces.of(*event_cases.load("user_sync", "no_messages"), {
        "userAttributes": {"sub": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}).user_ids  # fmt: skip


def test_possible_dead_letters_are_identified_by_their_bodies():
    assert "{}" in dead_letters_of(
        event_cases.load("user_sync", name)[0] for name in ("retry_mixed", "post_authentication")
    )


def test_failure_of_sam_at_the_first_case_ends_the_run(tmp_path):
    there = bench(tmp_path, status_ok={"trouble": "no such image"})
    with pytest.raises(TroubleError, match="no such image"):
        there.try_all([OK, UNKNOWN], 1, lambda verdict: None)
    assert len(there.invocations.calls) == 1
    assert there.scene.there == []


def test_interruption_stops_invocations_and_removes_preconditions(tmp_path):
    there = bench(tmp_path, svg=StoppedError())
    with pytest.raises(StoppedError):
        there.try_all([OK, Case("validator", "svg"), Case("validator", "svg")], 2, lambda verdict: None)
    assert there.invocations.stopped.is_set()
    assert there.scene.there == []
