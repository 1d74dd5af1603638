"""The pipeline with duplicate events, second files for one URL, and keys of unknown uploads."""

import pytest

from tests.fakes import FakeScanner
from tests.unit.validator.world import CrashError, Fault, Wire, bad, good
from uploads.reasons import Reason
from uploads.record import Status
from validator.pipeline import Outcome
from validator.retries import ATTEMPTS


@pytest.mark.parametrize("content", [good(), bad()])
def test_duplicate_event_yields_one_verdict(world, content):
    upload = world.uploaded(content)
    world.deliver(upload.staging_key)
    before = world.now(upload)
    for attempt in (1, 2, 6):
        assert world.deliver(upload.staging_key, attempt, f"worker {attempt}").outcome is Outcome.ALREADY_DECIDED
    assert world.now(upload) == before
    assert len(world.ledger.verdicts[upload.upload_id]) == 1


@pytest.mark.parametrize(("first", "second"), [(good(note="1"), good(note="2")), (good(), bad("  :image/png"))])
def test_second_file_after_the_verdict_is_deleted_as_a_replay(world, first, second):
    second = second.ljust(len(first))[: len(first)]
    upload = world.uploaded(first)
    world.deliver(upload.staging_key)
    before = world.now(upload)
    world.replay(upload, second)
    result = world.deliver(upload.staging_key, owner="another")
    assert (result.outcome, result.reason) == (Outcome.REPLAYED, Reason.REPLAYED)
    assert world.now(upload) == before
    assert world.storage.final[upload.promotion_key].content == first
    assert world.storage.staging == {}


def test_valid_file_does_not_replace_a_rejected_one(world):
    upload = world.uploaded(bad().ljust(len(good())))
    world.deliver(upload.staging_key)
    world.replay(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.REPLAYED
    assert world.now(upload).status is Status.REJECTED
    assert (world.storage.staging, world.storage.final) == ({}, {})


def test_same_file_sent_again_after_the_verdict_is_deleted(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    world.replay(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ALREADY_DECIDED
    assert world.storage.staging == {}


@pytest.mark.parametrize("content", [good(), bad()])
def test_second_file_after_the_verdict_is_refused_by_s3(world, content):
    """So a URL that is used again and again for its whole hour starts no worker."""
    upload = world.uploaded(content)
    world.deliver(upload.staging_key)
    assert not world.put(upload, content)
    assert world.storage.staging == {}


def test_second_file_for_a_held_upload_is_refused_by_s3(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key, ATTEMPTS + 1)
    assert not world.put(upload, good())


def test_second_file_before_the_verdict_is_refused_by_s3(world):
    """The URL is signed for a key that must be free."""
    upload = world.uploaded(good(note="1"))
    assert not world.put(upload, good(note="2"))


def test_object_replaced_after_a_promotion_without_verdict_is_deleted(world):
    """The first promotion counts. A client cannot replace an object, but an operator could."""
    first, second = good(note="1"), good(note="2")
    upload = world.uploaded(first)
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.storage.staging[upload.staging_key] = second
    world.expire_lease()
    world.deliver(upload.staging_key, 2, "another")
    assert world.now(upload).status is Status.ACCEPTED
    assert world.storage.final[upload.promotion_key].content == first
    assert world.storage.staging == {}


def test_promoted_object_is_not_scanned_again_with_newer_signatures(world):
    """A worker died before the verdict. A second scan could reject the file although its copy is in use already."""
    upload = world.uploaded(good(note=FakeScanner.NEW_SIGNATURE.decode()))
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.scanner.knows_more = True
    world.expire_lease()
    assert world.deliver(upload.staging_key, 2, "another").outcome is Outcome.ACCEPTED
    assert world.now(upload).final_key in world.storage.final


def test_promotion_without_verdict_is_recorded_if_staging_expired(world):
    upload = world.uploaded(good())
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.storage.staging.clear()
    world.expire_lease()
    assert world.deliver(upload.staging_key, 2, "another").outcome is Outcome.ACCEPTED
    assert world.now(upload).status is Status.ACCEPTED


UNKNOWN = "f" * 32


@pytest.mark.parametrize(
    "key",
    [
        f"uploads/{UNKNOWN}.png",
        "uploads/../x",
        f"uploads/../{UNKNOWN}.png",
        f"uploads/{UNKNOWN}",
        f"uploads/{UNKNOWN.upper()}.png",
        f"uploads/{UNKNOWN}0.png",
        f"uploads/sub/{UNKNOWN}.png",
        f"uploads/{UNKNOWN}\n.png",
        "uploads/Ferien am Meer.png",
        "uploads/\N{DESERT ISLAND}.png",
        "uploads/",
        "uploads/.png",
    ],
)
def test_object_of_an_unknown_upload_is_deleted(world, key):
    world.storage.staging[key] = good()
    result = world.deliver(key)
    assert (result.outcome, result.reason, result.upload) == (Outcome.UNKNOWN_UPLOAD, Reason.UNKNOWN_UPLOAD, None)
    assert (world.storage.staging, world.storage.final) == ({}, {})
    assert world.deliver(key).outcome is Outcome.OBJECT_MISSING


@pytest.mark.parametrize("name", ["{0}.exe", "{0}.png.exe", "{0}./png", "{0}.png/../../{0}.png", "{0}.", "{0}.PNG"])
def test_object_with_a_similar_key_is_deleted_and_the_upload_unaffected(world, name):
    upload = world.uploaded(good())
    key = "uploads/" + name.format(upload.upload_id)
    world.storage.staging[key] = bad()
    assert world.deliver(key).outcome is Outcome.UNKNOWN_UPLOAD
    assert world.now(upload).status is Status.ISSUED
    assert world.storage.staging.keys() == {upload.staging_key}
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_object_with_a_foreign_key_of_a_decided_upload_is_deleted(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    key = f"uploads/{upload.upload_id}.exe"
    world.storage.staging[key] = bad()
    assert world.deliver(key).outcome is Outcome.REPLAYED
    assert world.storage.staging == {}


@pytest.mark.parametrize("key", ["held/{0}.png", "images/2026/11/23/{0}.png", "{0}.png", "/uploads/{0}.png", ""])
@pytest.mark.parametrize("attempt", [1, 6])
def test_object_outside_of_uploads_is_never_deleted(world, key, attempt):
    """If the bucket sent events for more than uploads/, a held object must not count as an unknown upload."""
    upload = world.issue()
    key = key.format(upload.upload_id)
    world.storage.staging[key] = good()
    assert world.deliver(key, attempt).outcome is Outcome.OBJECT_MISSING
    assert key in world.storage.staging
