"""When the attempts are used up the object is kept aside: nothing is ever lost."""

import pytest

from tests.fakes import etag_of
from tests.unit.validator.world import CrashError, Fault, StorageDownError, Wire, bad, good
from uploads.errors import LeaseHeldError, LedgerError
from uploads.record import Status
from validator.pipeline import Outcome
from validator.retries import ATTEMPTS

LAST = ATTEMPTS
NEXT = ATTEMPTS + 1


def failing(*names: str) -> Wire:
    return Wire(lambda _, name: Fault.ERROR_BEFORE if name in names else None)


def test_last_attempt_still_tries_for_a_verdict(world):
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key, LAST).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("content", [good(), bad()])
def test_after_the_last_attempt_the_object_is_kept_aside_unopened(world, content):
    upload = world.uploaded(content)
    wire = Wire()
    assert world.deliver(upload.staging_key, NEXT, wire=wire).outcome is Outcome.HELD
    assert wire.calls == ["claim", "find", "hold", "hold", "delete"]
    assert world.now(upload).status is Status.HELD
    assert world.storage.staging == {upload.held_key: content}
    assert world.storage.final == {}


def test_redelivered_news_of_a_held_upload_goes_on_saying_held(world):
    """So that its message fails until it is in the dead-letter queue."""
    upload = world.uploaded(good())
    for attempt in range(NEXT, NEXT + 5):
        assert world.deliver(upload.staging_key, attempt, f"worker {attempt}").outcome is Outcome.HELD
    assert world.ledger.verdicts[upload.upload_id] == [Status.HELD]
    assert world.storage.staging == {upload.held_key: good()}


def test_file_sent_to_the_url_of_a_held_upload_is_removed_and_the_held_one_stays(world):
    upload = world.uploaded(good(note="1"))
    world.deliver(upload.staging_key, NEXT)
    world.put(upload, good(note="2"))
    assert world.deliver(upload.staging_key).outcome is Outcome.REPLAYED
    assert world.storage.staging == {upload.held_key: good(note="1")}


def test_hold_that_fails_is_tried_again(world):
    upload = world.uploaded(good())
    with pytest.raises(StorageDownError):
        world.deliver(upload.staging_key, NEXT, wire=failing("hold"))
    assert world.storage.staging == {upload.staging_key: good()}
    world.clock.advance(1)
    assert world.deliver(upload.staging_key, NEXT + 1, "another").outcome is Outcome.HELD
    assert world.storage.staging == {upload.held_key: good()}


def test_final_bucket_out_of_reach_does_not_keep_an_object_from_being_held(world):
    """It may be what made all the attempts fail."""
    upload = world.uploaded(good())
    final_bucket_down = ("promoted", "promote")
    for attempt in range(1, NEXT):
        with pytest.raises(StorageDownError):
            world.deliver(upload.staging_key, attempt, f"worker {attempt}", failing(*final_bucket_down))
        world.clock.advance(1)
    assert world.deliver(upload.staging_key, NEXT, wire=failing(*final_bucket_down)).outcome is Outcome.HELD


def test_without_the_ledger_the_object_is_put_aside_all_the_same(world):
    """The staging area is cleaned up after a day, and the ledger may be down for longer."""
    upload = world.uploaded(good())
    for attempt in (NEXT, NEXT + 1):
        with pytest.raises(LedgerError):
            world.deliver(upload.staging_key, attempt, wire=failing("claim"))
    assert world.storage.staging == {upload.staging_key: good(), upload.held_key: good()}
    assert world.deliver(upload.staging_key, NEXT + 2).outcome is Outcome.HELD
    assert world.storage.staging == {upload.held_key: good()}


def test_without_the_ledger_earlier_attempts_put_nothing_aside(world):
    upload = world.uploaded(good())
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, LAST, wire=failing("claim"))
    assert world.storage.staging == {upload.staging_key: good()}


def test_without_the_ledger_a_replay_never_takes_the_place_of_what_is_held(world):
    upload = world.uploaded(good(note="1"))
    world.deliver(upload.staging_key, NEXT)
    world.put(upload, good(note="2"))
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, NEXT, wire=failing("claim"))
    assert world.storage.staging[upload.held_key] == good(note="1")


def test_without_the_ledger_an_object_that_is_gone_is_no_trouble_of_its_own(world):
    upload = world.issue()
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, NEXT, wire=failing("claim"))
    assert world.storage.staging == {}


def test_file_that_kills_every_worker_ends_up_held(world):
    upload = world.uploaded(good())
    for attempt in range(1, NEXT):
        killer = Wire(lambda _, name: Fault.CRASH_AFTER if name == "read" else None)
        with pytest.raises(CrashError):
            world.deliver(upload.staging_key, attempt, f"worker {attempt}", killer)
        with pytest.raises(LeaseHeldError):
            world.deliver(upload.staging_key, attempt, "too early")
        world.lease_runs_out()
    assert world.deliver(upload.staging_key, NEXT, "careful").outcome is Outcome.HELD


def test_verdict_that_came_after_all_is_not_overruled_by_an_exhausted_delivery(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    assert world.deliver(upload.staging_key, NEXT).outcome is Outcome.ALREADY_DECIDED
    assert world.now(upload).status is Status.ACCEPTED


def test_readmitted_upload_is_judged_like_a_new_one(world):
    """What a redrive does: back to issued, and a new message. The copy that lies aside is what is judged."""
    upload = world.uploaded(good())
    world.deliver(upload.staging_key, NEXT)
    world.ledger.readmit(upload.upload_id, etag_of(good()))
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED
    assert world.storage.final[upload.promotion_key].content == good()
    assert world.storage.staging == {}
