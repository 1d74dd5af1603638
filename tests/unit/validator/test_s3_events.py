"""What the queue delivers is hostile until parsed."""

import contextlib
import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.s3_events import MalformedMessageError, created_keys

BUCKET = "phenom-local-staging-000000000000"


def record(key: Any, event: Any = "ObjectCreated:Put", bucket: Any = BUCKET) -> dict[str, Any]:
    return {"eventName": event, "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 3}}}


def body(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": list(records)})


def test_key_of_a_created_object_is_what_a_message_is_about():
    assert created_keys(body(record("uploads/a.png")), BUCKET) == ["uploads/a.png"]


def test_message_may_hold_several_records():
    assert created_keys(body(record("uploads/a.png"), record("uploads/b.png")), BUCKET) == [
        "uploads/a.png",
        "uploads/b.png",
    ]


@pytest.mark.parametrize("event", ["Put", "Post", "Copy", "CompleteMultipartUpload", "Redrive"])
def test_every_way_of_creating_an_object_counts(event):
    assert created_keys(body(record("uploads/a.png", f"ObjectCreated:{event}")), BUCKET) == ["uploads/a.png"]


@pytest.mark.parametrize("event", ["ObjectRemoved:Delete", "LifecycleExpiration:Delete", "ObjectTagging:Put", ""])
def test_other_events_are_nothing_to_do(event):
    assert created_keys(body(record("uploads/a.png", event)), BUCKET) == []


def test_s3_test_event_is_nothing_to_do():
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
def test_keys_are_form_encoded_and_decoded_once(encoded, key):
    assert created_keys(body(record(encoded)), BUCKET) == [key]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_that_s3_can_hold_survives_its_encoding(key):
    assert created_keys(body(record(quote_plus(key, safe="/"))), BUCKET) == [key]


def test_event_of_another_bucket_is_none_of_ours():
    """Not even beside one of ours: whoever sent it, it is no notification of S3's."""
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
def test_anything_else_is_malformed(text):
    with pytest.raises(MalformedMessageError):
        created_keys(text, BUCKET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ALMOST = st.fixed_dictionaries(
    {},
    optional={
        "eventName": JSON | st.just("ObjectCreated:Put"),
        "s3": JSON | st.fixed_dictionaries({"bucket": JSON | st.just({"name": BUCKET}), "object": JSON}),
    },
)


@given(st.text() | JSON.map(json.dumps) | st.builds(lambda r: json.dumps({"Records": r}), JSON | st.lists(ALMOST)))
@example('{"Event": ["s3:TestEvent"]}')
def test_no_message_raises_anything_but_that_it_is_malformed(text):
    with contextlib.suppress(MalformedMessageError):
        for key in created_keys(text, BUCKET):
            assert key.encode().decode() == key


def test_error_never_quotes_the_message():
    """It goes into the log, and nobody knows what is in there."""
    with pytest.raises(MalformedMessageError) as malformed:
        created_keys('{"Records": "my secret holiday"}', BUCKET)
    assert "holiday" not in str(malformed.value)
