"""Encodes and decodes the messages of the retry queue: a user who is still to be written."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from user_sync.users import MalformedUserError, User, user_from_attributes

VERSION = 1
SUB = "sub"


def encode_user(user: User, columns_by_attribute: Mapping[str, str]) -> str:
    """Returns a message with `sub` and the attributes that have a column; other personal data is left out."""
    wanted = {SUB, *columns_by_attribute}
    attributes = {name: value for name, value in user.attributes.items() if name in wanted}
    content = {"version": VERSION, "attributes": attributes, "at": user.at.isoformat(), "signedIn": user.signed_in}
    return json.dumps(content)


def decode_user(message: str) -> User:
    """Raises MalformedUserError."""
    try:
        content = json.loads(message)
        version, attributes, at, signed_in = (content[name] for name in ("version", "attributes", "at", "signedIn"))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise MalformedUserError("the message is malformed") from None
    if version != VERSION or not isinstance(attributes, dict) or not isinstance(signed_in, bool):
        raise MalformedUserError("the message has another version")
    if moment.tzinfo is None:
        raise MalformedUserError("at has no time zone")
    return user_from_attributes(attributes, moment, signed_in=signed_in)
