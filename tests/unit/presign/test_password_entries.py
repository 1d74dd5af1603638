"""The entries of the secret with the upload passwords."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from presign.password_entries import InvalidEntriesError, PasswordEntry, parse_entries

PASSWORD = "correct horse battery staple"


def parse(*entries: Any) -> list[PasswordEntry]:
    return list(parse_entries(json.dumps({"passwords": entries})))


def test_plain_list_keeps_working():
    assert parse("first", "second") == [
        PasswordEntry(index=0, password="first"),
        PasswordEntry(index=1, password="second"),
    ]


def test_entry_has_label_and_expiry():
    (entry,) = parse({"password": PASSWORD, "label": "partner-7", "expires": "2026-12-31T18:00:00+01:00"})
    moment = datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert entry == PasswordEntry(index=0, password=PASSWORD, label="partner-7", expires_at=moment)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),  # the last day
        ("2026-12-31T18:00:00Z", datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31T18:00", datetime(2026, 12, 31, 18, tzinfo=UTC)),
    ],
)
def test_expiry_is_a_date_or_a_time(text, moment):
    assert parse({"password": PASSWORD, "expires": text})[0].expires_at == moment


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (7, "passwords[1]: must be"),
        ("", "passwords[1]: must be"),
        ({}, "passwords[1]: must be"),
        ({"label": "partner"}, "passwords[1]: must be"),
        ({"password": ""}, "passwords[1]: must be"),
        ({"password": ["s3cret-value"]}, "passwords[1]: must be"),
        ({"password": "s3cret-value", "expire": "2026-12-31"}, "passwords[1] may have only the fields"),
        ({"password": "s3cret-value", "label": "a b"}, "passwords[1].label must have"),
        ({"password": "s3cret-value", "label": ""}, "passwords[1].label must have"),
        ({"password": "s3cret-value", "label": None}, "passwords[1].label must have"),
        ({"password": "s3cret-value", "label": "x" * 33}, "passwords[1].label must have"),
        ({"password": "s3cret-value", "label": "-x"}, "passwords[1].label must have"),
        ({"password": "s3cret-value", "label": "s3cret-value"}, "passwords[1].label must not be the password"),
        ({"password": "s3cret-value", "label": "First"}, "passwords[1].label must differ from that of passwords[0]"),
        ({"password": "s3cret-value", "expires": "soon"}, "passwords[1].expires must be"),
        ({"password": "s3cret-value", "expires": "2026-13-01"}, "passwords[1].expires must be"),
        ({"password": "s3cret-value", "expires": "9999-12-31"}, "passwords[1].expires must be"),
        ({"password": "s3cret-value", "expires": 1798023601}, "passwords[1].expires must be"),
        ({"password": "s3cret-value", "expires": None}, "passwords[1].expires must be"),
    ],
)
def test_invalid_entry_refuses_all_and_is_named_by_its_index(entry, named):
    with pytest.raises(InvalidEntriesError) as refused:
        parse({"password": PASSWORD, "label": "first"}, entry)
    assert str(refused.value).startswith(named)
    assert "s3cret-value" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(("password", "short"), [("e" * 11, True), ("e" * 12, False), ("u\u0308" * 11, True)])
def test_password_below_12_characters_is_short(password, short):
    assert parse(password)[0].is_short is short


def test_entry_is_shown_by_its_label_or_index_only():
    entries = parse(PASSWORD, {"password": PASSWORD, "label": "partner"})
    assert repr(entries) == "[PasswordEntry(passwords[0]), PasswordEntry(partner)]"


def test_deeply_nested_text_is_invalid():
    with pytest.raises(InvalidEntriesError):
        parse_entries("[" * 200_000)
