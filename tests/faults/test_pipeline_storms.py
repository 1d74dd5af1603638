"""The pipeline under faults, crashes, duplicate and disordered events, and replays: the invariants hold.

Everything follows from the seed: `pytest -k "seed 7"` repeats a storm.
"""

import pytest

from tests.faults.pipeline_storm import GOOD, NOT_YET_DETECTED, Storm
from tests.unit.validator.world import use_simple_formats
from uploads.record import DECIDED, Status, Upload
from validator.pipeline import Outcome

LIKELIHOODS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)


def storms(seeds: range) -> list[object]:
    return [pytest.param(seed, LIKELIHOODS[seed % len(LIKELIHOODS)], id=f"seed {seed}") for seed in seeds]


def check_always(storm: Storm) -> None:
    """Checks the invariants that hold at any time."""
    now = {upload.promotion_key: upload for upload in map(storm.world.now, storm.uploads)}
    for key, final in storm.world.storage.final.items():
        assert final.content == storm.first[now[key].upload_id], "other bytes than the first sent were promoted"
        assert final.content in {GOOD, NOT_YET_DETECTED}, "bad bytes were promoted"
        assert now[key].status is not Status.REJECTED, "a rejected file is in the final bucket"
    for upload in now.values():
        check_one_verdict(storm, upload)


def check_one_verdict(storm: Storm, upload: Upload) -> None:
    verdicts = [status for status in storm.world.ledger.verdicts.get(upload.upload_id, []) if status in DECIDED]
    assert len(verdicts) <= 1, "two verdicts on one upload"
    content = storm.first.get(upload.upload_id)
    if upload.status is Status.ACCEPTED:
        assert storm.world.storage.final[upload.final_key].content == content, "accepted, but not in the final bucket"
    if upload.status is Status.REJECTED:
        assert content != GOOD, "a good upload was rejected"


def check_nothing_lost(storm: Storm) -> None:
    """Checks before a redrive: each sent upload has a verdict, or its file exists and its message is a dead letter."""
    staging = storm.world.storage.staging
    for upload in map(storm.world.now, storm.uploads):
        content = storm.first.get(upload.upload_id)
        if content is None or upload.status in DECIDED:
            continue
        kept = [staging.get(key) for key in (upload.staging_key, upload.held_key)]
        assert content in kept, "an upload was lost"
        assert upload.staging_key in storm.dead_letters, "an upload has neither a verdict nor a dead letter"


def check_all_decided(storm: Storm) -> None:
    """Checks after a redrive: each sent upload has a verdict, nothing is left in staging and queue."""
    for upload in map(storm.world.now, storm.uploads):
        assert upload.status in (DECIDED if upload.upload_id in storm.first else {Status.ISSUED})
    assert storm.world.storage.staging == {}
    assert storm.dead_letters == []


def run_storm(monkeypatch: pytest.MonkeyPatch, seed: int, likelihood: float, uploads: int) -> Storm:
    use_simple_formats(monkeypatch)
    storm = Storm(seed, likelihood)
    storm.run(uploads)
    check_always(storm)
    check_nothing_lost(storm)
    storm.redrive()
    check_always(storm)
    check_all_decided(storm)
    return storm


@pytest.mark.parametrize(("seed", "likelihood"), storms(range(18)))
def test_every_upload_survives_the_storm(monkeypatch, seed, likelihood):
    run_storm(monkeypatch, seed, likelihood, 500)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "likelihood"), storms(range(100, 160)))
def test_every_upload_survives_a_long_storm(monkeypatch, seed, likelihood):
    run_storm(monkeypatch, seed, likelihood, 1000)


def test_storm_reaches_every_outcome(monkeypatch):
    storm = run_storm(monkeypatch, 4711, 0.1, 300)
    assert set(storm.results) == set(Outcome)
    assert storm.world.ledger.verdicts.keys() == storm.first.keys()
    assert {upload.status for upload in storm.world.ledger.uploads.values()} >= DECIDED


def test_same_seed_gives_the_same_storm(monkeypatch):
    first, second = (run_storm(monkeypatch, 1, 0.1, 50) for _ in range(2))
    assert first.world.ledger.uploads == second.world.ledger.uploads
    assert first.results == second.results
