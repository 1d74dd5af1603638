"""Multipart uploads through the whole function, on S3 and DynamoDB in moto.

PART_BYTES is the smallest part that S3 accepts, although moto accepts any size.
"""

import hashlib
import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import botocore.endpoint
import botocore.session
import pytest

from testkit.lambda_context import FakeContext
from testkit.wiring import PRESIGN, import_fresh
from tests.integration.presign.conftest import ID, PASSWORD
from uploads.errors import PartsSettledError
from uploads.ledger import DynamoDbLedger
from uploads.multipart import Multipart, MultipartState

PART = int(PRESIGN["PART_BYTES"])
BUCKET = PRESIGN["STAGING_BUCKET"]
FIRST, LAST = b"1" * PART, b"2" * 1000


class Api:
    """Calls the function and parses its answers."""

    def __init__(self, presign: Any) -> None:
        self._presign = presign

    def call(self, method: str, resource: str, upload_id: str = "", body: Any = None) -> tuple[int, Any]:
        event = {
            "httpMethod": method,
            "resource": resource,
            "pathParameters": {"uploadId": upload_id},
            "body": None if body is None else json.dumps(body),
        }
        answer = self._presign.handler(event, FakeContext())
        return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

    def begin(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "password": PASSWORD,
            "fileName": "clip.mp4",
            "contentType": "video/mp4",
            "fileSize": PART + len(LAST),
        }
        status, answer = self.call("POST", "/upload/multipart", body=fields | changes)
        assert status == 200, answer
        return dict(answer)

    def complete(self, upload_id: str) -> tuple[int, Any]:
        return self.call("POST", "/upload/{uploadId}/complete", upload_id)


@pytest.fixture
def api(presign, table, secret, staging) -> Api:
    return Api(presign)


def multipart_id(s3, key: str) -> str:
    (upload,) = s3.list_multipart_uploads(Bucket=BUCKET, Prefix=key)["Uploads"]
    return str(upload["UploadId"])


def put(s3, begun: dict[str, Any], number: int, content: bytes, **more: Any) -> None:
    name = multipart_id(s3, begun["key"])
    s3.upload_part(Bucket=BUCKET, Key=begun["key"], UploadId=name, PartNumber=number, Body=content, **more)


def test_two_parts_become_one_object(api, s3):
    begun = api.begin()
    assert (begun["partSize"], begun["partCount"]) == (PART, 2)
    put(s3, begun, 2, LAST)
    put(s3, begun, 1, FIRST)
    status, listed = api.call("GET", "/upload/{uploadId}/parts", begun["uploadId"])
    assert (status, [part["size"] for part in listed["parts"]]) == (200, [PART, 1000])
    for _ in range(2):
        assert api.complete(begun["uploadId"])[0] == 200
    found = s3.get_object(Bucket=BUCKET, Key=begun["key"])
    assert (found["Body"].read(), found["ContentType"]) == (FIRST + LAST, "video/mp4")
    assert api.call("GET", "/upload/{uploadId}/parts", begun["uploadId"])[1]["complete"] is True
    assert api.call("DELETE", "/upload/{uploadId}", begun["uploadId"])[0] == 409
    assert s3.head_object(Bucket=BUCKET, Key=begun["key"])


def test_single_part_becomes_one_object(api, s3):
    begun = api.begin(fileSize=3)
    put(s3, begun, 1, b"abc")
    assert api.complete(begun["uploadId"])[0] == 200
    assert s3.get_object(Bucket=BUCKET, Key=begun["key"])["Body"].read() == b"abc"


def test_completion_with_a_missing_part_is_a_conflict(api, s3):
    begun = api.begin()
    put(s3, begun, 1, FIRST)
    put(s3, begun, 3, LAST)
    status, problem = api.complete(begun["uploadId"])
    assert (status, problem["code"]) == (409, "conflict")
    assert [error["detail"] for error in problem["errors"]] == ["part 2 is missing", "part 3 is not of this upload"]


def test_aborted_upload_leaves_no_parts(api, s3):
    begun = api.begin()
    put(s3, begun, 1, FIRST)
    for _ in range(2):
        assert api.call("DELETE", "/upload/{uploadId}", begun["uploadId"]) == (204, None)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert api.complete(begun["uploadId"])[0] == 409


