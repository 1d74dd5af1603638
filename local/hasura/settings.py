"""Settings of the stand-in, under Hasura's names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.settings import SettingError

_JWT = "HASURA_GRAPHQL_JWT_SECRET"
_FORMATS = ("json", "stringified_json")
_JWT_KEYS = {"jwk_url", "issuer", "audience", "claims_namespace", "claims_format"}


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """The part of https://hasura.io/docs/latest/auth/authentication/jwt/ that `phenom hasura-jwt` prints."""

    jwk_url: str
    issuer: str
    audience: str
    claims_namespace: str
    claims_format: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`jwt` is None when only the admin secret is accepted."""

    database_url: str
    admin_secret: str
    jwt: JwtSettings | None


def load(environment: Mapping[str, str]) -> Settings:
    """Raises SettingError, whose message never repeats a value."""
    jwt = environment.get(_JWT)
    return Settings(
        database_url=_required(environment, "HASURA_GRAPHQL_DATABASE_URL"),
        admin_secret=_required(environment, "HASURA_GRAPHQL_ADMIN_SECRET"),
        jwt=parse_jwt_settings(jwt) if jwt else None,
    )


def parse_jwt_settings(text: str) -> JwtSettings:
    """Parses the JSON of HASURA_GRAPHQL_JWT_SECRET. Raises SettingError."""
    try:
        content: Any = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise SettingError(f"{_JWT} must be a JSON object of strings")
    if content.keys() != _JWT_KEYS:
        raise SettingError(f"{_JWT}: the stand-in takes exactly {', '.join(sorted(_JWT_KEYS))}")
    if not content["jwk_url"].startswith(("http://", "https://")):
        raise SettingError(f"{_JWT}: jwk_url must be the URL of a JSON Web Key Set")
    if content["claims_format"] not in _FORMATS:
        raise SettingError(f"{_JWT}: claims_format must be one of {', '.join(_FORMATS)}")
    return JwtSettings(**content)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise SettingError(f"{name} is missing")
    return value
