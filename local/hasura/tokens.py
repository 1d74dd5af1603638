"""Takes Hasura's claims from a JSON Web Token, by the rules of Hasura v2's JWT mode.

https://hasura.io/docs/latest/auth/authentication/jwt/
"""

import json
from typing import Any

import jwt

from local.hasura.errors import INVALID_JWT, JWT_INVALID_CLAIMS, HasuraError
from local.hasura.key_set import KeySet
from local.hasura.settings import JwtSettings

_ALGORITHMS = ["RS256", "RS384", "RS512"]
PREFIX = "x-hasura-"


def claims(token: str, keys: KeySet, settings: JwtSettings) -> dict[str, Any]:
    """What the token says under the namespace, names in lower case. Raises HasuraError."""
    payload = _verified(token, keys, settings)
    _check_issuer_and_audience(payload, settings)
    return {name.lower(): value for name, value in _namespace(payload, settings).items() if _is_ours(name)}


def _verified(token: str, keys: KeySet, settings: JwtSettings) -> dict[str, Any]:
    candidates = keys.keys(_key_id(token))
    if not candidates:
        raise _refused("JWSError NoUsableKeys")
    for key in candidates:
        try:
            return _decoded(token, key, settings)
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError):
            continue
        except jwt.ExpiredSignatureError:
            raise _refused("JWTExpired") from None
        except jwt.ImmatureSignatureError as error:
            raise _refused("JWTIssuedAtFuture" if "iat" in str(error) else "JWTNotYetValid") from None
        except jwt.PyJWTError:
            raise _refused("JWSError (JSONDecodeError)") from None
    raise _refused("JWSError JWSInvalidSignature")


def _key_id(token: str) -> str | None:
    parts = token.count(".") + 1
    if parts != 3:
        raise _refused(f"JWSError (CompactDecodeError Invalid number of parts: Expected 3 parts; got {parts})")
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        raise _refused("JWSError (JSONDecodeError)") from None


def _decoded(token: str, key: jwt.PyJWK, settings: JwtSettings) -> dict[str, Any]:
    options = {"verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False}
    return jwt.decode(token, key.key, _ALGORITHMS, options=options, leeway=settings.allowed_skew)  # type: ignore[arg-type]


def _check_issuer_and_audience(payload: dict[str, Any], settings: JwtSettings) -> None:
    """What a token does not say is not checked, as in Hasura's library: access tokens of Cognito have no `aud`."""
    if settings.issuer is not None and payload.get("iss", settings.issuer) != settings.issuer:
        raise _refused("JWTNotInIssuer")
    audience = payload.get("aud")
    if settings.audience is None or audience is None:
        return
    if not settings.audience.intersection(audience if isinstance(audience, list) else [audience]):
        raise _refused("JWTNotInAudience")


def _namespace(payload: dict[str, Any], settings: JwtSettings) -> dict[str, Any]:
    namespace = settings.claims_namespace
    if namespace not in payload:
        raise HasuraError(JWT_INVALID_CLAIMS, f"claims key: '{namespace}' not found")
    value = payload[namespace]
    if settings.claims_format == "json":
        if not isinstance(value, dict):
            raise HasuraError(JWT_INVALID_CLAIMS, "expecting a json object when claims_format is json")
        return value
    if not isinstance(value, str):
        raise HasuraError(JWT_INVALID_CLAIMS, "expecting a string when claims_format is stringified_json")
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        where = f"claims_namespace {namespace}"
        raise HasuraError(JWT_INVALID_CLAIMS, f"expecting stringified json at: '{where}', but found: {value}")
    return content


def _is_ours(name: str) -> bool:
    return name.lower().startswith(PREFIX)


def _refused(why: str) -> HasuraError:
    return HasuraError(INVALID_JWT, f"Could not verify JWT: {why}")
