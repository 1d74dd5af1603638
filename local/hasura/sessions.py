"""Who asks: the role and the session variables of a request, by the rules of Hasura v2."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.hasura.errors import (
    ACCESS_DENIED,
    INVALID_HEADERS,
    JWT_INVALID_CLAIMS,
    JWT_MISSING_ROLE_CLAIMS,
    NOT_FOUND,
    HasuraError,
)
from local.hasura.key_set import KeySet
from local.hasura.settings import Settings
from local.hasura.tokens import PREFIX, claims

ADMIN = "admin"
ROLE = "x-hasura-role"
ADMIN_SECRETS = ("x-hasura-admin-secret", "x-hasura-access-key")
_ALLOWED_ROLES = "x-hasura-allowed-roles"
_DEFAULT_ROLE = "x-hasura-default-role"
_KINDS = {dict: "Object", list: "Array", str: "String", bool: "Boolean", int: "Number", float: "Number"}


@dataclass(frozen=True, slots=True)
class Session:
    """Names of the variables are in lower case."""

    role: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        try:
            return self.variables[name.lower()]
        except KeyError:
            raise HasuraError(NOT_FOUND, f'missing session variable: "{name.lower()}"') from None


class Authentication:
    """Admin secret first, then the token."""

    def __init__(self, settings: Settings) -> None:
        self._secret = _digest(settings.admin_secret)
        self._jwt = settings.jwt
        self._keys = KeySet(settings.jwt.jwk_url) if settings.jwt else None

    def session(self, headers: Mapping[str, str]) -> Session:
        """`headers` by names in lower case. Raises HasuraError."""
        secret = next((headers[name] for name in ADMIN_SECRETS if name in headers), None)
        if secret is not None:
            if not hmac.compare_digest(_digest(secret), self._secret):
                raise HasuraError(ACCESS_DENIED, f"invalid {'/'.join(ADMIN_SECRETS)}")
            return _of_headers(headers)
        if self._jwt is None or self._keys is None:
            raise HasuraError(ACCESS_DENIED, f"{'/'.join(ADMIN_SECRETS)} required, but not found")
        return _of_claims(claims(_bearer(headers), self._keys, self._jwt), headers.get(ROLE))


def _digest(secret: str) -> bytes:
    return hashlib.sha512(secret.encode("utf-8", "surrogateescape")).digest()


def _of_headers(headers: Mapping[str, str]) -> Session:
    """Who has the admin secret may act as any role, with the variables of the headers."""
    variables = {name: value for name, value in headers.items() if name.startswith(PREFIX)}
    return Session(headers.get(ROLE) or ADMIN, {name: variables[name] for name in variables.keys() - {*ADMIN_SECRETS}})


def _bearer(headers: Mapping[str, str]) -> str:
    if "authorization" not in headers:
        raise HasuraError(INVALID_HEADERS, "Missing Authorization header in JWT authentication mode")
    match headers["authorization"].split():
        case ["Bearer", token]:
            return token
        case _:
            raise HasuraError(INVALID_HEADERS, "Malformed Authorization header")


def _of_claims(found: dict[str, Any], requested: str | None) -> Session:
    allowed = _claim(found, _ALLOWED_ROLES)
    default = _claim(found, _DEFAULT_ROLE)
    if not isinstance(allowed, list):
        raise _wrong(_ALLOWED_ROLES, "should be a list of roles", "[]", "Array", allowed)
    for role in allowed:
        _check_text(_ALLOWED_ROLES, "should be a list of roles", role)
    _check_text(_DEFAULT_ROLE, "should be a single role name", default)
    role = requested or default
    if role not in allowed:
        raise HasuraError(ACCESS_DENIED, "Your requested role is not in allowed roles")
    variables = {name: value for name, value in found.items() if name not in {_ALLOWED_ROLES, _DEFAULT_ROLE}}
    for value in variables.values():
        if not isinstance(value, str):
            message = f"parsing Text failed, expected String, but encountered {_kind(value)}"
            raise HasuraError(JWT_INVALID_CLAIMS, f"x-hasura-* claims: {message}")
    return Session(role, variables)


def _claim(found: dict[str, Any], name: str) -> Any:
    if name not in found:
        raise HasuraError(JWT_MISSING_ROLE_CLAIMS, f"JWT claim does not contain {name}")
    return found[name]


def _check_text(claim: str, hint: str, value: Any) -> None:
    if not isinstance(value, str):
        raise _wrong(claim, hint, "Text", "String", value)


def _wrong(claim: str, hint: str, what: str, expected: str, value: Any) -> HasuraError:
    message = f"parsing {what} failed, expected {expected}, but encountered {_kind(value)}"
    return HasuraError(JWT_INVALID_CLAIMS, f"invalid {claim}; {hint}: {message}")


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "Null")
