"""Where users come from: Cognito's post-authentication event, and our own messages about who is yet to be written."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from user_sync.users import MalformedUserError, User, of_attributes

VERSION = 1
SUB = "sub"


def of_trigger(event: Mapping[str, Any], at: datetime) -> User:
    """The user of https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html.

    The event bears no time, so `at` is now. Raises MalformedUserError.
    """
    if not str(event.get("triggerSource")).startswith("PostAuthentication_"):
        raise MalformedUserError("triggerSource is not post-authentication")
    request = event.get("request")
    attributes = request.get("userAttributes") if isinstance(request, dict) else None
    if not isinstance(attributes, dict):
        raise MalformedUserError("request.userAttributes is not an object")
    return of_attributes(attributes, at, signed_in=True)


def encode(user: User, columns_by_attribute: Mapping[str, str]) -> str:
    """A message about the user, with the attributes that have a column and no others."""
    wanted = {SUB, *columns_by_attribute}
    attributes = {name: value for name, value in user.attributes.items() if name in wanted}
    content = {"version": VERSION, "attributes": attributes, "at": user.at.isoformat(), "signedIn": user.signed_in}
    return json.dumps(content)


def decode(message: str) -> User:
    """Raises MalformedUserError."""
    try:
        content = json.loads(message)
        version, attributes, at, signed_in = (content[name] for name in ("version", "attributes", "at", "signedIn"))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise MalformedUserError("the message is not one of ours") from None
    if version != VERSION or not isinstance(attributes, dict) or not isinstance(signed_in, bool):
        raise MalformedUserError("the message is not of this version")
    if moment.tzinfo is None:
        raise MalformedUserError("at has no time zone")
    return of_attributes(attributes, moment, signed_in=signed_in)
