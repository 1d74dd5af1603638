"""Every event case of the validator through the whole function, wired as in Lambda."""

import base64
from types import ModuleType
from typing import Any

import pytest

from phenom import event_cases
from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext
from tests.integration.validator.conftest import FINAL, STAGING, TABLE

BECOMES = {
    "already_held": ["held"],
    "duplicate": ["accepted"],
    "executable_called_png": ["rejected: unsupported_type"],
    "foreign_key": [],
    "gif_called_png": ["rejected: type_mismatch"],
    "last_attempt": ["accepted"],
    "malformed_body": [],
    "mixed_batch": ["accepted", "validating", "rejected: unsupported_type"],
    "object_missing": ["issued"],
    "one_upload": ["accepted"],
    "other_bucket": ["issued"],
    "other_event": ["issued"],
    "other_size": ["rejected: size_mismatch"],
    "percent_encoded_key": ["accepted"],
    "replayed_url": ["accepted"],
    "several_records": ["accepted", "accepted"],
    "sixth_receive": ["held"],
    "svg": ["accepted"],
    "svg_with_script": ["rejected: active_content"],
    "test_event": [],
    "unknown_upload": [],
}


def keys(s3: Any, bucket: str) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def contents(s3: Any, bucket: str) -> set[str]:
    """Returns the keys of objects with content: the empty ones seal used URLs."""
    return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []) if each["Size"]}


def put(given: dict[str, Any], s3: Any, dynamodb: Any) -> None:
    for item in given.get("uploads", []):
        dynamodb.put_item(TableName=TABLE, Item=item)
    for each in given.get("objects", []):
        s3.put_object(Bucket=STAGING, Key=each["key"], Body=base64.b64decode(each["body"]))


def state(dynamodb: Any, item: dict[str, Any]) -> str:
    now = dynamodb.get_item(TableName=TABLE, Key={"uploadId": item["uploadId"]})["Item"]
    return ": ".join(now[name]["S"] for name in ("status", "reason") if name in now)


def test_every_event_has_an_expectation():
    assert event_cases.names("validator") == sorted(BECOMES)


@pytest.mark.parametrize("case", event_cases.names("validator"))
def test_event_has_the_expected_result_and_is_idempotent(case, validator, s3, dynamodb):
    event, expected = event_cases.load("validator", case)
    given = expected.get("given", {})
    put(given, s3, dynamodb)
    result = validator.handler(event, FakeContext(milliseconds=300_000))
    assert list(expectation.mismatches(expected["result"], result)) == []
    assert [state(dynamodb, item) for item in given.get("uploads", [])] == BECOMES[case]
    before = settled(dynamodb.scan(TableName=TABLE)["Items"]), keys(s3, STAGING), keys(s3, FINAL)
    validator.handler(event, FakeContext(milliseconds=300_000))
    assert (settled(dynamodb.scan(TableName=TABLE)["Items"]), keys(s3, STAGING), keys(s3, FINAL)) == before


def settled(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the items without lease and time stamp, which every attempt changes."""
    passing = {"leaseUntil", "leaseOwner", "updatedAt"}
    return [{name: value for name, value in item.items() if name not in passing} for item in items]


def run(validator: ModuleType, case: str, s3: Any, dynamodb: Any) -> dict[str, Any]:
    event, expected = event_cases.load("validator", case)
    put(expected["given"], s3, dynamodb)
    validator.handler(event, FakeContext(milliseconds=300_000))
    upload: dict[str, Any] = expected["given"]["uploads"][0]
    return upload


def test_accepted_object_is_moved_to_the_final_bucket(validator, s3, dynamodb):
    upload = run(validator, "one_upload", s3, dynamodb)
    key = f"images/2026/11/23/{upload['uploadId']['S']}.png"
    assert (contents(s3, STAGING), keys(s3, FINAL)) == (set(), {key})
    assert s3.head_object(Bucket=FINAL, Key=key)["ContentType"] == "image/png"


def test_rejected_object_is_deleted(validator, s3, dynamodb):
    run(validator, "executable_called_png", s3, dynamodb)
    assert (contents(s3, STAGING), keys(s3, FINAL)) == (set(), set())


def test_held_object_is_moved_under_held(validator, s3, dynamodb):
    upload = run(validator, "sixth_receive", s3, dynamodb)
    assert (contents(s3, STAGING), keys(s3, FINAL)) == ({f"held/{upload['uploadId']['S']}.png"}, set())


def test_drawing_is_promoted_as_an_attachment(validator, s3, dynamodb):
    run(validator, "svg", s3, dynamodb)
    (key,) = keys(s3, FINAL)
    assert s3.head_object(Bucket=FINAL, Key=key)["ContentDisposition"] == "attachment"


def test_leased_object_of_a_mixed_batch_stays_in_staging(validator, s3, dynamodb):
    _event, expected = event_cases.load("validator", "mixed_batch")
    leased = expected["given"]["uploads"][1]["uploadId"]["S"]
    run(validator, "mixed_batch", s3, dynamodb)
    assert contents(s3, STAGING) == {f"uploads/{leased}.png"}