def test_upload_without_part_checksums_announces_none_to_s3(api, s3, monkeypatch):
    """By default, botocore announces CRC32, and S3 would refuse every part from a browser, which sends none."""
    headers: list[set[str]] = []
    original = botocore.endpoint.Endpoint.make_request

    def spy(self, operation_model, request):
        if operation_model.name == "CreateMultipartUpload":
            headers.append({name.lower() for name in request["headers"]})
        return original(self, operation_model, request)

    monkeypatch.setattr(botocore.endpoint.Endpoint, "make_request", spy)
    api.begin()
    api.begin(partChecksums="sha256")
    assert ["x-amz-checksum-algorithm" in each for each in headers] == [False, True]


def test_completion_sends_the_part_checksums_to_s3(api, s3):
    begun = api.begin(partChecksums="sha256")
    for number, content in ((1, FIRST), (2, LAST)):
        digest = b64encode(hashlib.sha256(content).digest()).decode()
        put(s3, begun, number, content, ChecksumSHA256=digest)
    assert api.complete(begun["uploadId"])[0] == 200


def test_part_size_is_recorded_in_the_ledger(api, s3, dynamodb, table):
    """So that a changed setting does not affect uploads in progress."""
    begun = api.begin(partChecksums="sha256")
    found = DynamoDbLedger(dynamodb, table).find(begun["uploadId"])
    assert found is not None
    assert found.multipart == Multipart(
        multipart_id=multipart_id(s3, begun["key"]), part_bytes=PART, part_count=2, with_sha256=True
    )


def test_completion_and_abortion_exclude_each_other(api, s3, dynamodb, table):
    """Enforced by conditional writes."""
    ledger = DynamoDbLedger(dynamodb, table)
    moves = {MultipartState.COMPLETING: ledger.complete_parts, MultipartState.ABORTED: ledger.abort_parts}
    for state, move in moves.items():
        upload_id = api.begin()["uploadId"]
        move(upload_id)
        move(upload_id)
        (other,) = (each for name, each in moves.items() if name is not state)
        with pytest.raises(PartsSettledError) as settled:
            other(upload_id)
        assert settled.value.upload.multipart is not None
        assert settled.value.upload.multipart.state is state


def test_claimed_upload_can_be_neither_completed_nor_aborted(api, s3, dynamodb, table):
    ledger = DynamoDbLedger(dynamodb, table)
    upload_id = api.begin()["uploadId"]
    ledger.claim(upload_id, "worker", 60)
    for move in (ledger.complete_parts, ledger.abort_parts):
        with pytest.raises(PartsSettledError):
            move(upload_id)


def test_single_put_upload_can_be_neither_completed_nor_aborted(ledger):
    for move in (ledger.complete_parts, ledger.abort_parts):
        with pytest.raises(PartsSettledError):
            move(ID)
    found = ledger.find(ID)
    assert found == replace(found, multipart=None)


def test_missing_bucket_answers_503(presign, table, secret, capsys):
    status, problem = Api(presign).call(
        "POST",
        "/upload/multipart",
        body={"password": PASSWORD, "fileName": "a.mp4", "contentType": "video/mp4", "fileSize": 10},
    )
    assert (status, problem["code"]) == (503, "unavailable")
    assert "StagingUnavailable" in capsys.readouterr().out


def test_s3_client_is_created_only_for_multipart(aws, monkeypatch, table, secret, staging):
    """It is the slowest client to create in a cold start."""
    made: list[str] = []
    original = botocore.session.Session.create_client

    def spy(self, service_name, **arguments):
        made.append(service_name)
        return original(self, service_name, **arguments)

    monkeypatch.setattr(botocore.session.Session, "create_client", spy)
    api = Api(import_fresh(monkeypatch, "presign.handler", PRESIGN))
    assert sorted(made) == ["dynamodb", "secretsmanager"]
    for _ in range(2):
        api.begin()
    assert sorted(made) == ["dynamodb", "s3", "secretsmanager"]
