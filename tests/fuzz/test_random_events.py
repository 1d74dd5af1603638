"""S3 event notifications with random content: parsed, or rejected as malformed."""

import contextlib
import json
from urllib.parse import quote_plus

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.validator.test_s3_events import BUCKET, body, record
from validator.s3_events import MalformedMessageError, created_keys


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_valid_key_is_decoded_to_itself(key):
    assert created_keys(body(record(quote_plus(key, safe="/"))), BUCKET) == [key]


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
def test_message_with_any_content_raises_only_malformed_message_error(text):
    with contextlib.suppress(MalformedMessageError):
        for key in created_keys(text, BUCKET):
            assert key.encode().decode() == key
