"""Settings, under the names that Hasura gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_JWT = "HASURA_GRAPHQL_JWT_SECRET"
_KNOWN_JWT_KEYS = {
    "type", "jwk_url", "claims_namespace", "claims_format", "audience", "issuer", "allowed_skew", "header"
}  # fmt: skip
_FORMATS = ("json", "stringified_json")


class SettingError(ValueError):
    """The message names the variable and what it must be, and never repeats its value."""


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """https://hasura.io/docs/latest/auth/authentication/jwt/; `allowed_skew` in seconds."""

    jwk_url: str
    claims_namespace: str
    claims_format: str
    audience: frozenset[str] | None
    issuer: str | None
    allowed_skew: int


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    admin_secret: str
    jwt: JwtSettings | None


def read(environment: Mapping[str, str]) -> Settings:
    """Raises SettingError."""
    if environment.get("HASURA_GRAPHQL_UNAUTHORIZED_ROLE"):
        raise SettingError("HASURA_GRAPHQL_UNAUTHORIZED_ROLE is not part of this stand-in: leave it out")
    jwt = environment.get(_JWT)
    return Settings(
        database_url=_required(environment, "HASURA_GRAPHQL_DATABASE_URL"),
        admin_secret=_required(environment, "HASURA_GRAPHQL_ADMIN_SECRET"),
        jwt=jwt_settings(jwt) if jwt else None,
    )


def jwt_settings(text: str) -> JwtSettings:
    """Reads the JSON of HASURA_GRAPHQL_JWT_SECRET. Raises SettingError."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SettingError(f"{_JWT} must be a JSON object")
    if unknown := content.keys() - _KNOWN_JWT_KEYS:
        raise SettingError(f"{_JWT}: the stand-in does not know {', '.join(sorted(unknown))}")
    if content.get("header", {"type": "Authorization"}) != {"type": "Authorization"}:
        raise SettingError(f"{_JWT}: header must be Authorization")
    claims_format = content.get("claims_format", "json")
    if claims_format not in _FORMATS:
        raise SettingError(f"{_JWT}: claims_format must be one of {', '.join(_FORMATS)}")
    return JwtSettings(
        jwk_url=_url(content.get("jwk_url")),
        claims_namespace=_text(content, "claims_namespace") or "https://hasura.io/jwt/claims",
        claims_format=claims_format,
        audience=_audience(content.get("audience")),
        issuer=_text(content, "issuer"),
        allowed_skew=_seconds(content.get("allowed_skew", 0)),
    )


def _url(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise SettingError(f"{_JWT}: jwk_url must be the URL of a JSON Web Key Set")
    return value


def _text(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    if not isinstance(value, str | None):
        raise SettingError(f"{_JWT}: {name} must be a string")
    return value


def _seconds(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise SettingError(f"{_JWT}: allowed_skew must be a whole number of seconds")
    return value


def _audience(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SettingError(f"{_JWT}: audience must be a string or a list of strings")
    return frozenset(names)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise SettingError(f"{name} is missing")
    return value
