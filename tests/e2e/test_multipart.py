"""Multipart uploads on the deployed API, S3, ledger and policies."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from tests.e2e import samples
from tests.e2e.api import Application
from tests.e2e.multipart_upload import BMP, MultipartUpload, assert_conflict, request_multipart, start_bmp

type Pause = Callable[[], AbstractContextManager[None]]


@pytest.mark.parametrize("fields", [{}, {"partChecksums": "sha256"}], ids=["plain", "with checksums"])
def test_multipart_upload_reaches_the_final_bucket(application: Application, fields: dict[str, str]) -> None:
    parts = start_bmp(application, **fields)
    assert parts.started["partCount"] == 2
    etags = parts.put_parts(2) | parts.put_parts(1)
    listed = parts.call("GET", "/parts").json
    assert [(part["partNumber"], part["size"], part["etag"]) for part in listed["parts"]] == [
        (number, len(parts.part(number)), etags[number]) for number in (1, 2)
    ]
    assert application.status(parts.upload_id)["status"] == "issued"
    assert parts.complete(dict(sorted(etags.items()))).status == 200
    verdict = application.wait_for_verdict(parts.upload_id)
    assert verdict["status"] == "accepted", verdict
    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
    assert final["Body"].read() == BMP
    assert (final["ContentType"], final["Metadata"]["upload-id"]) == ("image/bmp", parts.upload_id)
    application.wait_until_removed(parts.started["key"])


def test_single_short_part_is_accepted(application: Application) -> None:
    parts = MultipartUpload.start(application, samples.jpeg(40), "image/jpeg")
    parts.put_parts()
    assert parts.complete().status == 200
    assert application.wait_for_verdict(parts.upload_id)["status"] == "accepted"


def test_multipart_upload_of_a_wrong_type_is_rejected(application: Application) -> None:
    parts = MultipartUpload.start(application, samples.ELF, "image/jpeg")
    parts.put_parts()
    parts.complete()
    verdict = application.wait_for_verdict(parts.upload_id)
    assert (verdict["status"], verdict["reason"]) == ("rejected", "unsupported_type")
    assert parts.complete().status == 200


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"password": "wrong"}, 401, "wrong_password"),
        ({"contentType": "application/pdf"}, 415, "unsupported_type"),
        ({"fileSize": 524_288_001}, 413, "file_too_large"),
        ({"partSize": 1}, 400, "invalid_request"),
    ],
)
def test_invalid_start_of_a_multipart_upload_gets_a_problem(
    application: Application, fields: dict[str, object], status: int, code: str
) -> None:
    response = request_multipart(application, 10, "image/jpeg", **fields)
    assert (response.status, response.json["code"]) == (status, code)


def test_multipart_start_without_a_valid_api_key_is_forbidden(application: Application) -> None:
    assert application.call("POST", "/upload/multipart", {}, {"x-api-key": "not-the-key"}).status == 403


@pytest.mark.parametrize("missing", [1, 2])
def test_missing_part_is_named_and_can_be_sent_later(application: Application, missing: int) -> None:
    parts = start_bmp(application)
    parts.put_parts(3 - missing)
    assert_conflict(parts.complete(), f"part {missing} is missing")
    parts.put_parts(missing)
    assert parts.complete().status == 200


def test_completion_with_swapped_etags_is_a_conflict(application: Application) -> None:
    parts = start_bmp(application)
    etags = parts.put_parts()
    response = parts.complete({1: etags[2], 2: etags[1]})
    assert_conflict(response, "part 1 differs from the one that S3 has", "part 2 differs from the one that S3 has")
    assert parts.complete({2: etags[2], 1: etags[1]}).status == 400
    assert parts.complete(etags).status == 200


def test_unsigned_extra_part_is_a_conflict(application: Application) -> None:
    """Anyone with write access to the bucket could send such a part."""
    parts = start_bmp(application)
    parts.put_parts()
    name = re.search(r"uploadId=([^&]+)", parts.sign(1)[1]["uploadUrl"])
    assert name
    application.s3.upload_part(
        Bucket=application.stack["stagingBucket"],
        Key=parts.started["key"],
        UploadId=name[1],
        PartNumber=3,
        Body=b"<?php ?>",
    )
    assert_conflict(parts.complete(), "part 3 is not of this upload")


def test_concurrent_and_repeated_completions_yield_one_object(
    application: Application, validator_paused: Pause
) -> None:
    parts = start_bmp(application)
    parts.put_parts()
    with validator_paused():
        with ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(lambda _: parts.complete(), range(8)))
        assert {response.status for response in responses} == {200}, responses
        assert parts.complete().status == 200
        assert parts.call("GET", "/parts").json["complete"] is True
        assert parts.staged() == BMP
    verdict = application.wait_for_verdict(parts.upload_id)
    assert verdict["status"] == "accepted"
    application.wait_until_removed(parts.started["key"])
    assert parts.complete().status == 200
    assert application.status(parts.upload_id) == verdict
    assert len(application.final_versions(verdict["finalKey"])) == 1


def test_completion_after_a_lost_response_succeeds(application: Application, validator_paused: Pause) -> None:
    """The function was killed after S3 had merged the parts."""
    parts = start_bmp(application)
    etags = parts.put_parts()
    name = re.search(r"uploadId=([^&]+)", parts.sign(1)[1]["uploadUrl"])
    assert name
    with validator_paused():
        application.client("dynamodb").update_item(
            TableName=application.stack["uploadsTable"],
            Key={"uploadId": {"S": parts.upload_id}},
            UpdateExpression="SET multipartState = :state",
            ExpressionAttributeValues={":state": {"S": "completing"}},
        )
        application.s3.complete_multipart_upload(
            Bucket=application.stack["stagingBucket"],
            Key=parts.started["key"],
            UploadId=name[1],
            MultipartUpload={"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in etags.items()]},
        )
        assert parts.complete(etags).status == 200
        assert_conflict(parts.call("DELETE"))
        assert parts.staged() == BMP
    assert application.wait_for_verdict(parts.upload_id)["status"] == "accepted"


def test_abort_after_completion_is_a_conflict(application: Application, validator_paused: Pause) -> None:
    parts = start_bmp(application)
    parts.put_parts()
    with validator_paused():
        parts.complete()
        assert_conflict(parts.call("DELETE"))
        assert parts.staged() == BMP
    assert application.wait_for_verdict(parts.upload_id)["status"] == "accepted"
    assert_conflict(parts.call("DELETE"))


def test_aborted_upload_has_no_parts_and_takes_none(application: Application) -> None:
    parts = start_bmp(application)
    signed = parts.sign(1, 2)
    parts.put_parts(1)
    for _ in range(2):
        response = parts.call("DELETE")
        assert (response.status, response.body) == (204, b"")
    assert parts.put(signed[2], parts.part(2)).status == 404
    for method, path, body in (
        ("POST", "/complete", None),
        ("GET", "/parts", None),
        ("POST", "/parts", {"partNumbers": [1]}),
    ):
        assert_conflict(parts.call(method, path, body))
    left = application.s3.list_multipart_uploads(Bucket=application.stack["stagingBucket"], Prefix=parts.started["key"])
    assert left.get("Uploads", []) == []
    assert application.status(parts.upload_id)["status"] == "issued"


def test_concurrent_completions_and_aborts_have_one_winner(application: Application, validator_paused: Pause) -> None:
    with validator_paused():
        for _ in range(5):
            parts = MultipartUpload.start(application, samples.jpeg(41), "image/jpeg")
            parts.put_parts()
            with ThreadPoolExecutor(4) as pool:
                calls = [("POST", "/complete"), ("DELETE", ""), ("POST", "/complete"), ("DELETE", "")]
                responses = list(pool.map(lambda call, upload=parts: upload.call(*call), calls))
            statuses = [response.status for response in responses]
            assert statuses in ([200, 409, 200, 409], [409, 204, 409, 204]), responses
            assert (parts.started["key"] in application.staged_keys()) is (statuses[0] == 200)


def test_multipart_calls_on_a_single_put_upload_are_conflicts(application: Application) -> None:
    issued = application.issue(samples.jpeg(), "image/jpeg")
    for method, path, body in (
        ("POST", "/parts", {"partNumbers": [1]}),
        ("GET", "/parts", None),
        ("POST", "/complete", None),
        ("DELETE", "", None),
    ):
        assert_conflict(application.call(method, f"/upload/{issued['uploadId']}{path}", body))
