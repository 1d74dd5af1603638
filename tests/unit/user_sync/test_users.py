"""What a user comes to as a row."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.user_sync.fakes import ADA, COLUMNS, NOON, SUB, ada
from user_sync.users import MalformedUserError, User, of_attributes, variables

texts = st.text(st.characters() | st.just("\0") | st.just("\ud800"), max_size=20)


def test_attributes_go_into_their_columns_and_the_time_of_the_sign_in_with_them():
    assert variables(ada(), COLUMNS)["user"] == {
        "id": SUB,
        "email": "ada@example.org",
        "email_verified": True,
        "display_name": "Ada Lovelace",
        "avatar_url": None,
        "locale": "en-GB",
        "synced_at": "2026-11-23T12:00:00.000000+00:00",
        "last_sign_in_at": "2026-11-23T12:00:00.000000+00:00",
    }


def test_a_row_that_stands_is_changed_where_it_is_older_alone():
    assert variables(ada(), COLUMNS)["on_conflict"] == {
        "constraint": "users_pkey",
        "update_columns": [
            *("email", "email_verified", "display_name", "avatar_url", "locale"),
            *("synced_at", "last_sign_in_at"),
        ],
        "where": {"synced_at": {"_lt": "2026-11-23T12:00:00.000000+00:00"}},
    }


def test_who_did_not_sign_in_keeps_the_time_when_they_did():
    content = variables(ada(signed_in=False), COLUMNS)
    assert "last_sign_in_at" not in content["user"]
    assert "last_sign_in_at" not in content["on_conflict"]["update_columns"]


def test_a_time_is_told_in_utc_so_that_texts_compare_as_times_do():
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=timezone(timedelta(hours=14)))
    assert variables(ada(moment), COLUMNS)["user"]["synced_at"] == "2026-11-22T11:30:00.000000+00:00"


@pytest.mark.parametrize(
    ("value", "truth"), [("true", True), ("True", True), ("false", False), ("", False), ("1", False)]
)
def test_whether_an_address_is_verified_is_a_truth_value(value, truth):
    assert variables(ada(email_verified=value), COLUMNS)["user"]["email_verified"] is truth


def test_a_user_without_attributes_empties_what_they_had():
    row = variables(User(SUB, {"sub": SUB}, NOON, True), COLUMNS)["user"]
    assert {name: row[name] for name in COLUMNS.values()} == {
        "email": None,
        "email_verified": False,
        "display_name": None,
        "avatar_url": None,
        "locale": None,
    }


def test_what_postgresql_cannot_hold_is_left_out_of_a_name():
    row = variables(ada(name="A\0d\ud83da 写真 \N{PILE OF POO}"), COLUMNS)["user"]
    assert row["display_name"] == "Ada 写真 \N{PILE OF POO}"


@pytest.mark.parametrize("sub", ["", "ada", SUB.upper(), SUB + "\n", SUB.replace("-", ""), "{" + SUB + "}"])
def test_who_has_no_id_is_no_user(sub):
    with pytest.raises(MalformedUserError, match="sub is not a UUID"):
        of_attributes({**ADA, "sub": sub}, NOON, signed_in=True)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": 1}, True])
def test_an_attribute_that_is_no_text_counts_for_absent(value):
    assert "name" not in of_attributes({**ADA, "name": value}, NOON, signed_in=True).attributes


@given(st.dictionaries(st.sampled_from(["sub", "id", "synced_at", *COLUMNS]) | texts, texts))
def test_any_attributes_fill_the_columns_of_the_mapping_with_what_can_be_stored(attributes):
    content = variables(of_attributes({**attributes, "sub": SUB}, NOON, signed_in=True), COLUMNS)
    assert content["user"].keys() == {"id", *COLUMNS.values(), "synced_at", "last_sign_in_at"}
    assert content["user"]["id"] == SUB
    assert content["on_conflict"] == variables(ada(), COLUMNS)["on_conflict"]
    for value in content["user"].values():
        assert not isinstance(value, str) or "\0" not in value
        json.dumps(value, ensure_ascii=False).encode()


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_texts_of_times_are_in_the_order_of_the_times(one, other):
    earlier, later = (variables(ada(at), COLUMNS)["user"]["synced_at"] for at in sorted([one, other]))
    assert (earlier < later) is (one != other)
