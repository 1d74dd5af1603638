"""The pipeline when the object is replaced or deleted meanwhile: only inspected bytes are ever promoted."""

from collections.abc import Callable

import pytest

from tests.unit.validator.world import Wire, World, bad, good
from uploads.errors import LeaseHeldError
from uploads.record import Status, Upload
from validator.pipeline import Outcome
from validator.ports import ObjectChangedError

GOOD = good(note="first")
BAD = bad().ljust(len(GOOD))
OTHER = good(note="other")


def interfering(interfere: Callable[[], object], name: str) -> Wire:
    """Returns a wire that calls `interfere` once, just before the worker's call of that name."""
    left = [interfere]

    def plan(_number: int, called: str) -> None:
        if called == name and left:
            left.pop()()

    return Wire(plan)


def swapping(world: World, upload: Upload, content: bytes, name: str) -> Wire:
    return interfering(lambda: world.storage.staging.update({upload.staging_key: content}), name)


def deliver_until_done(world: World, upload: Upload, wire: Wire) -> list[Outcome]:
    """Delivers the event of the object twice, then the event of the object that replaced it."""
    results = []
    for attempt, line in ((1, wire), (2, Wire()), (1, Wire())):
        try:
            results.append(world.deliver(upload.staging_key, attempt, f"worker {len(results)}", line).outcome)
        except (ObjectChangedError, LeaseHeldError):
            world.clock.advance(1)
    return results


@pytest.mark.parametrize("name", ["fetch", "read", "stream", "approve", "promote"])
def test_invalid_file_swapped_in_before_the_copy_is_rejected(world, name):
    upload = world.uploaded(GOOD)
    deliver_until_done(world, upload, swapping(world, upload, BAD, name))
    assert world.now(upload).status is Status.REJECTED
    assert (world.storage.staging, world.storage.final) == ({}, {})


@pytest.mark.parametrize("name", ["fetch", "read", "stream", "chunk", "approve", "promote"])
def test_valid_file_swapped_in_before_the_copy_is_accepted(world, name):
    upload = world.uploaded(GOOD)
    deliver_until_done(world, upload, swapping(world, upload, OTHER, name))
    assert world.now(upload).status is Status.ACCEPTED
    assert [final.content for final in world.storage.final.values()] == [OTHER]
    assert world.storage.staging == {}


@pytest.mark.parametrize("name", ["accept", "seal"])
@pytest.mark.parametrize("content", [BAD, OTHER])
def test_file_swapped_in_after_the_copy_is_a_replay(world, name, content):
    """The conditional delete leaves it; its own event deletes it."""
    upload = world.uploaded(GOOD)
    results = deliver_until_done(world, upload, swapping(world, upload, content, name))
    assert results[:2] == [Outcome.ACCEPTED, Outcome.REPLAYED]
    assert [final.content for final in world.storage.final.values()] == [GOOD]
    assert world.storage.staging == {}


@pytest.mark.parametrize("name", ["reject", "seal"])
def test_valid_file_swapped_in_after_a_rejection_is_a_replay(world, name):
    upload = world.uploaded(BAD)
    results = deliver_until_done(world, upload, swapping(world, upload, GOOD, name))
    assert results[:2] == [Outcome.REJECTED, Outcome.REPLAYED]
    assert (world.storage.staging, world.storage.final) == ({}, {})


@pytest.mark.parametrize("name", ["fetch", "read", "stream", "promote"])
def test_object_deleted_before_the_copy_leaves_the_upload_issued(world, name):
    upload = world.uploaded(GOOD)
    wire = interfering(world.storage.staging.clear, name)
    assert deliver_until_done(world, upload, wire) == [Outcome.OBJECT_MISSING, Outcome.OBJECT_MISSING]
    assert world.now(upload).status is Status.ISSUED
    assert world.storage.final == {}


@pytest.mark.parametrize("name", ["accept", "seal"])
def test_object_deleted_after_the_copy_is_still_accepted(world, name):
    upload = world.uploaded(GOOD)
    assert deliver_until_done(world, upload, interfering(world.storage.staging.clear, name))[0] is Outcome.ACCEPTED
    assert [final.content for final in world.storage.final.values()] == [GOOD]


def test_object_swapped_during_the_hold_is_the_one_held(world):
    """The copy to held/ is conditional on the ETag, so the ledger and the held object always agree."""
    upload = world.uploaded(GOOD)
    with pytest.raises(ObjectChangedError):
        world.deliver(upload.staging_key, 6, wire=swapping(world, upload, OTHER, "hold"))
    world.clock.advance(1)
    assert world.deliver(upload.staging_key, 7, "another").outcome is Outcome.HELD
    assert world.storage.staging == {upload.held_key: OTHER}
