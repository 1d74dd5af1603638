"""Parsing S3 event notifications, which are untrusted input."""

import json
from typing import Any

import pytest

from validator.s3_events import MalformedMessageError, created_keys

BUCKET = "phenom-local-staging-000000000000"


def record(key: Any, event: Any = "ObjectCreated:Put", bucket: Any = BUCKET) -> dict[str, Any]:
    return {"eventName": event, "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 3}}}


def body(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": list(records)})


def test_event_yields_the_key_of_the_created_object():
    assert created_keys(body(record("uploads/a.png")), BUCKET) == ["uploads/a.png"]


def test_message_with_several_records_yields_all_keys():
    assert created_keys(body(record("uploads/a.png"), record("uploads/b.png")), BUCKET) == [
        "uploads/a.png",
        "uploads/b.png",
    ]


@pytest.mark.parametrize("event", ["Put", "Post", "Copy", "CompleteMultipartUpload", "Redrive"])
def test_every_kind_of_created_event_yields_its_key(event):
    assert created_keys(body(record("uploads/a.png", f"ObjectCreated:{event}")), BUCKET) == ["uploads/a.png"]


@pytest.mark.parametrize("event", ["ObjectRemoved:Delete", "LifecycleExpiration:Delete", "ObjectTagging:Put", ""])
def test_other_events_yield_no_key(event):
    assert created_keys(body(record("uploads/a.png", event)), BUCKET) == []


def test_event_of_an_empty_object_yields_no_key():
    """It seals a used URL; anything else under uploads/ has at least one byte."""
    sealed = record("uploads/a.png")
    sealed["s3"]["object"]["size"] = 0
    assert created_keys(body(sealed, record("uploads/b.png")), BUCKET) == ["uploads/b.png"]


def test_s3_test_event_yields_no_key():
    message = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET, "RequestId": "1", "HostId": "2"}
    assert created_keys(json.dumps(message), BUCKET) == []


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("uploads/a+b.png", "uploads/a b.png"),
        ("uploads/a%2Bb.png", "uploads/a+b.png"),
        ("uploads%2Fa.png", "uploads/a.png"),
        ("uploads/%E5%B3%B6.png", "uploads/島.png"),
        ("uploads/島.png", "uploads/島.png"),
        ("uploads/100%25.png", "uploads/100%.png"),
        ("uploads/%252e%252e/x", "uploads/%2e%2e/x"),
        ("uploads/100%.png", "uploads/100%.png"),
    ],
)
def test_key_is_form_decoded_once(encoded, key):
    assert created_keys(body(record(encoded)), BUCKET) == [key]


def test_event_of_another_bucket_is_malformed():
    """Also if another record is of our bucket: S3 never sends such a message."""
    for records in ([record("uploads/a.png", bucket="elsewhere")], [record("a"), record("b", bucket="elsewhere")]):
        with pytest.raises(MalformedMessageError, match="another bucket"):
            created_keys(body(*records), BUCKET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "this is no event",
        "null",
        "[]",
        "7",
        '"text"',
        "{}",
        '{"Records": null}',
        '{"Records": 7}',
        '{"Records": [7]}',
        '{"Records": {"a": 1}}',
        '{"Records": [{}]}',
        '{"Records": [{"eventName": 7}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {}, "object": {}}}]}',
        "[" * 100_000,
        '{"a":' * 100_000,
        "9" * 10_000,
        "NaN",
        '{"Records": NaN}',
        "\ud800",
        body(record(None)),
        body(record(7)),
        body(record(["uploads/a.png"])),
        body(record("uploads/%FF.png")),
        body(record("uploads/%ED%A0%80.png")),
        body(record("uploads/\ud800.png")),
        body(record("uploads/a.png", bucket=None)),
        body(record("uploads/a.png", bucket=[BUCKET])),
    ],
)
def test_any_other_message_is_malformed(text):
    with pytest.raises(MalformedMessageError):
        created_keys(text, BUCKET)


def test_error_does_not_quote_the_message():
    """The error is logged, and the message may contain personal data."""
    with pytest.raises(MalformedMessageError) as malformed:
        created_keys('{"Records": "my secret holiday"}', BUCKET)
    assert "holiday" not in str(malformed.value)
