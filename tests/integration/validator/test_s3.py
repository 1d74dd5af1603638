"""The S3 adapter: the exact requests it sends, and the errors it raises."""

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import botocore.session
import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3.exceptions import ProtocolError

from tests.fakes import sha256_of
from tests.integration.validator.conftest import FINAL, STAGING
from validator.ports import ObjectChangedError, Promoted, Promotion, StagedObject
from validator.s3_storage import COPIED_CLEAN, STREAM_CHUNK_BYTES, S3Storage

STAGED = StagedObject(f"uploads/{'a' * 32}.svg", '"etag"', 10)
PROMOTION = Promotion(
    f"images/2026/11/23/{'a' * 32}.svg", "image/svg+xml", "a" * 32, "Straße.svg", "c2hh", as_attachment=True
)
COPY = {
    "Bucket": FINAL,
    "Key": PROMOTION.key,
    "CopySource": {"Bucket": STAGING, "Key": STAGED.key},
    "CopySourceIfMatch": '"etag"',
    "IfNoneMatch": "*",
    "ContentType": "image/svg+xml",
    "ContentDisposition": "attachment",
    **COPIED_CLEAN,
    "Metadata": {
        "upload-id": "a" * 32,
        "file-name": "Stra%C3%9Fe.svg",
        "source-etag": "etag",
        "sha256": "c2hh",
    },
    "ChecksumAlgorithm": "SHA256",
}
NAMES = (
    "a b.png",
    "100%.png",
    "島 🏝.png",
    "x" * 5000,
    "島" * 1000,
    "a\r\nx-amz-acl: public-read",
    "../../etc",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
)


@pytest.fixture(scope="module")
def client() -> Any:
    session = botocore.session.Session()
    session.set_credentials("AKIDTESTING", "testing")
    return session.create_client("s3", region_name="us-east-1")


@pytest.fixture
def stub(client) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def stubbed(client, stub) -> S3Storage:
    return S3Storage(client, STAGING, FINAL)


def test_promotion_is_conditional_on_the_source_etag_and_a_free_key(stub, stubbed):
    stub.add_response("copy_object", {"CopyObjectResult": {"ChecksumSHA256": "computed"}}, COPY)
    assert stubbed.promote(STAGED, PROMOTION) == Promoted('"etag"', "computed")


def test_hold_is_conditional_on_the_source_etag_and_a_free_key(stub, stubbed):
    wanted = {name: COPY[name] for name in ("CopySource", "CopySourceIfMatch", "IfNoneMatch")}
    answer = {"CopyObjectResult": {"ETag": '"of the copy"'}}
    stub.add_response("copy_object", answer, {"Bucket": STAGING, "Key": "held/a", **wanted, **COPIED_CLEAN})
    assert stubbed.hold(STAGED, "held/a") == '"of the copy"'


def test_quarantine_is_conditional_on_the_source_etag_and_reads_nothing(stub, stubbed):
    """The validator may not read quarantine/, so it neither looks for a copy nor demands a free key."""
    wanted = {name: COPY[name] for name in ("CopySource", "CopySourceIfMatch")}
    target = {"Bucket": STAGING, "Key": "quarantine/a", "ContentType": "application/octet-stream"}
    stub.add_response("copy_object", {"CopyObjectResult": {}}, {**target, **wanted, **COPIED_CLEAN})
    stubbed.quarantine(STAGED, "quarantine/a")


def test_seal_is_conditional_on_the_etag_and_empty(stub, stubbed):
    wanted = {"Bucket": STAGING, "Key": STAGED.key, "IfMatch": '"etag"', "Body": b"", "Metadata": {"sealed": "yes"}}
    stub.add_response("put_object", {}, wanted)
    stubbed.seal(STAGED)


@pytest.mark.parametrize(("key", "overruled"), [("held/a", True), ("uploads/a", False)])
def test_only_a_held_copy_can_be_marked_as_overruled(stub, stubbed, key, overruled):
    """Metadata of a staged object is its sender's."""
    answer = {"ETag": '"x"', "ContentLength": 4, "Metadata": {"overruled": "yes"}}
    stub.add_response("head_object", answer, {"Bucket": STAGING, "Key": key})
    assert stubbed.find(key) == StagedObject(key, '"x"', 4, overruled=overruled)


