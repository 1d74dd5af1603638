"""The events of Cognito's pre-token generation trigger, versions 1 to 3, as they come and as they go back.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

import re
from collections.abc import Mapping
from typing import Any

from cognito_trigger.claims import User

CLIENT_CREDENTIALS = "TokenGeneration_ClientCredentials"
_SOURCE = re.compile(r"TokenGeneration_[A-Za-z]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION_1 = "1"
_VERSIONS = frozenset({_VERSION_1, "2", "3"})


class UnsupportedEventError(Exception):
    """Not an event that this function can vouch for. The message may be shown to the one who signs in."""


class Trigger:
    """One event. Raises UnsupportedEventError where it is none that is known."""

    def __init__(self, event: object) -> None:
        if not isinstance(event, dict):
            raise UnsupportedEventError("the event is not an object")
        self.untouched = event
        self._version = event.get("version")
        self.source = event.get("triggerSource")
        if not isinstance(self._version, str) or self._version not in _VERSIONS:
            raise UnsupportedEventError("the version of the pre-token generation event is not supported")
        if not isinstance(self.source, str) or not _SOURCE.fullmatch(self.source):
            raise UnsupportedEventError("the event is not of pre-token generation")
        if self.is_of_a_client and self._version != "3":
            raise UnsupportedEventError("client credentials come with version 3 of the event alone")

    @property
    def is_of_a_client(self) -> bool:
        """A machine signs in as itself: there is no user."""
        return self.source == CLIENT_CREDENTIALS

    @property
    def takes_text_alone(self) -> bool:
        """Version 1 takes no claim that is an object."""
        return bool(self._version == _VERSION_1)

    @property
    def client_id(self) -> str:
        client_id = _object(self.untouched, "callerContext").get("clientId")
        if not isinstance(client_id, str) or not client_id:
            raise UnsupportedEventError("the event names no app client")
        return client_id

    def user(self) -> User:
        request = _object(self.untouched, "request")
        attributes = {
            name: value for name, value in _object(request, "userAttributes").items() if isinstance(value, str)
        }
        groups = _object(request, "groupConfiguration").get("groupsToOverride") or []
        if not _UUID.fullmatch(attributes.get("sub", "")):
            raise UnsupportedEventError("the event has no user id (sub)")
        if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
            raise UnsupportedEventError("the groups of the event are not a list of names")
        return User(attributes["sub"], groups, attributes)

    def with_claim(self, name: str, value: Any) -> dict[str, Any]:
        """The event with one claim more in each token that it may shape. What its response held before stays."""
        response = _object(self.untouched, "response")
        if self.takes_text_alone:
            shaped = {"claimsOverrideDetails": _with(_object(response, "claimsOverrideDetails"), {name: value})}
        else:
            shaped = {"claimsAndScopeOverrideDetails": self._tokens_with(response, {name: value})}
        return {**self.untouched, "response": {**response, **shaped}}

    def _tokens_with(self, response: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        details = _object(response, "claimsAndScopeOverrideDetails")
        access = _object(details, "accessTokenGeneration")
        shaped = dict(details)
        if not self.is_of_a_client:  # which gets no ID token
            shaped["idTokenGeneration"] = _with(_object(details, "idTokenGeneration"), claims)
        # An access token has no audience unless it is given one, which may be its own app client alone; by it Hasura
        # tells our tokens from those of other clients of the pool, ID and access tokens by the same setting.
        shaped["accessTokenGeneration"] = _with(access, {"aud": self.client_id, **claims})
        return shaped


def _with(details: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    return {**details, "claimsToAddOrOverride": {**_object(details, "claimsToAddOrOverride"), **claims}}


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object; empty where it is absent or null, as Cognito leaves what has no content."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnsupportedEventError(f"{name} of the event is not an object")
    return value
