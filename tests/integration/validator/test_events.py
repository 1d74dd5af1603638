"""Every event under events/validator through the whole function, wired as Lambda wires it."""

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


def put(given: dict[str, Any], s3: Any, dynamodb: Any) -> None:
    for item in given.get("uploads", []):
        dynamodb.put_item(TableName=TABLE, Item=item)
    for each in given.get("objects", []):
        s3.put_object(Bucket=STAGING, Key=each["key"], Body=base64.b64decode(each["body"]))


def state(dynamodb: Any, item: dict[str, Any]) -> str:
    now = dynamodb.get_item(TableName=TABLE, Key={"uploadId": item["uploadId"]})["Item"]
    return ": ".join(now[name]["S"] for name in ("status", "reason") if name in now)


def test_every_event_has_its_expectation():
    assert event_cases.names("validator") == sorted(BECOMES)


@pytest.mark.parametrize("case", event_cases.names("validator"))
def test_event_comes_to_what_is_expected_of_it_and_nothing_more_when_it_comes_again(case, validator, s3, dynamodb):
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
    """Without the lease and the time of an attempt that changed nothing else."""
    passing = {"leaseUntil", "leaseOwner", "updatedAt"}
    return [{name: value for name, value in item.items() if name not in passing} for item in items]


def run(validator: ModuleType, case: str, s3: Any, dynamodb: Any) -> dict[str, Any]:
    event, expected = event_cases.load("validator", case)
    put(expected["given"], s3, dynamodb)
    validator.handler(event, FakeContext(milliseconds=300_000))
    upload: dict[str, Any] = expected["given"]["uploads"][0]
    return upload


def test_accepted_object_has_moved(validator, s3, dynamodb):
    upload = run(validator, "one_upload", s3, dynamodb)
    key = f"images/2026/11/23/{upload['uploadId']['S']}.png"
    assert (keys(s3, STAGING), keys(s3, FINAL)) == (set(), {key})
    assert s3.head_object(Bucket=FINAL, Key=key)["ContentType"] == "image/png"


def test_refused_object_is_gone(validator, s3, dynamodb):
    run(validator, "executable_called_png", s3, dynamodb)
    assert (keys(s3, STAGING), keys(s3, FINAL)) == (set(), set())


def test_held_object_lies_aside(validator, s3, dynamodb):
    upload = run(validator, "sixth_receive", s3, dynamodb)
    assert (keys(s3, STAGING), keys(s3, FINAL)) == ({f"held/{upload['uploadId']['S']}.png"}, set())


def test_drawing_is_served_as_an_attachment(validator, s3, dynamodb):
    run(validator, "svg", s3, dynamodb)
    (key,) = keys(s3, FINAL)
    assert s3.head_object(Bucket=FINAL, Key=key)["ContentDisposition"] == "attachment"


def test_of_a_mixed_batch_each_message_has_its_own_end(validator, s3, dynamodb):
    """The leased one stays where it is: another worker is at it."""
    _event, expected = event_cases.load("validator", "mixed_batch")
    leased = expected["given"]["uploads"][1]["uploadId"]["S"]
    run(validator, "mixed_batch", s3, dynamodb)
    assert keys(s3, STAGING) == {f"uploads/{leased}.png"}
