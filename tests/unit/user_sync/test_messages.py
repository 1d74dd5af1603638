"""Where users come from: an event of Cognito's, and our own messages."""

import json
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phenom import event_cases
from tests.unit.user_sync.fakes import ADA, COLUMNS, NOON, SUB, ada
from user_sync.messages import decode, encode, of_trigger
from user_sync.users import MalformedUserError, User, variables

texts = st.text(st.characters() | st.just("\0") | st.just("\ud800"), max_size=20)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def event(**changes):
    return {**event_cases.load("user_sync", "post_authentication")[0], **changes}


def test_who_signs_in_is_known_by_their_attributes_at_that_time():
    assert of_trigger(event(), NOON) == User(SUB, ADA, NOON, signed_in=True)


@pytest.mark.parametrize("source", [None, 7, "", "PreAuthentication_Authentication", "PostConfirmation_ConfirmSignUp"])
def test_another_trigger_is_no_sign_in(source):
    with pytest.raises(MalformedUserError, match="triggerSource"):
        of_trigger(event(triggerSource=source), NOON)


@pytest.mark.parametrize(
    "request_", [None, [], "text", {}, {"userAttributes": None}, {"userAttributes": [["sub", SUB]]}]
)
def test_an_event_without_attributes_names_what_is_missing(request_):
    with pytest.raises(MalformedUserError, match=r"request\.userAttributes"):
        of_trigger(event(request=request_), NOON)


def test_a_message_carries_the_attributes_that_have_a_column_and_no_others():
    attributes = json.loads(encode(ada(), COLUMNS))["attributes"]
    assert attributes.keys() == {"sub", "email", "email_verified", "name", "locale"}


def test_a_message_is_plain_ascii_which_every_queue_takes():
    assert encode(ada(name="\0\ud800写真"), COLUMNS).isascii()


@given(st.dictionaries(st.sampled_from(list(COLUMNS)) | texts, texts), st.datetimes(timezones=zones), st.booleans())
def test_a_user_comes_out_of_a_message_as_the_same_row(attributes, at, signed_in):
    try:
        user = User(SUB, {**attributes, "sub": SUB}, at, signed_in)
        row = variables(user, COLUMNS)
    except OverflowError:  # a time before the first year or after the last, once it is told in UTC
        return
    assert variables(decode(encode(user, COLUMNS)), COLUMNS) == row


GOOD = json.loads(encode(ada(), COLUMNS))


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
def test_what_is_no_message_of_ours_is_told_apart(content):
    with pytest.raises(MalformedUserError):
        decode(json.dumps(content))


@pytest.mark.parametrize("text", ["", "this is no message", "{", "[" * 100_000, '{"version": NaN'])
def test_what_is_no_json_is_told_apart(text):
    with pytest.raises(MalformedUserError, match="the message is not one of ours"):
        decode(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=5,
)


@given(st.sampled_from([*GOOD, "more"]), json_values)
def test_any_message_is_a_user_that_can_be_written_or_told_apart_without_a_word_of_it(name, value):
    try:
        user = decode(json.dumps({**GOOD, name: value}))
    except MalformedUserError as malformed:
        told = str(malformed)
    else:
        variables(user, COLUMNS)
        told = "sub"
    assert told in {
        *("the message is not one of ours", "the message is not of this version", "at has no time zone"),
        *("sub is not a UUID", "sub"),
    }
