"""The pipeline after the last attempt: the object is held, so that no upload is lost."""

import pytest

from tests.fakes import etag_of
from tests.unit.validator.world import CrashError, Fault, StorageDownError, Wire, bad, good
from uploads.errors import LeaseHeldError, LedgerError
from uploads.record import Status
from validator.pipeline import Outcome
from validator.retries import ATTEMPTS

LAST_ATTEMPT = ATTEMPTS
AFTER_LAST = ATTEMPTS + 1


def failing(*names: str) -> Wire:
    return Wire(lambda _, name: Fault.ERROR_BEFORE if name in names else None)


def test_last_attempt_still_tries_for_a_verdict(world):
    upload = world.uploaded(good())
    assert world.deliver(upload.staging_key, LAST_ATTEMPT).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("content", [good(), bad()])
def test_delivery_after_the_last_attempt_holds_the_object_unread(world, content):
    upload = world.uploaded(content)
    wire = Wire()
    assert world.deliver(upload.staging_key, AFTER_LAST, wire=wire).outcome is Outcome.HELD
    assert wire.calls == ["claim", "find", "hold", "hold", "seal"]
    assert world.now(upload).status is Status.HELD
    assert world.storage.staging == {upload.held_key: content}
    assert world.storage.final == {}


def test_redelivered_event_of_a_held_upload_results_in_held_again(world):
    """Its message must fail until it is in the dead-letter queue."""
    upload = world.uploaded(good())
    for attempt in range(AFTER_LAST, AFTER_LAST + 5):
        assert world.deliver(upload.staging_key, attempt, f"worker {attempt}").outcome is Outcome.HELD
    assert world.ledger.verdicts[upload.upload_id] == [Status.HELD]
    assert world.storage.staging == {upload.held_key: good()}


def test_second_file_for_a_held_upload_is_deleted_and_the_held_one_stays(world):
    upload = world.uploaded(good(note="1"))
    world.deliver(upload.staging_key, AFTER_LAST)
    world.replay(upload, good(note="2"))
    assert world.deliver(upload.staging_key).outcome is Outcome.REPLAYED
    assert world.storage.staging == {upload.held_key: good(note="1")}


def test_failed_hold_is_retried(world):
    upload = world.uploaded(good())
    with pytest.raises(StorageDownError):
        world.deliver(upload.staging_key, AFTER_LAST, wire=failing("hold"))
    assert world.storage.staging == {upload.staging_key: good()}
    world.clock.advance(1)
    assert world.deliver(upload.staging_key, AFTER_LAST + 1, "another").outcome is Outcome.HELD
    assert world.storage.staging == {upload.held_key: good()}


def test_object_is_held_while_the_final_bucket_is_unavailable(world):
    """The final bucket may be the reason why all attempts failed."""
    upload = world.uploaded(good())
    final_bucket_down = ("promoted", "promote")
    for attempt in range(1, AFTER_LAST):
        with pytest.raises(StorageDownError):
            world.deliver(upload.staging_key, attempt, f"worker {attempt}", failing(*final_bucket_down))
        world.clock.advance(1)
    assert world.deliver(upload.staging_key, AFTER_LAST, wire=failing(*final_bucket_down)).outcome is Outcome.HELD


def test_object_is_held_while_the_ledger_is_down(world):
    """Staged objects expire after a day, and the ledger may be down for longer."""
    upload = world.uploaded(good())
    for attempt in (AFTER_LAST, AFTER_LAST + 1):
        with pytest.raises(LedgerError):
            world.deliver(upload.staging_key, attempt, wire=failing("claim"))
    assert world.storage.staging == {upload.staging_key: good(), upload.held_key: good()}
    assert world.deliver(upload.staging_key, AFTER_LAST + 2).outcome is Outcome.HELD
    assert world.storage.staging == {upload.held_key: good()}


def test_earlier_attempts_hold_nothing_while_the_ledger_is_down(world):
    upload = world.uploaded(good())
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, LAST_ATTEMPT, wire=failing("claim"))
    assert world.storage.staging == {upload.staging_key: good()}


def test_replay_does_not_replace_a_held_object_while_the_ledger_is_down(world):
    upload = world.uploaded(good(note="1"))
    world.deliver(upload.staging_key, AFTER_LAST)
    world.replay(upload, good(note="2"))
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, AFTER_LAST, wire=failing("claim"))
    assert world.storage.staging[upload.held_key] == good(note="1")


def test_missing_object_raises_only_the_ledger_error(world):
    upload = world.issue()
    with pytest.raises(LedgerError):
        world.deliver(upload.staging_key, AFTER_LAST, wire=failing("claim"))
    assert world.storage.staging == {}


def test_file_that_kills_every_worker_is_held_in_the_end(world):
    upload = world.uploaded(good())
    for attempt in range(1, AFTER_LAST):
        killer = Wire(lambda _, name: Fault.CRASH_AFTER if name == "read" else None)
        with pytest.raises(CrashError):
            world.deliver(upload.staging_key, attempt, f"worker {attempt}", killer)
        with pytest.raises(LeaseHeldError):
            world.deliver(upload.staging_key, attempt, "too early")
        world.expire_lease()
    assert world.deliver(upload.staging_key, AFTER_LAST, "careful").outcome is Outcome.HELD


def test_delivery_after_the_last_attempt_does_not_change_a_verdict(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    assert world.deliver(upload.staging_key, AFTER_LAST).outcome is Outcome.ALREADY_DECIDED
    assert world.now(upload).status is Status.ACCEPTED


def test_readmitted_upload_is_validated_from_its_held_copy(world):
    """A redrive moves the upload back to issued and sends a new message."""
    upload = world.uploaded(good())
    world.deliver(upload.staging_key, AFTER_LAST)
    world.ledger.readmit(upload.upload_id, etag_of(good()))
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED
    assert world.storage.final[upload.promotion_key].content == good()
    assert world.storage.staging == {}
