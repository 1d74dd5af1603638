"""All programs, from the URL to the verdict and the redrive, with faults in every call: the invariants hold.

Everything follows from the seed: `pytest -k "seed 7"` repeats a storm.
"""

import pytest

from tests.faults import invariants
from tests.faults.cloud import Functions
from tests.faults.programs import Fault
from tests.faults.storm import KILLED, Storm
from uploads.record import Status

LIKELIHOODS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)


def storms(seeds: range) -> list[object]:
    return [pytest.param(seed, LIKELIHOODS[seed % len(LIKELIHOODS)], id=f"seed {seed}") for seed in seeds]


def run_storm(functions: Functions, seed: int, likelihood: float, uploads: int) -> Storm:
    print(f"seed {seed}: {uploads} uploads, a fault in {likelihood:.0%} of all calls")  # noqa: T201 - to repeat it
    storm = Storm(functions, seed, likelihood)
    storm.run_storm(uploads)
    invariants.check_always(storm)
    invariants.check_nothing_lost(storm)
    storm.redrive(3)
    invariants.check_always(storm)
    invariants.check_nothing_lost(storm)
    storm.stop_faults()
    storm.finish_releases()
    status = storm.redrive(5)
    invariants.check_always(storm)
    invariants.check_all_decided(storm)
    assert status == 0 or storm.foreign
    return storm


@pytest.mark.parametrize(("seed", "likelihood"), storms(range(18)))
def test_every_upload_survives_the_storm(functions, seed, likelihood):
    run_storm(functions, seed, likelihood, 200)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "likelihood"), storms(range(100, 220)))
def test_every_upload_survives_a_long_storm(functions, seed, likelihood):
    run_storm(functions, seed, likelihood, 1000)


def test_storm_reaches_every_fault_exit_status_and_upload_status(functions):
    storm = run_storm(functions, 4711, 0.1, 300)
    assert set(storm.faults) == set(Fault)
    assert set(storm.exits) | set(storm.releases) >= {0, 1, 2, KILLED}
    statuses = {item["status"]["S"] for items in storm.cloud.dynamodb.history.values() for item in items}
    assert statuses == set(Status)


def test_storm_releases_uploads_with_every_exit_status(functions):
    storm = run_storm(functions, 4719, 0.1, 300)
    assert set(storm.releases) >= {0, 1, KILLED}
    released = [item for item in storm.cloud.dynamodb.items.values() if "releasedAt" in item]
    assert {item["status"]["S"] for item in released} == {"accepted", "rejected"}
    assert {item["releaseMode"]["S"] for item in released} == {"overrule", "judge_again"}


def test_same_seed_gives_the_same_storm(functions):
    first, second = (run_storm(functions, 1, 0.1, 60) for _ in range(2))
    assert first.cloud.dynamodb.history == second.cloud.dynamodb.history
    assert first.cloud.s3.objects == second.cloud.s3.objects
    assert (first.faults, first.exits) == (second.faults, second.exits)
