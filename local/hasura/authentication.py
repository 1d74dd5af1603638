"""Authenticates requests as Hasura v2 does: by admin secret, otherwise by a JSON Web Token of the user pool.

https://hasura.io/docs/latest/auth/authentication/jwt/
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from local.hasura import errors
from local.hasura.errors import HasuraError
from local.hasura.settings import JwtSettings, Settings

ADMIN = "admin"
ADMIN_SECRET = "x-hasura-admin-secret"  # noqa: S105 - the name of a header
KEY_SET_COOLDOWN_SECONDS = 1.0  # tokens with unknown key ids cause at most one request to the pool per second
KEY_SET_TIMEOUT_SECONDS = 5.0
ROLE = "x-hasura-role"
_ALGORITHMS = ["RS256", "RS384", "RS512"]
_ALLOWED_ROLES = "x-hasura-allowed-roles"
_DEFAULT_ROLE = "x-hasura-default-role"
_PREFIX = "x-hasura-"
_TIME_ERRORS: dict[type, str] = {jwt.ExpiredSignatureError: "JWTExpired", jwt.ImmatureSignatureError: "JWTNotYetValid"}


@dataclass(frozen=True, slots=True)
class Session:
    """The role of a request and its session variables, with names in lower case."""

    role: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """Raises HasuraError when the session has no such variable."""
        try:
            return self.variables[name.lower()]
        except KeyError:
            raise HasuraError(errors.NOT_FOUND, f'missing session variable: "{name.lower()}"') from None


class Authenticator:
    """Knows the admin secret and the user pool's public keys, which are fetched when the first token comes."""

    def __init__(self, settings: Settings) -> None:
        self._admin_secret = settings.admin_secret.encode()
        self._jwt = settings.jwt
        self._keys: jwt.PyJWKClient | None = None
        if settings.jwt:
            self._keys = jwt.PyJWKClient(
                settings.jwt.jwk_url, timeout=KEY_SET_TIMEOUT_SECONDS, cooldown_duration=KEY_SET_COOLDOWN_SECONDS
            )

    def authenticate(self, headers: Mapping[str, str]) -> Session:
        """Returns the session of a request. `headers` have names in lower case. Raises HasuraError."""
        secret = headers.get(ADMIN_SECRET)
        if secret is not None:
            if not hmac.compare_digest(secret.encode("utf-8", "surrogateescape"), self._admin_secret):
                raise HasuraError(errors.ACCESS_DENIED, f"invalid {ADMIN_SECRET}")
            variables = {name: value for name, value in headers.items() if name.startswith(_PREFIX)}
            del variables[ADMIN_SECRET]
            return Session(headers.get(ROLE) or ADMIN, variables)
        if self._jwt is None or self._keys is None:
            raise HasuraError(errors.ACCESS_DENIED, f"{ADMIN_SECRET} required, but not found")
        payload = _verify(_bearer_token(headers), self._keys)
        _check_issuer_and_audience(payload, self._jwt)
        return _session(_hasura_claims(payload, self._jwt), headers.get(ROLE))


def _bearer_token(headers: Mapping[str, str]) -> str:
    if "authorization" not in headers:
        raise HasuraError(errors.INVALID_HEADERS, "Missing Authorization header in JWT authentication mode")
    match headers["authorization"].split():
        case ["Bearer", token]:
            return token
        case _:
            raise HasuraError(errors.INVALID_HEADERS, "Malformed Authorization header")


def _verify(token: str, keys: jwt.PyJWKClient) -> dict[str, Any]:
    """Returns the payload of a token with a valid signature and times."""
    options: Any = {"verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False}
    try:
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(token, key.key, algorithms=_ALGORITHMS, options=options)
    except (jwt.PyJWTError, ValueError) as error:
        raise _invalid_token(_TIME_ERRORS.get(type(error), "JWSError JWSInvalidSignature")) from None


def _check_issuer_and_audience(payload: dict[str, Any], settings: JwtSettings) -> None:
    """Like Hasura, checks only claims that the token has."""
    if payload.get("iss", settings.issuer) != settings.issuer:
        raise _invalid_token("JWTNotInIssuer")
    audience = payload.get("aud", settings.audience)
    if settings.audience not in (audience if isinstance(audience, list) else [audience]):
        raise _invalid_token("JWTNotInAudience")


def _invalid_token(reason: str) -> HasuraError:
    return HasuraError(errors.INVALID_JWT, f"Could not verify JWT: {reason}")


def _hasura_claims(payload: dict[str, Any], settings: JwtSettings) -> dict[str, Any]:
    """Returns the x-hasura-… claims under the namespace, with names in lower case."""
    if settings.claims_namespace not in payload:
        raise HasuraError(errors.JWT_INVALID_CLAIMS, f"claims key: '{settings.claims_namespace}' not found")
    claims = payload[settings.claims_namespace]
    if settings.claims_format == "stringified_json":
        try:
            claims = json.loads(claims) if isinstance(claims, str) else None
        except (ValueError, RecursionError):
            claims = None
    if not isinstance(claims, dict):
        raise HasuraError(
            errors.JWT_INVALID_CLAIMS, f"the claims are not in the claims_format {settings.claims_format}"
        )
    return {name.lower(): value for name, value in claims.items() if name.lower().startswith(_PREFIX)}


def _session(claims: dict[str, Any], requested_role: str | None) -> Session:
    for name in (_ALLOWED_ROLES, _DEFAULT_ROLE):
        if name not in claims:
            raise HasuraError(errors.JWT_MISSING_ROLE_CLAIMS, f"JWT claim does not contain {name}")
    allowed, default = claims.pop(_ALLOWED_ROLES), claims.pop(_DEFAULT_ROLE)
    if not isinstance(allowed, list) or not all(isinstance(role, str) for role in allowed):
        raise HasuraError(errors.JWT_INVALID_CLAIMS, f"invalid {_ALLOWED_ROLES}; should be a list of roles")
    if not all(isinstance(value, str) for value in (default, *claims.values())):
        raise HasuraError(errors.JWT_INVALID_CLAIMS, "x-hasura-* claims: parsing Text failed, expected String")
    role = requested_role or default
    if role not in allowed:
        raise HasuraError(errors.ACCESS_DENIED, "Your requested role is not in allowed roles")
    return Session(role, claims)
