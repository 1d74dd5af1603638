"""The calls to S3 for multipart uploads, and the meaning of its answers."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from presign.ports import PartsChangedError, PartsGoneError, StagingUnavailableError, StoredPart
from presign.s3_multipart import S3MultipartStorage
from tests.unit.presign.fakes import NOW
from uploads.record import Status, Upload

UPLOAD = Upload(
    upload_id="0123456789abcdef" * 2,
    status=Status.ISSUED,
    content_type="video/mp4",
    file_size=25,
    file_name="clip.mp4",
    created_at=NOW,
    updated_at=NOW,
)
KEY = UPLOAD.staging_key
PARTS = [StoredPart(1, 20, '"a"', "c2hh"), StoredPart(2, 5, '"b"')]


@dataclass
class FakeS3:
    """Returns `answers` in turn, raising those that are exceptions; records the calls in `asked`."""

    answers: list[Any]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.asked.append((operation, arguments))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def storage_with(*answers: Any) -> tuple[S3MultipartStorage, FakeS3]:
    client = FakeS3(list(answers))
    return S3MultipartStorage(lambda: client, "the-bucket"), client


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "…"}}, "AnyCall")


CALLS = {
    "begin": lambda it: it.begin(UPLOAD, with_sha256=True),
    "list_parts": lambda it: it.list_parts(KEY, "m"),
    "complete": lambda it: it.complete(UPLOAD, "m", PARTS),
    "abort": lambda it: it.abort(KEY, "m"),
}


def test_client_is_not_created_before_use():
    """Creating it adds a third of a second to a cold start."""

    def never() -> Any:
        raise AssertionError

    S3MultipartStorage(never, "the-bucket")


def test_begin_sends_the_declared_type():
    it, client = storage_with({"UploadId": "m"}, {"UploadId": "n"})
    assert it.begin(UPLOAD, with_sha256=False) == "m"
    assert it.begin(UPLOAD, with_sha256=True) == "n"
    plain = {"Bucket": "the-bucket", "Key": KEY, "ContentType": "video/mp4"}
    assert client.asked == [
        ("create_multipart_upload", plain),
        ("create_multipart_upload", plain | {"ChecksumAlgorithm": "SHA256", "ChecksumType": "COMPOSITE"}),
    ]


def test_list_parts_reads_all_pages():
    page = {"Parts": [{"PartNumber": 1, "Size": 20, "ETag": '"a"', "ChecksumSHA256": "c2hh"}]}
    more = {"IsTruncated": True, "NextPartNumberMarker": 1}
    it, client = storage_with(
        page | more, {"Parts": [{"PartNumber": 2, "Size": 5, "ETag": '"b"'}], "IsTruncated": False}
    )
    assert it.list_parts(KEY, "m") == PARTS
    assert [arguments.get("PartNumberMarker") for _, arguments in client.asked] == [None, 1]


def test_list_parts_without_parts_is_empty():
    assert storage_with({"IsTruncated": False})[0].list_parts(KEY, "m") == []


def test_complete_sends_parts_total_size_and_if_none_match():
    it, client = storage_with({})
    it.complete(UPLOAD, "m", PARTS)
    assert client.asked == [
        (
            "complete_multipart_upload",
            {
                "Bucket": "the-bucket",
                "Key": KEY,
                "UploadId": "m",
                "MultipartUpload": {
                    "Parts": [
                        {"PartNumber": 1, "ETag": '"a"', "ChecksumSHA256": "c2hh"},
                        {"PartNumber": 2, "ETag": '"b"'},
                    ]
                },
                "MpuObjectSize": 25,
                "IfNoneMatch": "*",
            },
        )
    ]


@pytest.mark.parametrize("call", ["list_parts", "complete"])
def test_missing_multipart_upload_is_parts_gone(call):
    with pytest.raises(PartsGoneError):
        CALLS[call](storage_with(refusal("NoSuchUpload"))[0])


def test_existing_object_at_completion_is_parts_gone():
    with pytest.raises(PartsGoneError):
        CALLS["complete"](storage_with(refusal("PreconditionFailed"))[0])


def test_abort_of_a_missing_multipart_upload_succeeds():
    CALLS["abort"](storage_with(refusal("NoSuchUpload"))[0])


@pytest.mark.parametrize("code", ["InvalidPart", "InvalidPartOrder"])
def test_invalid_part_is_parts_changed(code):
    with pytest.raises(PartsChangedError):
        CALLS["complete"](storage_with(refusal(code))[0])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "code",
    [
        "SlowDown",
        "InternalError",
        "RequestTimeout",
        "AccessDenied",
        "ExpiredToken",
        "NoSuchBucket",
        "ConditionalRequestConflict",
        "OperationAborted",
        "503",
        "",
    ],
)
def test_other_error_code_is_staging_unavailable(call, code):
    """Includes ConditionalRequestConflict, which S3 asks to retry."""
    with pytest.raises(StagingUnavailableError, match=f"AnyCall: {code}"):
        call(storage_with(refusal(code))[0])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://x"),
        ConnectTimeoutError(endpoint_url="http://x"),
        ReadTimeoutError(endpoint_url="http://x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_connection_error_is_staging_unavailable(call, error):
    with pytest.raises(StagingUnavailableError, match=type(error).__name__):
        call(storage_with(error)[0])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_programming_error_is_not_translated(call):
    with pytest.raises(ZeroDivisionError):
        call(storage_with(ZeroDivisionError())[0])
