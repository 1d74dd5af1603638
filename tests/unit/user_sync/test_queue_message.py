"""Messages of the retry queue."""

import json
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.user_sync.fakes import COLUMNS, SUB, ada
from user_sync.queue_message import decode_user, encode_user
from user_sync.users import MalformedUserError, User, upsert_variables

texts = st.text(st.characters() | st.just("\0") | st.just("\ud800"), max_size=20)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_message_holds_only_attributes_with_a_column():
    attributes = json.loads(encode_user(ada(), COLUMNS))["attributes"]
    assert attributes.keys() == {"sub", "email", "email_verified", "name", "locale"}


def test_message_is_ascii_which_every_queue_accepts():
    assert encode_user(ada(name="\0\ud800写真"), COLUMNS).isascii()


@given(st.dictionaries(st.sampled_from(list(COLUMNS)) | texts, texts), st.datetimes(timezones=zones), st.booleans())
def test_decoded_user_gives_the_same_row(attributes, at, signed_in):
    try:
        user = User(SUB, {**attributes, "sub": SUB}, at, signed_in)
        row = upsert_variables(user, COLUMNS)
    except OverflowError:  # in UTC, the time is before year 1 or after year 9999
        return
    assert upsert_variables(decode_user(encode_user(user, COLUMNS)), COLUMNS) == row


GOOD = json.loads(encode_user(ada(), COLUMNS))


@pytest.mark.parametrize(
    "content",
    [
        *(None, 7, "text", [], {}),
        *({name: value for name, value in GOOD.items() if name != missing} for missing in GOOD),
        *({**GOOD, "version": version} for version in (0, 2, "1", None)),
        *({**GOOD, "attributes": attributes} for attributes in (None, [], "text", {}, {"sub": 7}, {"sub": "ada"})),
        *({**GOOD, "at": at} for at in (None, 7, "", "yesterday", "2026-11-23T12:00:00", "2026-13-01T00:00:00Z")),
        *({**GOOD, "at": at} for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")),
        *({**GOOD, "signedIn": signed_in} for signed_in in (None, 0, 1, "true")),
    ],
)
def test_malformed_message_is_refused(content):
    with pytest.raises(MalformedUserError):
        decode_user(json.dumps(content))


@pytest.mark.parametrize("text", ["", "this is no message", "{", "[" * 100_000, '{"version": NaN'])
def test_message_that_is_not_json_is_refused(text):
    with pytest.raises(MalformedUserError, match="the message is malformed"):
        decode_user(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=5,
)


@given(st.sampled_from([*GOOD, "more"]), json_values)
def test_any_message_is_decoded_or_refused_without_quoting_it(name, value):
    try:
        user = decode_user(json.dumps({**GOOD, name: value}))
    except MalformedUserError as malformed:
        message = str(malformed)
    else:
        upsert_variables(user, COLUMNS)
        message = "sub"
    assert message in {
        *("the message is malformed", "the message has another version", "at has no time zone"),
        *("sub is not a UUID", "sub"),
    }
