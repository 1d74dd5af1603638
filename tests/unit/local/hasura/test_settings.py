"""Settings of the stand-in: errors name the setting and never its value."""

import json

import pytest

from local.hasura.settings import JwtSettings, load, parse_jwt_settings
from runtime.settings import SettingError

REQUIRED = {"HASURA_GRAPHQL_DATABASE_URL": "postgresql://u:hidden@h/d", "HASURA_GRAPHQL_ADMIN_SECRET": "hidden"}
JWT = {
    "jwk_url": "https://pool/keys",
    "issuer": "https://pool",
    "audience": "client",
    "claims_namespace": "https://hasura.io/jwt/claims",
    "claims_format": "stringified_json",
}


def test_tokens_are_off_without_a_jwt_secret():
    assert load(REQUIRED | {"HASURA_GRAPHQL_JWT_SECRET": ""}).jwt is None


@pytest.mark.parametrize("missing", REQUIRED)
def test_missing_setting_is_named(missing):
    with pytest.raises(SettingError, match=f"{missing} is missing") as caught:
        load({name: value for name, value in REQUIRED.items() if name != missing})
    assert "hidden" not in str(caught.value)


def test_every_jwt_setting_is_read():
    assert parse_jwt_settings(json.dumps(JWT)) == JwtSettings(**JWT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hidden", "must be a JSON object"),
        ('["hidden"]', "must be a JSON object"),
        ("{}", "takes exactly audience, claims_format"),
        (json.dumps(JWT | {"audience": ["hidden"]}), "must be a JSON object of strings"),
        (json.dumps(JWT | {"key": "hidden"}), "takes exactly"),
        (json.dumps(JWT | {"jwk_url": "file:///hidden"}), "jwk_url must be the URL"),
        (json.dumps(JWT | {"claims_format": "hidden"}), "claims_format must be one of json, stringified_json"),
    ],
)
def test_invalid_jwt_secret_is_named(content, message):
    with pytest.raises(SettingError, match=f"^HASURA_GRAPHQL_JWT_SECRET.*{message}") as caught:
        parse_jwt_settings(content)
    assert "hidden" not in str(caught.value)
