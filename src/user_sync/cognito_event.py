"""Parses Cognito's post-authentication and post-confirmation events.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from user_sync.users import MalformedUserError, User, user_from_attributes

_AUTHENTICATED = "PostAuthentication_"
# After a confirmed sign-up, and as the only event of a federated user's first sign-in.
_CONFIRMED_SIGN_UP = "PostConfirmation_ConfirmSignUp"
# After a forgotten password was reset, which verifies the address.
_RESET_PASSWORD = "PostConfirmation_ConfirmForgotPassword"  # noqa: S105 - the name of an event
_STATUS, _FEDERATED = "cognito:user_status", "EXTERNAL_PROVIDER"


def parse_trigger_event(event: Mapping[str, Any], at: datetime) -> User:
    """Returns the user of the event. The event has no time, so the caller passes it. Raises MalformedUserError."""
    source = str(event.get("triggerSource"))
    if not source.startswith(_AUTHENTICATED) and source not in {_CONFIRMED_SIGN_UP, _RESET_PASSWORD}:
        raise MalformedUserError("triggerSource is neither post-authentication nor post-confirmation")
    request = event.get("request")
    attributes = request.get("userAttributes") if isinstance(request, dict) else None
    if not isinstance(attributes, dict):
        raise MalformedUserError("request.userAttributes is not an object")
    first_federated = source == _CONFIRMED_SIGN_UP and attributes.get(_STATUS) == _FEDERATED
    signed_in = source.startswith(_AUTHENTICATED) or first_federated
    return user_from_attributes(attributes, at, signed_in=signed_in)
