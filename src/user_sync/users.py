"""What a user in Cognito comes to as a row of the table `users`, and the one mutation that writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# In the form of Hasura v2's generated schema (hasura/schema.graphql): everything that varies is a variable.
UPSERT = (
    "mutation SyncUser($user: users_insert_input!, $on_conflict: users_on_conflict!) "
    "{ insert_users_one(object: $user, on_conflict: $on_conflict) { id } }"
)
UPSERTED = "insert_users_one"

# The columns that are not the mapping's to fill.
ID, SYNCED_AT, LAST_SIGN_IN_AT = "id", "synced_at", "last_sign_in_at"
OWN_COLUMNS = frozenset({ID, SYNCED_AT, LAST_SIGN_IN_AT, "created_at", "updated_at"})

# Cognito writes every attribute as text; these two are truth values.
_TRUTH_VALUES = frozenset({"email_verified", "phone_number_verified"})
# PostgreSQL's text holds neither, and a user may put either into their own name.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class MalformedUserError(Exception):
    """What came is no user. The message names the field."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as Cognito knew them `at` that time (aware); `signed_in` says that it is because they signed in then."""

    sub: str
    attributes: Mapping[str, str]
    at: datetime
    signed_in: bool

    def __post_init__(self) -> None:
        if not _UUID.fullmatch(self.sub):
            raise MalformedUserError("sub is not a UUID")


def of_attributes(attributes: Mapping[str, Any], at: datetime, *, signed_in: bool) -> User:
    """A user by Cognito's own attributes. Raises MalformedUserError."""
    texts = {name: value for name, value in attributes.items() if isinstance(value, str)}
    return User(texts.get("sub", ""), texts, at, signed_in)


def variables(user: User, columns_by_attribute: Mapping[str, str]) -> dict[str, Any]:
    """The variables of UPSERT. A row that is newer than what we know of the user stays as it is.

    An attribute that the user does not have empties its column: they may have had it before.
    """
    row = {column: _value(user, attribute) for attribute, column in columns_by_attribute.items()}
    row[SYNCED_AT] = _moment(user.at)
    if user.signed_in:
        row[LAST_SIGN_IN_AT] = _moment(user.at)
    return {
        "user": {ID: user.sub, **row},
        "on_conflict": {
            "constraint": "users_pkey",
            "update_columns": list(row),
            "where": {SYNCED_AT: {"_lt": row[SYNCED_AT]}},
        },
    }


def _value(user: User, attribute: str) -> str | bool | None:
    value = user.attributes.get(attribute)
    if attribute in _TRUTH_VALUES:
        return value is not None and value.lower() == "true"
    return None if value is None else _UNSTORABLE.sub("", value)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
