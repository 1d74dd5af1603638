"""The rules for completing and aborting a multipart upload; both may be repeated at any time."""

from datetime import timedelta

import pytest

from presign.models import CompletionRequest, InvalidRequestError, PartsRequest, parse
from presign.multipart import ConflictError
from presign.ports import PartsGoneError, StagingUnavailableError
from presign.service import UploadNotFoundError
from tests.unit.presign.fakes import ADDRESS, body
from tests.unit.presign.multipart_world import SIZE, World, fail
from uploads.multipart import MultipartState
from uploads.record import Status

COMPLETE = CompletionRequest()
PAST_ISSUED = [Status.VALIDATING, Status.ACCEPTED, Status.REJECTED, Status.HELD]


@pytest.fixture
def world() -> World:
    return World()


def details_of(refused: pytest.ExceptionInfo[ConflictError]) -> list[str]:
    return [error.detail for error in refused.value.errors]


def test_stored_parts_are_listed(world):
    upload = world.begin()
    world.storage.put(upload, 3)
    world.storage.put(upload, 1)
    progress = world.service.list_parts(upload.upload_id)
    assert [(part.number, part.size) for part in progress.parts] == [(1, 10), (3, 5)]
    assert not progress.is_complete


def test_completion_merges_the_parts_into_one_object(world):
    upload = world.begin()
    world.send_all(upload)
    assert world.complete(upload).upload_id == upload.upload_id
    assert [part.size for part in world.storage.objects[upload.staging_key]] == [10, 10, 5]


@pytest.mark.parametrize("status", [Status.ISSUED, *PAST_ISSUED])
def test_completion_may_be_repeated(world, status):
    upload = world.begin()
    world.send_all(upload)
    world.complete(upload)
    world.move(upload, status)
    assert world.complete(upload).upload_id == upload.upload_id
    assert world.service.list_parts(upload.upload_id).is_complete
    assert len(world.storage.objects) == 1


@pytest.mark.parametrize("missing", [[1], [2], [3], [1, 3], [1, 2, 3]])
def test_missing_parts_are_named_and_can_be_sent(world, missing):
    upload = world.begin()
    for number in {1, 2, 3} - set(missing):
        world.storage.put(upload, number)
    with pytest.raises(ConflictError) as refused:
        world.complete(upload)
    assert details_of(refused) == [f"part {number} is missing" for number in missing]
    assert world.state(upload) is MultipartState.OPEN
    assert world.sign(upload, *missing)
    world.send_all(upload)
    world.complete(upload)


def test_at_most_ten_missing_parts_are_named(world):
    with pytest.raises(ConflictError) as refused:
        world.complete(world.begin(fileSize=1000))
    assert len(details_of(refused)) == 10


@pytest.mark.parametrize(("number", "size"), [(1, 9), (1, 11), (3, 10), (3, 4), (2, 0)])
def test_part_of_wrong_size_is_a_conflict(world, number, size):
    """Even when the total is right, because each size is signed."""
    upload = world.begin()
    world.send_all(upload)
    world.storage.put(upload, number, size)
    with pytest.raises(ConflictError) as refused:
        world.complete(upload)
    assert details_of(refused) == [f"part {number} has {size} bytes"]
    assert world.storage.objects == {}


def test_swapped_part_sizes_are_a_conflict(world):
    upload = world.begin()
    for number, size in ((1, 5), (2, 10), (3, 10)):
        world.storage.put(upload, number, size)
    with pytest.raises(ConflictError):
        world.complete(upload)


@pytest.mark.parametrize("number", [4, 10_000])
def test_part_number_beyond_the_file_is_a_conflict(world, number):
    """Presign never signs a URL for it, but a role with write access to the bucket could store it."""
    upload = world.begin()
    world.send_all(upload)
    world.storage.put(upload, number, 1)
    with pytest.raises(ConflictError) as refused:
        world.complete(upload)
    assert details_of(refused) == [f"part {number} is not of this upload"]


def test_named_parts_that_match_are_completed(world):
    upload = world.begin()
    world.send_all(upload)
    world.complete(upload, (1, '"a1"'), (2, "a2"), (3, '"a3"'))
    assert upload.staging_key in world.storage.objects


@pytest.mark.parametrize(
    "named",
    [
        [(1, '"a2"'), (2, '"a1"'), (3, '"a3"')],
        [(1, '"a1"'), (2, '"x"'), (3, '"a3"')],
    ],
    ids=["swapped etags", "unknown etag"],
)
def test_named_parts_with_other_etags_are_a_conflict(world, named):
    upload = world.begin()
    world.send_all(upload)
    with pytest.raises(ConflictError, match="other parts") as refused:
        world.complete(upload, *named)
    assert "part 2 differs from the one that S3 has" in details_of(refused)
    assert world.state(upload) is MultipartState.OPEN


@pytest.mark.parametrize("numbers", [[1, 2], [2, 1, 3], [1, 2, 3, 3], [1, 2, 3, 4], [3]])
def test_named_parts_that_are_incomplete_or_unordered_are_refused(world, numbers):
    upload = world.begin()
    world.send_all(upload)
    with pytest.raises(InvalidRequestError, match="parts: must name the parts 1 to 3"):
        world.complete(upload, *((number, f'"a{number}"') for number in numbers))


def test_part_sent_again_during_completion_is_a_conflict_once(world):
    upload = world.begin()
    world.send_all(upload)
    world.storage.before["complete"] = lambda: world.storage.put(upload, 2, content="b")
    with pytest.raises(ConflictError, match="once more"):
        world.complete(upload)
    world.complete(upload)
    assert [part.etag for part in world.storage.objects[upload.staging_key]] == ['"a1"', '"b2"', '"a3"']


