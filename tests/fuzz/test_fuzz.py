"""Coverage-guided fuzzing, for as long as a test may take, from a fixed seed. `make fuzz` goes on."""

from importlib.util import find_spec

import pytest

from tests.conftest import require
from tests.fuzz.runner import CACHE, fuzz
from tests.fuzz.targets import TARGETS

SEED = 20_130_913
LONG_SECONDS = 120


@pytest.fixture(autouse=True)
def _atheris() -> None:
    require(find_spec("atheris"), "atheris, which is there for Linux on x86-64")


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run_finds_no_defect(name):
    """A fixed number of inputs from a fixed seed: no surprise exception, no broken promise, no endless work."""
    target = TARGETS[name]
    outcome = fuzz(target, (f"-runs={target.runs}", f"-seed={SEED}"))
    assert not outcome.failed, outcome.said
    assert outcome.progress.runs >= target.runs
    assert outcome.progress.edges > 0, "nothing of src was watched"


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_a_long_run_finds_no_defect(name):
    """Other inputs each time, on top of all that earlier runs kept."""
    target = TARGETS[name]
    outcome = fuzz(target, (f"-max_total_time={LONG_SECONDS}",), CACHE / "corpus" / name)
    assert not outcome.failed, outcome.said
