"""The rules for beginning a multipart upload and for signing its parts."""

import json

import pytest

from presign.models import InvalidRequestError, MultipartRequest, PartsRequest, parse_as
from presign.service import FileTooLargeError, UnsupportedTypeError, WrongPasswordError
from tests.unit.presign.fakes import body
from tests.unit.presign.multipart_world import PART, SIZE, World, fail
from uploads.errors import LedgerError
from uploads.multipart import Multipart, MultipartState
from uploads.record import Status

DIGEST = "A" * 43 + "="


@pytest.fixture
def world() -> World:
    return World()


def test_multipart_upload_is_recorded_with_its_part_size(world):
    upload = world.begin()
    assert world.ledger.uploads == {upload.upload_id: upload}
    assert (upload.status, upload.file_size, upload.content_type) == (Status.ISSUED, SIZE, "video/quicktime")
    assert upload.multipart == Multipart(
        multipart_id="multipart-1", part_bytes=PART, part_count=3, with_sha256=False, state=MultipartState.OPEN
    )
    assert world.storage.begun == [("video/quicktime", False)]


@pytest.mark.parametrize(("size", "count", "last"), [(1, 1, 1), (9, 1, 9), (10, 1, 10), (11, 2, 1), (1000, 100, 10)])
def test_parts_add_up_to_the_file(world, size, count, last):
    multipart = world.begin(fileSize=size).multipart
    sizes = [multipart.part_size(number, size) for number in range(1, multipart.part_count + 1)]
    assert (len(sizes), sizes[-1], sum(sizes)) == (count, last, size)
    assert set(sizes[:-1]) <= {PART}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "wrong"}, WrongPasswordError),
        ({"contentType": "text/html"}, UnsupportedTypeError),
        ({"fileSize": 1001}, FileTooLargeError),
    ],
)
def test_begin_refuses_every_request_that_a_single_upload_refuses(world, changes, error):
    with pytest.raises(error):
        world.begin(**changes)
    assert not world.storage.begun
    assert not world.ledger.uploads


def test_unrecorded_multipart_upload_is_aborted_in_s3(world):
    world.ledger.broken = LedgerError("down")
    with pytest.raises(LedgerError):
        world.begin()
    assert world.storage.uploads == {}


def test_ledger_error_is_raised_when_the_clean_up_fails_too(world):
    world.ledger.broken, world.storage.before["abort"] = LedgerError("down"), fail
    with pytest.raises(LedgerError):
        world.begin()


def test_part_is_signed_with_its_size(world):
    urls = world.sign(world.begin(), 1, 3)
    assert [url.url.rpartition("?")[2] for url in urls.values()] == [
        "part=1&size=10&for=3600",
        "part=3&size=5&for=3600",
    ]


def test_urls_keep_the_requested_order(world):
    upload = world.begin()
    for _ in range(2):
        assert list(world.sign(upload, 3, 1)) == [3, 1]


@pytest.mark.parametrize("numbers", [[4], [1, 4], [10_000], [2**63], [1, 1], [3, 2, 3]])
def test_part_number_beyond_the_file_or_duplicate_is_refused(world, numbers):
    with pytest.raises(InvalidRequestError) as refused:
        world.sign(world.begin(), *numbers)
    assert [error.field for error in refused.value.errors] == ["partNumbers"]


@pytest.mark.parametrize("text", ["[]", "[0]", "[-1]", "[1.5]", '["1"]', "[true]", "null", "1", f"[{'1,' * 100}1]"])
def test_invalid_part_numbers_are_refused(text):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(PartsRequest, f'{{"partNumbers": {text}}}')
    assert {error.field.partition(".")[0] for error in refused.value.errors} == {"partNumbers"}


def test_part_is_signed_with_its_announced_checksum(world):
    upload = world.begin(partChecksums="sha256")
    assert world.storage.begun == [("video/quicktime", True)]
    urls = world.sign(upload, 1, 2, sha256={"1": DIGEST, "2": "B" * 42 + "A="})
    assert [url.headers for url in urls.values()] == [
        {"x-amz-checksum-sha256": DIGEST},
        {"x-amz-checksum-sha256": "B" * 42 + "A="},
    ]


@pytest.mark.parametrize(
    "digests", [None, {}, {"1": DIGEST}, {"1": DIGEST, "3": DIGEST}, {str(n): DIGEST for n in (1, 2, 3)}]
)
def test_missing_announced_checksum_is_refused(world, digests):
    """Refused at once, because S3 would refuse the completion later."""
    with pytest.raises(InvalidRequestError, match="sha256: must hold the digest of each part"):
        world.sign(world.begin(partChecksums="sha256"), 1, 2, sha256=digests)


def test_unannounced_checksum_is_refused(world):
    with pytest.raises(InvalidRequestError, match="sha256: must be announced"):
        world.sign(world.begin(), 1, sha256={"1": DIGEST})


@pytest.mark.parametrize("value", ["sha1", "SHA256", "", True, 1, ["sha256"]])
def test_unknown_checksum_algorithm_is_refused(value):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(MultipartRequest, body(partChecksums=value))
    assert [error.field for error in refused.value.errors] == ["partChecksums"]


@pytest.mark.parametrize("digest", ["", "A", "A" * 43, 1, None, "é" * 43 + "="])
def test_invalid_part_checksum_is_refused(digest):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(PartsRequest, json.dumps({"partNumbers": [1], "sha256": {"1": digest}}))
    assert {error.field.partition(".")[0] for error in refused.value.errors} == {"sha256"}


def test_sha256_of_the_whole_file_is_refused():
    """S3 cannot enforce it, and accepting it would suggest otherwise."""
    with pytest.raises(InvalidRequestError, match="sha256"):
        parse_as(MultipartRequest, body(sha256=DIGEST))