def test_completion_after_a_lost_answer_succeeds(world):
    upload = world.begin()
    world.send_all(upload)

    world.storage.before["after complete"] = fail
    with pytest.raises(StagingUnavailableError):
        world.complete(upload)
    world.complete(upload)
    assert len(world.storage.objects) == 1


def test_concurrent_completions_both_succeed(world):
    """At each step of the first one."""
    for step in ("list_parts", "complete"):
        upload = world.begin()
        world.send_all(upload)
        world.storage.before[step] = lambda upload=upload: world.complete(upload)
        world.complete(upload)
        assert upload.staging_key in world.storage.objects


def test_completion_overtaken_by_the_verdict_succeeds(world):
    upload = world.begin()
    world.send_all(upload)

    def overtake() -> None:
        world.complete(upload)
        world.move(upload, Status.ACCEPTED)

    world.storage.before["list_parts"] = overtake
    world.complete(upload)

    other = world.begin()
    world.send_all(other)
    world.storage.before["list_parts"] = lambda: world.move(other, Status.ACCEPTED)
    world.complete(other)
    assert other.staging_key not in world.storage.objects


def test_aborted_upload_keeps_no_parts_and_refuses_calls(world):
    upload = world.begin()
    world.send_all(upload)
    world.service.abort(upload.upload_id)
    assert world.storage.uploads == {}
    for call in (
        lambda: world.sign(upload, 1),
        lambda: world.complete(upload),
        lambda: world.service.list_parts(upload.upload_id),
    ):
        with pytest.raises(ConflictError, match="was cancelled"):
            call()
    assert world.storage.objects == {}


def test_abortion_may_be_repeated(world):
    upload = world.begin()

    world.storage.before["abort"] = fail
    with pytest.raises(StagingUnavailableError):
        world.service.abort(upload.upload_id)
    for _ in range(2):
        world.service.abort(upload.upload_id)
    assert world.storage.uploads == {}


@pytest.mark.parametrize("status", [Status.ISSUED, *PAST_ISSUED])
def test_complete_upload_cannot_be_aborted(world, status):
    upload = world.begin()
    world.send_all(upload)
    world.complete(upload)
    world.move(upload, status)
    with pytest.raises(ConflictError, match="cannot be cancelled"):
        world.service.abort(upload.upload_id)
    assert upload.staging_key in world.storage.objects


@pytest.mark.parametrize("step", ["list_parts", "complete"])
def test_concurrent_completion_and_abortion_have_one_winner(world, step):
    upload = world.begin()
    world.send_all(upload)
    outcomes = []

    def abort() -> None:
        try:
            world.service.abort(upload.upload_id)
            outcomes.append("aborted")
        except ConflictError:
            outcomes.append("not aborted")

    world.storage.before[step] = abort
    try:
        world.complete(upload)
        outcomes.append("completed")
    except ConflictError:
        outcomes.append("not completed")
    assert outcomes in (["aborted", "not completed"], ["not aborted", "completed"])
    assert (upload.staging_key in world.storage.objects) is (outcomes[-1] == "completed")


def test_failed_completion_can_be_repeated_but_no_part_signed(world):
    upload = world.begin()
    world.send_all(upload)

    world.storage.before["complete"] = fail
    with pytest.raises(StagingUnavailableError):
        world.complete(upload)
    with pytest.raises(ConflictError, match="takes no more parts"):
        world.sign(upload, 1)
    world.complete(upload)


@pytest.mark.parametrize("status", PAST_ISSUED)
def test_upload_after_status_issued_takes_no_parts(world, status):
    upload = world.begin()
    world.move(upload, status)
    with pytest.raises(ConflictError, match="takes no more parts"):
        world.sign(upload, 1)


@pytest.mark.parametrize("completing", [False, True])
def test_parts_deleted_by_the_lifecycle_rule_have_expired(world, completing):
    """Also after a failed completion: an object would be as old and deleted, too."""
    upload = world.begin()
    world.send_all(upload)
    if completing:
        world.storage.before["complete"] = fail
        with pytest.raises(StagingUnavailableError):
            world.complete(upload)
    world.now += timedelta(days=1)
    world.storage.uploads.clear()
    for call in (lambda: world.complete(upload), lambda: world.service.list_parts(upload.upload_id)):
        with pytest.raises(ConflictError, match="have expired"):
            call()


def test_parts_that_vanish_while_open_have_expired(world):
    upload = world.begin()
    world.storage.uploads.clear()
    with pytest.raises(ConflictError, match="have expired"):
        world.complete(upload)


def test_single_put_upload_has_no_parts(world):
    upload = world.service.uploads.issue(parse(body(fileSize=SIZE)), ADDRESS).upload
    for call in (
        lambda: world.sign(upload, 1),
        lambda: world.complete(upload),
        lambda: world.service.list_parts(upload.upload_id),
        lambda: world.service.abort(upload.upload_id),
    ):
        with pytest.raises(ConflictError, match="has no parts"):
            call()


@pytest.mark.parametrize("upload_id", ["f" * 32, "", "multipart", "F" * 32, "../x"])
def test_unknown_upload_is_not_found(world, upload_id):
    for call in (
        lambda: world.service.sign(upload_id, PartsRequest(part_numbers=[1])),
        lambda: world.service.complete(upload_id, COMPLETE),
        lambda: world.service.list_parts(upload_id),
        lambda: world.service.abort(upload_id),
    ):
        with pytest.raises(UploadNotFoundError):
            call()


def test_completion_that_finds_the_parts_gone_succeeds(world):
    """S3 answers this to the slower of two calls, and to a retry after a lost answer."""
    upload = world.begin()
    world.send_all(upload)

    def raise_parts_gone() -> None:
        raise PartsGoneError

    world.storage.before["complete"] = raise_parts_gone
    world.complete(upload)