def test_reads_and_delete_are_conditional_on_the_etag(stub, stubbed):
    wanted = {"Bucket": STAGING, "Key": STAGED.key, "IfMatch": '"etag"'}
    stub.add_response("get_object", {"Body": body(b"23")}, wanted | {"Range": "bytes=2-3"})
    stub.add_response("get_object", {"Body": body(b"0123456789")}, wanted)
    stub.add_response("delete_object", {}, wanted)
    assert stubbed.fetch(STAGED)(2, 2) == b"23"
    assert b"".join(stubbed.stream(STAGED)) == b"0123456789"
    stubbed.delete(STAGED)


def body(content: bytes, announced: int | None = None) -> StreamingBody:
    return StreamingBody(io.BytesIO(content), len(content) if announced is None else announced)


class Cut(io.BytesIO):
    """The body of a connection that breaks."""

    def read(self, *arguments: Any) -> bytes:
        raise ProtocolError("connection broken")


@pytest.mark.parametrize(
    ("broken", "error"),
    [(lambda: body(b"short", 10), IncompleteReadError), (lambda: StreamingBody(Cut(), 10), ResponseStreamingError)],
)
def test_body_that_ends_early_raises(stub, stubbed, broken, error):
    """Otherwise a network error could make a good file malformed, or let the scan of a part count as complete."""
    stub.add_response("get_object", {"Body": broken()})
    stub.add_response("get_object", {"Body": broken()})
    with pytest.raises(error):
        stubbed.fetch(STAGED)(0, 10)
    with pytest.raises(error):
        list(stubbed.stream(STAGED))


CALLS = {
    "get_object": lambda storage: storage.fetch(STAGED)(0, 1),
    "head_object": lambda storage: storage.find(STAGED.key),
    "copy_object": lambda storage: storage.hold(STAGED, "held/a"),
    "put_object": lambda storage: storage.seal(STAGED),
    "delete_object": lambda storage: storage.delete(STAGED),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("SlowDown", 503),
        ("InternalError", 500),
        ("AccessDenied", 403),
        ("403", 403),
        ("ConditionalRequestConflict", 409),
    ],
)
def test_other_errors_of_s3_are_raised_unchanged(stub, stubbed, operation, code, status):
    """Otherwise a missing permission would look like a missing object."""
    stub.add_client_error(operation, code, http_status_code=status)
    with pytest.raises(ClientError, match=code):
        CALLS[operation](stubbed)


@pytest.mark.parametrize("code", ["412", "PreconditionFailed", "404", "NoSuchKey"])
def test_failed_condition_raises_object_changed_error(stub, stubbed, code):
    for operation in ("get_object", "copy_object"):
        stub.add_client_error(operation, code)
        if operation == "copy_object":
            stub.add_client_error("head_object", "404")  # no held object caused it
        with pytest.raises(ObjectChangedError):
            CALLS[operation](stubbed)
    stub.add_client_error("put_object", code)
    stubbed.seal(STAGED)
    stub.add_client_error("delete_object", code)
    stubbed.delete(STAGED)


def test_existing_held_object_is_kept(stub, stubbed):
    """It was sent first; a worker that was overtaken may have found a replay."""
    stub.add_client_error("copy_object", "PreconditionFailed", http_status_code=412)
    stub.add_response("head_object", {"ETag": '"first"', "ContentLength": 4}, {"Bucket": STAGING, "Key": "held/a"})
    assert stubbed.hold(STAGED, "held/a") == '"first"'


def test_failed_copy_with_a_free_target_raises_object_changed_error(stub, stubbed):
    stub.add_client_error("copy_object", "PreconditionFailed", http_status_code=412)
    stub.add_client_error("head_object", "404", http_status_code=404)
    with pytest.raises(ObjectChangedError):
        stubbed.promote(STAGED, PROMOTION)


@pytest.mark.parametrize("metadata", [{}, {"source-etag": "other"}])
def test_other_object_at_the_final_key_is_not_replaced(stub, stubbed, metadata):
    """The upload is held in the end, and an operator has to look."""
    stub.add_client_error("copy_object", "PreconditionFailed", http_status_code=412)
    stub.add_response("head_object", {"Metadata": metadata})
    with pytest.raises(ObjectChangedError):
        stubbed.promote(STAGED, PROMOTION)


