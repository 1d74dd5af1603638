"""Uploads in parts, on the deployed application: what S3, the ledger and the policies make of them together."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from tests.e2e import samples
from tests.e2e.api import Application
from tests.e2e.parts import BMP, Parts, ask, assert_conflict, begin

type Pause = Callable[[], AbstractContextManager[None]]


@pytest.mark.parametrize("fields", [{}, {"partChecksums": "sha256"}], ids=["plain", "with checksums"])
def test_a_file_in_parts_is_judged_as_any_other(application: Application, fields: dict[str, str]) -> None:
    parts = begin(application, **fields)
    assert parts.begun["partCount"] == 2
    etags = parts.send(2) | parts.send(1)
    listed = parts.call("GET", "/parts").json
    assert [(part["partNumber"], part["size"], part["etag"]) for part in listed["parts"]] == [
        (number, len(parts.of(number)), etags[number]) for number in (1, 2)
    ]
    assert application.status(parts.upload_id)["status"] == "issued"
    assert parts.complete(dict(sorted(etags.items()))).status == 200
    verdict = application.verdict(parts.upload_id)
    assert verdict["status"] == "accepted", verdict
    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
    assert final["Body"].read() == BMP
    assert (final["ContentType"], final["Metadata"]["upload-id"]) == ("image/bmp", parts.upload_id)
    application.wait_until_gone(parts.begun["key"])


def test_a_file_of_one_short_part_will_do(application: Application) -> None:
    parts = Parts.begin(application, samples.jpeg(40), "image/jpeg")
    parts.send()
    assert parts.complete().status == 200
    assert application.verdict(parts.upload_id)["status"] == "accepted"


def test_bad_bytes_in_parts_are_refused_as_any_other(application: Application) -> None:
    parts = Parts.begin(application, samples.ELF, "image/jpeg")
    parts.send()
    parts.complete()
    verdict = application.verdict(parts.upload_id)
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
def test_a_refused_beginning_is_a_problem(
    application: Application, fields: dict[str, object], status: int, code: str
) -> None:
    answer = ask(application, 10, "image/jpeg", **fields)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_beginning_needs_the_api_key(application: Application) -> None:
    assert application.call("POST", "/upload/multipart", {}, {"x-api-key": "not-the-key"}).status == 403


@pytest.mark.parametrize("missing", [1, 2])
def test_a_missing_part_is_named_and_can_be_sent(application: Application, missing: int) -> None:
    parts = begin(application)
    parts.send(3 - missing)
    assert_conflict(parts.complete(), f"part {missing} is missing")
    parts.send(missing)
    assert parts.complete().status == 200


def test_swapped_parts_are_a_conflict(application: Application) -> None:
    parts = begin(application)
    etags = parts.send()
    answer = parts.complete({1: etags[2], 2: etags[1]})
    assert_conflict(answer, "part 1 differs from the one that S3 has", "part 2 differs from the one that S3 has")
    assert parts.complete({2: etags[2], 1: etags[1]}).status == 400
    assert parts.complete(etags).status == 200


def test_a_part_that_nobody_signed_is_a_conflict(application: Application) -> None:
    """As whoever may write to the bucket could send it."""
    parts = begin(application)
    parts.send()
    name = re.search(r"uploadId=([^&]+)", parts.sign(1)[1]["uploadUrl"])
    assert name
    application.s3.upload_part(
        Bucket=application.stack["stagingBucket"],
        Key=parts.begun["key"],
        UploadId=name[1],
        PartNumber=3,
        Body=b"<?php ?>",
    )
    assert_conflict(parts.complete(), "part 3 is not of this upload")


def test_completions_at_once_and_one_after_the_other_are_one(application: Application, validator_paused: Pause) -> None:
    parts = begin(application)
    parts.send()
    with validator_paused():
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: parts.complete(), range(8)))
        assert {answer.status for answer in answers} == {200}, answers
        assert parts.complete().status == 200
        assert parts.call("GET", "/parts").json["complete"] is True
        assert parts.staged() == BMP
    verdict = application.verdict(parts.upload_id)
    assert verdict["status"] == "accepted"
    application.wait_until_gone(parts.begun["key"])
    assert parts.complete().status == 200
    assert application.status(parts.upload_id) == verdict
    assert len(application.final_versions(verdict["finalKey"])) == 1


def test_a_completion_whose_answer_was_lost_is_a_success_the_second_time(
    application: Application, validator_paused: Pause
) -> None:
    """As when the function is cut off after S3 has put the parts together."""
    parts = begin(application)
    etags = parts.send()
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
            Key=parts.begun["key"],
            UploadId=name[1],
            MultipartUpload={"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in etags.items()]},
        )
        assert parts.complete(etags).status == 200
        assert_conflict(parts.call("DELETE"))
        assert parts.staged() == BMP
    assert application.verdict(parts.upload_id)["status"] == "accepted"


def test_an_abortion_after_completion_does_no_harm(application: Application, validator_paused: Pause) -> None:
    parts = begin(application)
    parts.send()
    with validator_paused():
        parts.complete()
        assert_conflict(parts.call("DELETE"))
        assert parts.staged() == BMP
    assert application.verdict(parts.upload_id)["status"] == "accepted"
    assert_conflict(parts.call("DELETE"))


def test_an_aborted_upload_is_gone(application: Application) -> None:
    parts = begin(application)
    signed = parts.sign(1, 2)
    parts.send(1)
    for _ in range(2):
        answer = parts.call("DELETE")
        assert (answer.status, answer.body) == (204, b"")
    assert parts.put(signed[2], parts.of(2)).status == 404
    for method, path, body in (
        ("POST", "/complete", None),
        ("GET", "/parts", None),
        ("POST", "/parts", {"partNumbers": [1]}),
    ):
        assert_conflict(parts.call(method, path, body))
    left = application.s3.list_multipart_uploads(Bucket=application.stack["stagingBucket"], Prefix=parts.begun["key"])
    assert left.get("Uploads", []) == []
    assert application.status(parts.upload_id)["status"] == "issued"


def test_of_completions_and_abortions_at_once_one_kind_wins(application: Application, validator_paused: Pause) -> None:
    with validator_paused():
        for _ in range(5):
            parts = Parts.begin(application, samples.jpeg(41), "image/jpeg")
            parts.send()
            with ThreadPoolExecutor(4) as pool:
                calls = [("POST", "/complete"), ("DELETE", ""), ("POST", "/complete"), ("DELETE", "")]
                answers = list(pool.map(lambda call, of=parts: of.call(*call), calls))
            statuses = [answer.status for answer in answers]
            assert statuses in ([200, 409, 200, 409], [409, 204, 409, 204]), answers
            assert (parts.begun["key"] in application.staged_keys()) is (statuses[0] == 200)


def test_an_upload_of_one_piece_has_no_parts(application: Application) -> None:
    issued = application.issue(samples.jpeg(), "image/jpeg")
    for method, path, body in (
        ("POST", "/parts", {"partNumbers": [1]}),
        ("GET", "/parts", None),
        ("POST", "/complete", None),
        ("DELETE", "", None),
    ):
        assert_conflict(application.call(method, f"/upload/{issued['uploadId']}{path}", body))
