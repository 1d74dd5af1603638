"""A Cognito user as a row of the table `users`, and the mutation that writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# The types are those of Hasura's generated schema (hasura/schema.graphql); everything that varies is a variable.
UPSERT = (
    "mutation SyncUser($user: users_insert_input!, $on_conflict: users_on_conflict!) "
    "{ insert_users_one(object: $user, on_conflict: $on_conflict) { id } }"
)
UPSERT_FIELD = "insert_users_one"

ID, SYNCED_AT, LAST_SIGN_IN_AT = "id", "synced_at", "last_sign_in_at"
RESERVED_COLUMNS = frozenset({ID, SYNCED_AT, LAST_SIGN_IN_AT, "created_at", "updated_at"})
"""Columns that no attribute may fill."""

# Cognito writes every attribute as a string; these two are booleans.
_BOOLEANS = frozenset({"email_verified", "phone_number_verified"})
# PostgreSQL's text type cannot store NUL and surrogates, which users may put into their name.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# OpenID Connect's claims that are URLs. Other people's browsers open them, so `javascript:` and `data:` must not pass.
_URLS = frozenset({"picture", "profile", "website"})
_URL_COLUMN = "avatar_url"
MAX_URL_CHARACTERS = 2048
# Absolute, with a host and no user name; the characters of RFC 3986, which exclude spaces, quotes and angle brackets.
_URL = re.compile(
    r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][a-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class MalformedUserError(Exception):
    """An event or message does not hold a user. The message names the field."""


@dataclass(frozen=True, slots=True)
class User:
    """A user's attributes at the time `at` (aware). `signed_in` is True when `at` is the time of a sign-in."""

    sub: str
    attributes: Mapping[str, str]
    at: datetime
    signed_in: bool

    def __post_init__(self) -> None:
        if not _UUID.fullmatch(self.sub):
            raise MalformedUserError("sub is not a UUID")


def user_from_attributes(attributes: Mapping[str, Any], at: datetime, *, signed_in: bool) -> User:
    """Returns the user with these Cognito attributes; values that are not strings are ignored.

    Raises MalformedUserError.
    """
    strings = {name: value for name, value in attributes.items() if isinstance(value, str)}
    return User(strings.get("sub", ""), strings, at, signed_in)


def upsert_variables(user: User, columns_by_attribute: Mapping[str, str]) -> dict[str, Any]:
    """Returns the variables of UPSERT, which keeps a row with newer data.

    A column whose attribute the user does not have is set to null, because it may hold an earlier value. So is one
    whose attribute is among `refused_urls`.
    """
    refused = refused_urls(user, columns_by_attribute)
    row = {
        column: None if attribute in refused else _column_value(user, attribute)
        for attribute, column in columns_by_attribute.items()
    }
    row[SYNCED_AT] = _timestamp(user.at)
    if user.signed_in:
        row[LAST_SIGN_IN_AT] = _timestamp(user.at)
    return {
        "user": {ID: user.sub, **row},
        "on_conflict": {
            "constraint": "users_pkey",
            "update_columns": list(row),
            "where": {SYNCED_AT: {"_lt": row[SYNCED_AT]}},
        },
    }


def refused_urls(user: User, columns_by_attribute: Mapping[str, str]) -> list[str]:
    """Returns the attributes that should be URLs and are not: absolute, http or https, at most MAX_URL_CHARACTERS."""
    return [
        attribute
        for attribute, column in columns_by_attribute.items()
        if (attribute in _URLS or column == _URL_COLUMN) and not _is_empty_or_url(user.attributes.get(attribute, ""))
    ]


def _is_empty_or_url(text: str) -> bool:
    return text == "" or (len(text) <= MAX_URL_CHARACTERS and _URL.fullmatch(text) is not None)


def _column_value(user: User, attribute: str) -> str | bool | None:
    value = user.attributes.get(attribute)
    if attribute in _BOOLEANS:
        return value is not None and value.lower() == "true"
    return None if value is None else _UNSTORABLE.sub("", value)


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
