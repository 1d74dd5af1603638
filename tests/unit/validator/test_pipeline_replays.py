"""The same news twice, the same URL twice, and keys that are none of ours."""

import pytest

from tests.fakes import FakeScanner
from tests.unit.validator.world import CrashError, Fault, Wire, bad, good
from uploads.reasons import Reason
from uploads.record import Status
from validator.pipeline import Outcome


@pytest.mark.parametrize("content", [good(), bad()])
def test_same_news_twice_is_one_verdict(world, content):
    upload = world.uploaded(content)
    world.deliver(upload.staging_key)
    before = world.now(upload)
    for attempt in (1, 2, 6):
        assert world.deliver(upload.staging_key, attempt, f"worker {attempt}").outcome is Outcome.ALREADY_DECIDED
    assert world.now(upload) == before
    assert len(world.ledger.verdicts[upload.upload_id]) == 1


@pytest.mark.parametrize(("first", "second"), [(good(note="1"), good(note="2")), (good(), bad("  :image/png"))])
def test_second_file_to_a_url_after_the_verdict_is_removed_and_changes_nothing(world, first, second):
    second = second.ljust(len(first))[: len(first)]
    upload = world.uploaded(first)
    world.deliver(upload.staging_key)
    before = world.now(upload)
    assert world.put(upload, second)
    result = world.deliver(upload.staging_key, owner="another")
    assert (result.outcome, result.reason) == (Outcome.REPLAYED, Reason.REPLAYED)
    assert world.now(upload) == before
    assert world.storage.final[upload.promotion_key].content == first
    assert world.storage.staging == {}


def test_good_file_cannot_make_up_for_a_rejected_one(world):
    upload = world.uploaded(bad().ljust(len(good())))
    world.deliver(upload.staging_key)
    assert world.put(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.REPLAYED
    assert world.now(upload).status is Status.REJECTED
    assert (world.storage.staging, world.storage.final) == ({}, {})


def test_same_bytes_again_after_the_verdict_are_removed_too(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    assert world.put(upload, good())
    assert world.deliver(upload.staging_key).outcome is Outcome.ALREADY_DECIDED
    assert world.storage.staging == {}


def test_second_file_cannot_take_the_place_of_the_first_before_the_verdict(world):
    """S3 refuses it: the URL is signed for a key where nothing is."""
    upload = world.uploaded(good(note="1"))
    assert not world.put(upload, good(note="2"))


def test_file_in_the_place_of_one_that_was_promoted_without_a_verdict_is_a_replay(world):
    """The first promotion stands, whatever came since: here the object was swapped by someone who may."""
    first, second = good(note="1"), good(note="2")
    upload = world.uploaded(first)
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.storage.staging[upload.staging_key] = second
    world.lease_runs_out()
    world.deliver(upload.staging_key, 2, "another")
    assert world.now(upload).status is Status.ACCEPTED
    assert world.storage.final[upload.promotion_key].content == first
    assert world.storage.staging == {}


def test_what_was_promoted_is_not_judged_anew_by_newer_signatures(world):
    """A worker died before the verdict. Judged again the file would be refused, and its copy be left in use."""
    upload = world.uploaded(good(note=FakeScanner.NEW_SIGNATURE.decode()))
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.scanner.knows_more = True
    world.lease_runs_out()
    assert world.deliver(upload.staging_key, 2, "another").outcome is Outcome.ACCEPTED
    assert world.now(upload).final_key in world.storage.final


def test_promotion_without_a_verdict_is_recorded_even_when_the_staging_object_expired(world):
    upload = world.uploaded(good())
    with pytest.raises(CrashError):
        world.deliver(upload.staging_key, wire=Wire(lambda _, name: Fault.CRASH_BEFORE if name == "accept" else None))
    world.storage.staging.clear()
    world.lease_runs_out()
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
def test_object_that_was_never_issued_is_removed(world, key):
    world.storage.staging[key] = good()
    result = world.deliver(key)
    assert (result.outcome, result.reason, result.upload) == (Outcome.UNKNOWN_UPLOAD, Reason.UNKNOWN_UPLOAD, None)
    assert (world.storage.staging, world.storage.final) == ({}, {})
    assert world.deliver(key).outcome is Outcome.OBJECT_MISSING


@pytest.mark.parametrize("name", ["{0}.exe", "{0}.png.exe", "{0}./png", "{0}.png/../../{0}.png", "{0}.", "{0}.PNG"])
def test_key_that_only_begins_like_an_upload_is_removed_and_costs_the_upload_nothing(world, name):
    upload = world.uploaded(good())
    key = "uploads/" + name.format(upload.upload_id)
    world.storage.staging[key] = bad()
    assert world.deliver(key).outcome is Outcome.UNKNOWN_UPLOAD
    assert world.now(upload).status is Status.ISSUED
    assert world.storage.staging.keys() == {upload.staging_key}
    assert world.deliver(upload.staging_key).outcome is Outcome.ACCEPTED


def test_foreign_key_of_a_settled_upload_is_removed(world):
    upload = world.uploaded(good())
    world.deliver(upload.staging_key)
    key = f"uploads/{upload.upload_id}.exe"
    world.storage.staging[key] = bad()
    assert world.deliver(key).outcome is Outcome.REPLAYED
    assert world.storage.staging == {}


@pytest.mark.parametrize("key", ["held/{0}.png", "images/2026/11/23/{0}.png", "{0}.png", "/uploads/{0}.png", ""])
@pytest.mark.parametrize("attempt", [1, 6])
def test_outside_the_staging_area_nothing_is_ever_removed(world, key, attempt):
    """Should the bucket notify of more than uploads/, a held object must not be taken for an unknown upload."""
    upload = world.issue()
    key = key.format(upload.upload_id)
    world.storage.staging[key] = good()
    assert world.deliver(key, attempt).outcome is Outcome.OBJECT_MISSING
    assert key in world.storage.staging
