"""Coverage-guided fuzzing, from a fixed seed and as long as a test may take. `make fuzz` runs longer."""

from importlib.util import find_spec

import pytest

from tests.conftest import require
from tests.fuzz.runner import CACHE, fuzz
from tests.fuzz.targets import TARGETS

SEED = 20_130_913
LONG_SECONDS = 120


@pytest.fixture(autouse=True)
def _atheris() -> None:
    require(find_spec("atheris"), "atheris, available for Linux on x86-64")


@pytest.mark.parametrize("name", TARGETS)
def test_short_run_finds_no_defect(name):
    """A fixed number of inputs: no undeclared exception, no violated invariant, no unbounded work."""
    target = TARGETS[name]
    outcome = fuzz(target, (f"-runs={target.runs}", f"-seed={SEED}"))
    assert not outcome.failed, outcome.output
    assert outcome.progress.runs >= target.runs
    assert outcome.progress.edges > 0, "no code of src was instrumented"


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_long_run_finds_no_defect(name):
    """New random inputs each time, starting from the inputs of earlier runs."""
    target = TARGETS[name]
    outcome = fuzz(target, (f"-max_total_time={LONG_SECONDS}",), CACHE / "corpus" / name)
    assert not outcome.failed, outcome.output
