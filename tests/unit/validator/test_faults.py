"""Thousands of uploads through faults, crashes, duplicates, disorder and replays; the invariants hold at the end.

Everything follows from the seed: `pytest -k "seed 7"` is the same storm again.
"""

import pytest

from tests.unit.validator.storm import GOOD, GOOD_AS_YET, Storm
from tests.unit.validator.world import use_simple_formats
from uploads.record import DECIDED, Status, Upload
from validator.pipeline import Outcome

LIKELIHOODS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2)


def storms(seeds: range) -> list[object]:
    return [pytest.param(seed, LIKELIHOODS[seed % len(LIKELIHOODS)], id=f"seed {seed}") for seed in seeds]


def check_always(storm: Storm) -> None:
    """What holds in the middle of the storm as well."""
    now = {upload.promotion_key: upload for upload in map(storm.world.now, storm.uploads)}
    for key, final in storm.world.storage.final.items():
        assert final.content == storm.first[now[key].upload_id], "bytes that were not the first sent were promoted"
        assert final.content in {GOOD, GOOD_AS_YET}, "bad bytes were promoted"
        assert now[key].status is not Status.REJECTED, "a rejected file is in the final bucket"
    for upload in now.values():
        check_one_verdict(storm, upload)


def check_one_verdict(storm: Storm, upload: Upload) -> None:
    verdicts = [status for status in storm.world.ledger.verdicts.get(upload.upload_id, []) if status in DECIDED]
    assert len(verdicts) <= 1, "two verdicts on one upload"
    content = storm.first.get(upload.upload_id)
    if upload.status is Status.ACCEPTED:
        assert storm.world.storage.final[upload.final_key].content == content, "accepted, and not there"
    if upload.status is Status.REJECTED:
        assert content != GOOD, "a good upload was refused"


def check_nothing_lost(storm: Storm) -> None:
    """Before any operator acts: an upload that was sent has a verdict, or is kept and somebody is told of it."""
    staging = storm.world.storage.staging
    for upload in map(storm.world.now, storm.uploads):
        content = storm.first.get(upload.upload_id)
        if content is None or upload.status in DECIDED:
            continue
        kept = [staging.get(key) for key in (upload.staging_key, upload.held_key)]
        assert content in kept, "an upload was lost"
        assert upload.staging_key in storm.dead_letters, "nobody will hear of an upload without a verdict"


def check_all_judged(storm: Storm) -> None:
    """After the redrive: a verdict for all that was sent, and nothing lies about."""
    for upload in map(storm.world.now, storm.uploads):
        assert upload.status in (DECIDED if upload.upload_id in storm.first else {Status.ISSUED})
    assert storm.world.storage.staging == {}
    assert storm.dead_letters == []


def weather(monkeypatch: pytest.MonkeyPatch, seed: int, likelihood: float, uploads: int) -> Storm:
    use_simple_formats(monkeypatch)
    storm = Storm(seed, likelihood)
    storm.rage(uploads)
    check_always(storm)
    check_nothing_lost(storm)
    storm.redrive()
    check_always(storm)
    check_all_judged(storm)
    return storm


@pytest.mark.parametrize(("seed", "likelihood"), storms(range(18)))
def test_every_upload_comes_through_the_storm(monkeypatch, seed, likelihood):
    weather(monkeypatch, seed, likelihood, 500)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "likelihood"), storms(range(100, 160)))
def test_every_upload_comes_through_a_long_storm(monkeypatch, seed, likelihood):
    weather(monkeypatch, seed, likelihood, 1000)


def test_storm_meets_every_result(monkeypatch):
    """Else it would prove little."""
    storm = weather(monkeypatch, 4711, 0.1, 300)
    assert set(storm.results) == set(Outcome)
    assert storm.world.ledger.verdicts.keys() == storm.first.keys()
    assert {upload.status for upload in storm.world.ledger.uploads.values()} >= DECIDED


def test_same_seed_is_the_same_storm(monkeypatch):
    first, second = (weather(monkeypatch, 1, 0.1, 50) for _ in range(2))
    assert first.world.ledger.uploads == second.world.ledger.uploads
    assert first.results == second.results
