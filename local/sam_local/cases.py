"""The cases of events/, each called in a container and held to what is expected of it."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import Any

from local.progress import TroubleError, UsageError
from local.sam_local.invocations import Invocations
from local.sam_local.invoke_output import TROUBLE
from local.sam_local.preconditions import Scene, Traces
from phenom import event_cases
from phenom.event_cases import expectation
from phenom.functions import FUNCTIONS


@dataclass(frozen=True, slots=True)
class Case:
    """A case of events/<function>/cases.yaml."""

    function: str
    name: str

    def event(self) -> Any:
        """Returns the complete event."""
        return event_cases.load(self.function, self.name)[0]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`mismatches` say where what came is not as expected; `log` holds all that SAM and the function said."""

    case: Case
    mismatches: list[str]
    seconds: float
    log: Path
    outcome: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        return not self.mismatches


def select(functions: Iterable[str], patterns: Iterable[str]) -> list[Case]:
    """All cases of these functions (none means all) whose name is like one of the patterns, as a shell has them."""
    wanted, patterns = list(functions) or list(FUNCTIONS), list(patterns) or ["*"]
    if unknown := sorted(set(wanted) - set(FUNCTIONS)):
        raise UsageError(f"There is no function {unknown[0]}: they are {', '.join(FUNCTIONS)}.")
    cases = [Case(function, name) for function in dict.fromkeys(wanted) for name in event_cases.names(function)]
    if lost := [each for each in patterns if not any(fnmatchcase(case.name, each) for case in cases)]:
        raise UsageError(f"No event of {', '.join(wanted)} is called {lost[0]}: see events/.")
    return [case for case in cases if any(fnmatchcase(case.name, each) for each in patterns)]


@dataclass(frozen=True, slots=True)
class Bench:
    """Runs cases against one local cloud."""

    invocations: Invocations
    scene: Scene
    logs: Path

    def try_all(self, cases: list[Case], jobs: int, report: Callable[[CaseResult], None]) -> list[CaseResult]:
        """Calls `report` with each result as it comes. Raises StoppedError; TroubleError when SAM does not work.

        The cases of one function run one after another, because many need the same upload; `jobs` functions run at the
        same time. The first case runs before all others: SAM may have to pull or build the image.
        """
        lanes = [list(lane) for _, lane in groupby(cases[1:], lambda case: case.function)]
        with ThreadPoolExecutor(jobs) as pool:
            try:
                first = pool.submit(self.try_one, cases[0], pull=True).result()
                report(first)
                _expect_an_outcome(first)
                others = as_completed([pool.submit(self._try_lane, lane, report) for lane in lanes])
                return [first, *(result for each in others for result in each.result())]
            except BaseException:
                self.invocations.stop()
                pool.shutdown(cancel_futures=True)
                raise

    def try_one(self, case: Case, *, pull: bool = False) -> CaseResult:
        """Creates the preconditions of the case, runs it, and always removes what it created."""
        event, expected = event_cases.load(case.function, case.name)
        log = self.logs / case.function / f"{case.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.with_suffix(".json")
        file.write_text(json.dumps(event), encoding="utf-8")
        came: dict[str, Any] = {}
        try:
            self.scene.set_up(expected.get("given", {}))
            begun = time.monotonic()
            came = self.invocations.call(FUNCTIONS[case.function].resource, file, log, pull=pull)
            seconds = time.monotonic() - begun
        finally:
            self.scene.clear(Traces.of(event, expected, came))
        return CaseResult(case, expectation.failures(expected, came), seconds, log, came)

    def _try_lane(self, lane: list[Case], report: Callable[[CaseResult], None]) -> list[CaseResult]:
        results = []
        for case in lane:
            results.append(self.try_one(case))
            report(results[-1])
        return results


def _expect_an_outcome(first: CaseResult) -> None:
    if TROUBLE in first.outcome:
        raise TroubleError(f"`sam local invoke` does not work here. {first.outcome[TROUBLE]}")