def test_final_object_without_source_etag_is_not_a_promotion(stub, stubbed):
    stub.add_response("head_object", {"Metadata": {}})
    assert stubbed.promoted(PROMOTION.key) is None


def test_promoted_object_has_the_proven_properties_not_the_clients(s3, storage):
    key, content = f"uploads/{'a' * 32}.svg", b"<svg/>"
    s3.put_object(Bucket=STAGING, Key=key, Body=content, ContentType="text/html", Metadata={"evil": "yes"})
    promoted = storage.promote(storage.find(key), PROMOTION)
    final = s3.head_object(Bucket=FINAL, Key=PROMOTION.key, ChecksumMode="ENABLED")
    assert (final["ContentType"], final["ContentDisposition"]) == ("image/svg+xml", "attachment")
    assert final["Metadata"].keys() == {"upload-id", "file-name", "source-etag", "sha256"}
    assert final["ChecksumSHA256"] == sha256_of(content)
    assert promoted.sha256 in {None, sha256_of(content)}
    assert storage.promoted(PROMOTION.key).sha256 == sha256_of(content)


def test_copies_carry_no_property_that_a_client_chose(s3, storage):
    key = STAGED.key
    s3.put_object(
        Bucket=STAGING, Key=key, Body=b"x", Tagging="a=b", StorageClass="STANDARD_IA", CacheControl="max-age=9",
        ContentEncoding="gzip", ContentLanguage="de", ContentDisposition="inline", WebsiteRedirectLocation="/evil",
        Metadata={"overruled": "yes"},
    )  # fmt: skip
    staged = storage.find(key)
    storage.hold(staged, "held/a")
    storage.quarantine(staged, "quarantine/a")
    storage.promote(staged, replace(PROMOTION, as_attachment=False))
    for bucket, copy in ((STAGING, "held/a"), (STAGING, "quarantine/a"), (FINAL, PROMOTION.key)):
        head = s3.head_object(Bucket=bucket, Key=copy)
        carried = {"CacheControl", "ContentLanguage", "ContentDisposition", "WebsiteRedirectLocation", "StorageClass"}
        assert not carried & head.keys(), copy
        assert "overruled" not in head["Metadata"]
        assert s3.get_object_tagging(Bucket=bucket, Key=copy)["TagSet"] == []
    assert not storage.find("held/a").overruled


@pytest.mark.parametrize("name", NAMES)
def test_file_name_metadata_is_short_ascii_and_decodes_to_the_name(s3, storage, name):
    key = STAGED.key
    s3.put_object(Bucket=STAGING, Key=key, Body=b"x")
    promotion = Promotion("images/x", "image/png", "a" * 32, name, "c" * 44, as_attachment=False)
    storage.promote(storage.find(key), promotion)
    metadata = s3.head_object(Bucket=FINAL, Key="images/x")["Metadata"]
    assert metadata["file-name"].isascii()
    assert sum(len(k) + len(v) for k, v in metadata.items()) <= 2048
    assert name.startswith(unquote(metadata["file-name"], errors="strict"))
    assert len(name) > 300 or unquote(metadata["file-name"]) == name


@pytest.mark.parametrize(
    "key", ["uploads/../x", "uploads/./x", "uploads//x", "uploads/a b+c.png", "uploads/島 🏝.png", "uploads/%2e%2e"]
)
def test_unusual_keys_are_used_literally(s3, storage, key):
    s3.put_object(Bucket=STAGING, Key=key, Body=b"x")
    s3.put_object(Bucket=STAGING, Key="x", Body=b"y")
    staged = storage.find(key)
    assert (staged.key, staged.size) == (key, 1)
    assert storage.fetch(staged)(0, 1) == b"x"
    storage.delete(staged)
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=STAGING)["Contents"]] == ["x"]


def test_stream_of_a_large_object_takes_little_memory(stub, stubbed):
    size = 64 * STREAM_CHUNK_BYTES

    class Endless(io.RawIOBase):
        left = size

        def read(self, amount: int = -1) -> bytes:
            amount = min(amount, self.left)
            self.left -= amount
            return bytes(amount)

    stub.add_response("get_object", {"Body": StreamingBody(Endless(), size)})
    tracemalloc.start()
    try:
        assert sum(map(len, stubbed.stream(STAGED))) == size
        assert tracemalloc.get_traced_memory()[1] < 4 * STREAM_CHUNK_BYTES
    finally:
        tracemalloc.stop()
