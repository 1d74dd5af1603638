"""The rules of beginning an upload in parts, and of signing them."""

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


def test_an_upload_in_parts_is_recorded_with_how_it_is_cut(world):
    upload = world.begin()
    assert world.ledger.uploads == {upload.upload_id: upload}
    assert (upload.status, upload.file_size, upload.content_type) == (Status.ISSUED, SIZE, "video/quicktime")
    assert upload.multipart == Multipart(
        multipart_id="multipart-1", part_bytes=PART, part_count=3, with_sha256=False, state=MultipartState.OPEN
    )
    assert world.storage.begun == [("video/quicktime", False)]


@pytest.mark.parametrize(("size", "count", "last"), [(1, 1, 1), (9, 1, 9), (10, 1, 10), (11, 2, 1), (1000, 100, 10)])
def test_the_parts_are_the_whole_file(world, size, count, last):
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
def test_who_may_not_upload_in_one_piece_may_not_upload_in_parts(world, changes, error):
    with pytest.raises(error):
        world.begin(**changes)
    assert not world.storage.begun
    assert not world.ledger.uploads


def test_what_the_ledger_does_not_know_is_not_left_in_the_bucket(world):
    world.ledger.broken = LedgerError("down")
    with pytest.raises(LedgerError):
        world.begin()
    assert world.storage.uploads == {}


def test_the_ledgers_trouble_is_told_also_when_the_bucket_has_some(world):
    world.ledger.broken, world.storage.before["abort"] = LedgerError("down"), fail
    with pytest.raises(LedgerError):
        world.begin()


def test_each_part_is_signed_with_its_own_size(world):
    urls = world.sign(world.begin(), 1, 3)
    assert [url.url.rpartition("?")[2] for url in urls.values()] == [
        "part=1&size=10&for=3600",
        "part=3&size=5&for=3600",
    ]


def test_urls_come_in_the_order_asked_for_as_often_as_asked(world):
    upload = world.begin()
    for _ in range(2):
        assert list(world.sign(upload, 3, 1)) == [3, 1]


@pytest.mark.parametrize("numbers", [[4], [1, 4], [10_000], [2**63], [1, 1], [3, 2, 3]])
def test_a_part_that_the_file_does_not_have_is_not_signed(world, numbers):
    with pytest.raises(InvalidRequestError) as refused:
        world.sign(world.begin(), *numbers)
    assert [error.field for error in refused.value.errors] == ["partNumbers"]


@pytest.mark.parametrize("text", ["[]", "[0]", "[-1]", "[1.5]", '["1"]', "[true]", "null", "1", f"[{'1,' * 100}1]"])
def test_part_numbers_are_1_to_100_whole_numbers_from_1(text):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(PartsRequest, f'{{"partNumbers": {text}}}')
    assert {error.field.partition(".")[0] for error in refused.value.errors} == {"partNumbers"}


def test_with_checksums_each_part_is_signed_with_its_own(world):
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
def test_with_checksums_no_part_is_signed_without(world, digests):
    """S3 would refuse the completion in the end: better to say so now."""
    with pytest.raises(InvalidRequestError, match="sha256: must hold the digest of each part"):
        world.sign(world.begin(partChecksums="sha256"), 1, 2, sha256=digests)


def test_without_checksums_announced_none_is_taken(world):
    with pytest.raises(InvalidRequestError, match="sha256: must be announced"):
        world.sign(world.begin(), 1, sha256={"1": DIGEST})


@pytest.mark.parametrize("value", ["sha1", "SHA256", "", True, 1, ["sha256"]])
def test_no_other_checksum_can_be_announced(value):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(MultipartRequest, body(partChecksums=value))
    assert [error.field for error in refused.value.errors] == ["partChecksums"]


@pytest.mark.parametrize("digest", ["", "A", "A" * 43, 1, None, "é" * 43 + "="])
def test_a_digest_of_a_part_is_the_base64_of_32_bytes(digest):
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(PartsRequest, json.dumps({"partNumbers": [1], "sha256": {"1": digest}}))
    assert {error.field.partition(".")[0] for error in refused.value.errors} == {"sha256"}


def test_the_digest_of_the_whole_file_cannot_be_given_for_parts():
    """S3 has no way to enforce it: rather refuse it than seem to."""
    with pytest.raises(InvalidRequestError, match="sha256"):
        parse_as(MultipartRequest, body(sha256=DIGEST))
