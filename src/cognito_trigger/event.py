"""Cognito's pre-token generation event, versions 1 to 3: reads it, and adds a claim to the response.

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
    """The event is malformed or of an unknown kind. Cognito shows the message to the user."""


class PreTokenEvent:
    """One pre-token generation event; `raw` is the event as it came and is never changed."""

    def __init__(self, event: object) -> None:
        """Raises UnsupportedEventError."""
        if not isinstance(event, dict):
            raise UnsupportedEventError("the event is not an object")
        self.raw = event
        self._version = event.get("version")
        self.source = event.get("triggerSource")
        if not isinstance(self._version, str) or self._version not in _VERSIONS:
            raise UnsupportedEventError("the version of the pre-token generation event is not supported")
        if not isinstance(self.source, str) or not _SOURCE.fullmatch(self.source):
            raise UnsupportedEventError("the event is not of pre-token generation")
        if self.is_client_credentials and self._version != "3":
            raise UnsupportedEventError("client credentials are supported only in version 3 of the event")

    @property
    def is_client_credentials(self) -> bool:
        """True when a machine client signs in as itself: the event has no user."""
        return self.source == CLIENT_CREDENTIALS

    @property
    def string_claims_only(self) -> bool:
        """True for version 1, in which a claim cannot be an object."""
        return bool(self._version == _VERSION_1)

    @property
    def client_id(self) -> str:
        """The id of the app client. Raises UnsupportedEventError."""
        client_id = _object(self.raw, "callerContext").get("clientId")
        if not isinstance(client_id, str) or not client_id:
            raise UnsupportedEventError("the event names no app client")
        return client_id

    def user(self) -> User:
        """Returns the user of the event. Raises UnsupportedEventError."""
        request = _object(self.raw, "request")
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
        """Returns a copy of the event that adds the claim to each token; the rest of its response stays.

        Raises UnsupportedEventError.
        """
        response = _object(self.raw, "response")
        if self.string_claims_only:
            changed = {"claimsOverrideDetails": _add_claims(_object(response, "claimsOverrideDetails"), {name: value})}
        else:
            changed = {"claimsAndScopeOverrideDetails": self._tokens_with(response, {name: value})}
        return {**self.raw, "response": {**response, **changed}}

    def _tokens_with(self, response: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        details = _object(response, "claimsAndScopeOverrideDetails")
        tokens = dict(details)
        if not self.is_client_credentials:  # a machine client gets no ID token
            tokens["idTokenGeneration"] = _add_claims(_object(details, "idTokenGeneration"), claims)
        # Access tokens have no audience by default, and Cognito accepts only the app client's id as one. With it,
        # Hasura's `audience` setting rejects tokens of the pool's other clients for ID and access tokens alike.
        access = _object(details, "accessTokenGeneration")
        tokens["accessTokenGeneration"] = _add_claims(access, {"aud": self.client_id, **claims})
        return tokens


def _add_claims(details: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    return {**details, "claimsToAddOrOverride": {**_object(details, "claimsToAddOrOverride"), **claims}}


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns a member that is an object, empty when it is absent or null: Cognito sends null for empty members."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnsupportedEventError(f"{name} of the event is not an object")
    return value
