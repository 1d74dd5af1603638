"""The multipart uploads of the staging bucket as S3 hears of them, and what its answers mean."""

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
    """Answers with `answers` in turn, raising those that are errors; remembers what it was asked."""

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


def parts(*answers: Any) -> tuple[S3MultipartStorage, FakeS3]:
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


def test_the_client_is_made_when_it_is_needed():
    """It costs a cold start a third of a second."""

    def never() -> Any:
        raise AssertionError

    S3MultipartStorage(never, "the-bucket")


def test_an_upload_is_begun_with_the_type_that_was_announced():
    it, client = parts({"UploadId": "m"}, {"UploadId": "n"})
    assert it.begin(UPLOAD, with_sha256=False) == "m"
    assert it.begin(UPLOAD, with_sha256=True) == "n"
    plain = {"Bucket": "the-bucket", "Key": KEY, "ContentType": "video/mp4"}
    assert client.asked == [
        ("create_multipart_upload", plain),
        ("create_multipart_upload", plain | {"ChecksumAlgorithm": "SHA256", "ChecksumType": "COMPOSITE"}),
    ]


def test_all_pages_of_the_parts_are_read():
    page = {"Parts": [{"PartNumber": 1, "Size": 20, "ETag": '"a"', "ChecksumSHA256": "c2hh"}]}
    more = {"IsTruncated": True, "NextPartNumberMarker": 1}
    it, client = parts(page | more, {"Parts": [{"PartNumber": 2, "Size": 5, "ETag": '"b"'}], "IsTruncated": False})
    assert it.list_parts(KEY, "m") == PARTS
    assert [arguments.get("PartNumberMarker") for _, arguments in client.asked] == [None, 1]


def test_an_upload_without_parts_has_none():
    assert parts({"IsTruncated": False})[0].list_parts(KEY, "m") == []


def test_a_completion_names_each_part_the_size_of_all_and_that_there_is_no_object():
    it, client = parts({})
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
def test_parts_that_are_gone_are_told(call):
    with pytest.raises(PartsGoneError):
        CALLS[call](parts(refusal("NoSuchUpload"))[0])


def test_an_object_where_the_parts_were_to_go_means_that_they_are_there():
    with pytest.raises(PartsGoneError):
        CALLS["complete"](parts(refusal("PreconditionFailed"))[0])


def test_what_is_gone_need_not_be_aborted():
    CALLS["abort"](parts(refusal("NoSuchUpload"))[0])


@pytest.mark.parametrize("code", ["InvalidPart", "InvalidPartOrder"])
def test_parts_that_changed_are_told(code):
    with pytest.raises(PartsChangedError):
        CALLS["complete"](parts(refusal(code))[0])


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
def test_any_other_refusal_may_pass(call, code):
    """ConditionalRequestConflict too: S3 asks for another try."""
    with pytest.raises(StagingUnavailableError, match=f"AnyCall: {code}"):
        call(parts(refusal(code))[0])


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
def test_an_s3_that_cannot_be_reached_may_come_back(call, error):
    with pytest.raises(StagingUnavailableError, match=type(error).__name__):
        call(parts(error)[0])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_error_in_the_program_stays_what_it_is(call):
    with pytest.raises(ZeroDivisionError):
        call(parts(ZeroDivisionError())[0])
