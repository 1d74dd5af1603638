"""The pipeline with files that the scanner rejects: they are kept under quarantine/, and an operator releases them."""

import pytest

from tests.fakes import FakeScanner, etag_of
from tests.unit.validator.world import CrashError, Fault, Wire, World, bad, good
from uploads.reasons import Reason
from uploads.record import ReleaseMode, Status, Upload
from validator.pipeline import Outcome

INFECTED = good(note=FakeScanner.SIGNATURE.decode())


def release(world: World, upload: Upload, content: bytes, mode: ReleaseMode) -> None:
    """Does what `phenom release` does."""
    world.storage.staging[upload.held_key] = content
    if mode is ReleaseMode.OVERRULE:
        world.storage.overruled.add(upload.held_key)
    assert world.ledger.reopen(upload.upload_id, held_etag=etag_of(content), mode=mode, by="Ann", because="known")


def test_infected_file_is_copied_before_the_verdict_and_only_then_removed(world):
    upload = world.uploaded(INFECTED)
    wire = Wire()
    result = world.deliver(upload.staging_key, wire=wire)
    assert (result.outcome, result.quarantined, result.signature) == (Outcome.REJECTED, True, "Test.Virus")
    assert wire.calls[-3:] == ["quarantine", "reject", "seal"]
    assert world.storage.quarantined == {upload.quarantine_key(etag_of(INFECTED)): INFECTED}
    assert (world.storage.staging, world.storage.final) == ({}, {})
    assert (world.now(upload).quarantined, world.now(upload).signature) == (True, "Test.Virus")


def test_file_with_another_fault_is_not_quarantined(world):
    upload = world.uploaded(bad())
    assert not world.deliver(upload.staging_key).quarantined
    assert (world.storage.quarantined, world.now(upload).quarantined) == ({}, False)


def test_quarantine_key_names_the_upload_and_the_object():
    upload = World().issue("image/jpeg")
    assert upload.quarantine_key('"abc-3"') == f"quarantine/{upload.upload_id}.abc-3.jpg"


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_object_is_rejected_with_the_remedy(world, storage_class):
    """No retry could read it, so it must not be held."""
    upload = world.uploaded(good())
    world.storage.archived[upload.staging_key] = storage_class
    result = world.deliver(upload.staging_key)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.MALFORMED)
    assert storage_class in result.detail
    assert world.storage.staging == {}


@pytest.mark.parametrize("name", ["find", "scan", "quarantine", "reject", "seal"])
@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_worker_that_dies_on_the_way_into_quarantine_is_replaced(world, name, fault):
    upload = world.uploaded(INFECTED)
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, called: fault if called == name else None))
    world.expire_lease()
    world.deliver(upload.staging_key, 2, "another")
    assert world.now(upload).status is Status.REJECTED
    assert list(world.storage.quarantined.values()) == [INFECTED]
    assert world.storage.staging == {}


@pytest.mark.parametrize(
    ("mode", "outcome"), [(ReleaseMode.JUDGE_AGAIN, Outcome.REJECTED), (ReleaseMode.OVERRULE, Outcome.ACCEPTED)]
)
def test_released_file_gets_one_more_verdict(world, mode, outcome):
    upload = world.uploaded(INFECTED)
    world.deliver(upload.staging_key)
    release(world, upload, INFECTED, mode)
    assert world.deliver(upload.staging_key, owner="another").outcome is outcome
    assert world.deliver(upload.staging_key, owner="third").outcome is Outcome.ALREADY_DECIDED
    assert world.now(upload).quarantined is (outcome is Outcome.REJECTED)
    assert world.storage.staging == {}
    assert len(world.ledger.verdicts[upload.upload_id]) == 2


def test_cleared_file_is_accepted_when_judged_again(world):
    content = good(note=FakeScanner.NEW_SIGNATURE.decode())
    upload = world.uploaded(content)
    world.scanner.knows_more = True
    world.deliver(upload.staging_key)
    world.scanner.knows_more = False
    release(world, upload, content, ReleaseMode.JUDGE_AGAIN)
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED
    assert world.storage.final[upload.promotion_key].content == content


@pytest.mark.parametrize("marked", ["object", "ledger"])
def test_scan_is_skipped_only_if_object_and_ledger_say_so(world, marked):
    upload = world.uploaded(INFECTED)
    world.deliver(upload.staging_key)
    release(world, upload, INFECTED, ReleaseMode.OVERRULE if marked == "ledger" else ReleaseMode.JUDGE_AGAIN)
    world.storage.overruled = {upload.held_key} if marked == "object" else set()
    assert world.deliver(upload.staging_key).outcome is Outcome.REJECTED


def test_second_release_beside_a_worker_changes_nothing(world):
    upload = world.uploaded(INFECTED)
    world.deliver(upload.staging_key)
    release(world, upload, INFECTED, ReleaseMode.JUDGE_AGAIN)
    world.ledger.claim(upload.upload_id, "worker", 300)
    assert not world.ledger.reopen(
        upload.upload_id, held_etag="x", mode=ReleaseMode.OVERRULE, by="Bob", because="hurry"
    )
