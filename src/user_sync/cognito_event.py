"""Parses Cognito's post-authentication event.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from user_sync.users import MalformedUserError, User, user_from_attributes


def parse_trigger_event(event: Mapping[str, Any], at: datetime) -> User:
    """Returns the user who signed in. The event has no time, so the caller passes it. Raises MalformedUserError."""
    if not str(event.get("triggerSource")).startswith("PostAuthentication_"):
        raise MalformedUserError("triggerSource is not post-authentication")
    request = event.get("request")
    attributes = request.get("userAttributes") if isinstance(request, dict) else None
    if not isinstance(attributes, dict):
        raise MalformedUserError("request.userAttributes is not an object")
    return user_from_attributes(attributes, at, signed_in=True)
