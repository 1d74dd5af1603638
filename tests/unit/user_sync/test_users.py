"""A user as a row of the table."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.user_sync.fakes import ADA, COLUMNS, NOON, SUB, ada
from user_sync.users import (
    MAX_URL_CHARACTERS,
    MalformedUserError,
    User,
    refused_urls,
    upsert_variables,
    user_from_attributes,
)

texts = st.text(st.characters() | st.just("\0") | st.just("\ud800"), max_size=20)


def test_row_holds_attributes_and_the_time_of_the_sign_in():
    assert upsert_variables(ada(), COLUMNS)["user"] == {
        "id": SUB,
        "email": "ada@example.org",
        "email_verified": True,
        "display_name": "Ada Lovelace",
        "avatar_url": None,
        "locale": "en-GB",
        "synced_at": "2026-11-23T12:00:00.000000+00:00",
        "last_sign_in_at": "2026-11-23T12:00:00.000000+00:00",
    }


def test_only_an_older_row_is_updated():
    assert upsert_variables(ada(), COLUMNS)["on_conflict"] == {
        "constraint": "users_pkey",
        "update_columns": [
            *("email", "email_verified", "display_name", "avatar_url", "locale"),
            *("synced_at", "last_sign_in_at"),
        ],
        "where": {"synced_at": {"_lt": "2026-11-23T12:00:00.000000+00:00"}},
    }


def test_backfill_keeps_the_time_of_the_last_sign_in():
    content = upsert_variables(ada(signed_in=False), COLUMNS)
    assert "last_sign_in_at" not in content["user"]
    assert "last_sign_in_at" not in content["on_conflict"]["update_columns"]


def test_time_is_written_in_utc():
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=timezone(timedelta(hours=14)))
    assert upsert_variables(ada(moment), COLUMNS)["user"]["synced_at"] == "2026-11-22T11:30:00.000000+00:00"


@pytest.mark.parametrize(
    ("value", "truth"), [("true", True), ("True", True), ("false", False), ("", False), ("1", False)]
)
def test_email_verified_is_a_boolean(value, truth):
    assert upsert_variables(ada(email_verified=value), COLUMNS)["user"]["email_verified"] is truth


def test_missing_attributes_empty_their_columns():
    row = upsert_variables(User(SUB, {"sub": SUB}, NOON, True), COLUMNS)["user"]
    assert {name: row[name] for name in COLUMNS.values()} == {
        "email": None,
        "email_verified": False,
        "display_name": None,
        "avatar_url": None,
        "locale": None,
    }


def test_characters_that_postgresql_cannot_store_are_removed():
    row = upsert_variables(ada(name="A\0d\ud83da 写真 \N{PILE OF POO}"), COLUMNS)["user"]
    assert row["display_name"] == "Ada 写真 \N{PILE OF POO}"


@pytest.mark.parametrize(
    "url",
    [
        "https://images.example/ada.jpg",
        "http://images.example",
        "HTTPS://Images.Example:8443/a/b?c=d&e=%20#f",
        "https://lh3.googleusercontent.com/a/ACg8ocK-x_y=s96-c",
        "https://[2001:db8::1]/ada.png",
        "https://x.example/" + "a" * (MAX_URL_CHARACTERS - len("https://x.example/")),
    ],
)
def test_picture_at_a_web_address_is_stored(url):
    user = ada(picture=url)
    assert upsert_variables(user, COLUMNS)["user"]["avatar_url"] == url
    assert refused_urls(user, COLUMNS) == []


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://x.example/",
        " https://x.example/a",
        "https://x.example/a\n",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "file:///etc/passwd",
        "ftp://x.example/a",
        "//x.example/a",
        "/a.jpg",
        "a.jpg",
        "https://",
        "https:///a",
        "https:x.example",
        "https://user:password@x.example/a",
        "https://x.example@evil.example/a",
        "https://x.example\\@evil.example/a",
        'https://x.example/a" onerror=alert(1)',
        "https://x.example/<script>",
        "https://x.example/a b",
        "https://x.example/\u202egpj.a",
        "https://x.example/" + "a" * (MAX_URL_CHARACTERS - len("https://x.example/") + 1),
        '{"data": {"url": "https://x.example/a"}}',
    ],
)
def test_picture_that_is_no_web_address_is_not_stored(text):
    user = ada(picture=text)
    row = upsert_variables(user, COLUMNS)["user"]
    assert (row["avatar_url"], row["display_name"]) == (None, "Ada Lovelace")
    assert refused_urls(user, COLUMNS) == ["picture"]


@pytest.mark.parametrize("columns", [{"picture": "photo"}, {"custom:photo": "avatar_url"}, {"website": "homepage"}])
def test_every_url_attribute_and_column_is_checked(columns):
    (attribute,), (column,) = columns, columns.values()
    assert upsert_variables(ada(**{attribute: "javascript:alert(1)"}), columns)["user"][column] is None


def test_missing_or_empty_picture_is_not_reported():
    assert refused_urls(ada(), COLUMNS) == []
    assert refused_urls(ada(picture=""), COLUMNS) == []


@pytest.mark.parametrize("sub", ["", "ada", SUB.upper(), SUB + "\n", SUB.replace("-", ""), "{" + SUB + "}"])
def test_invalid_sub_is_refused(sub):
    with pytest.raises(MalformedUserError, match="sub is not a UUID"):
        user_from_attributes({**ADA, "sub": sub}, NOON, signed_in=True)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": 1}, True])
def test_attribute_that_is_not_a_string_is_ignored(value):
    assert "name" not in user_from_attributes({**ADA, "name": value}, NOON, signed_in=True).attributes


@given(st.dictionaries(st.sampled_from(["sub", "id", "synced_at", *COLUMNS]) | texts, texts))
def test_any_attributes_give_storable_values_for_mapped_columns(attributes):
    content = upsert_variables(user_from_attributes({**attributes, "sub": SUB}, NOON, signed_in=True), COLUMNS)
    assert content["user"].keys() == {"id", *COLUMNS.values(), "synced_at", "last_sign_in_at"}
    assert content["user"]["id"] == SUB
    assert content["on_conflict"] == upsert_variables(ada(), COLUMNS)["on_conflict"]
    for value in content["user"].values():
        assert not isinstance(value, str) or "\0" not in value
        json.dumps(value, ensure_ascii=False).encode()


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_timestamps_sort_like_their_times(one, other):
    earlier, later = (upsert_variables(ada(at), COLUMNS)["user"]["synced_at"] for at in sorted([one, other]))
    assert (earlier < later) is (one != other)
