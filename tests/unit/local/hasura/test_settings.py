"""Settings of the stand-in: Hasura's names, and errors that name the setting and never its value."""

import json

import pytest

from local.hasura.settings import JwtSettings, SettingError, jwt_settings, read

GIVEN = {"HASURA_GRAPHQL_DATABASE_URL": "postgresql://u:hidden@h/d", "HASURA_GRAPHQL_ADMIN_SECRET": "hidden"}


def test_jwt_mode_is_off_where_nothing_is_said_of_it():
    assert read(GIVEN | {"HASURA_GRAPHQL_JWT_SECRET": ""}).jwt is None


@pytest.mark.parametrize("missing", GIVEN)
def test_missing_setting_is_named(missing):
    with pytest.raises(SettingError, match=f"{missing} is missing") as caught:
        read({name: value for name, value in GIVEN.items() if name != missing})
    assert "hidden" not in str(caught.value)


def test_role_for_strangers_is_not_offered():
    with pytest.raises(SettingError, match="HASURA_GRAPHQL_UNAUTHORIZED_ROLE"):
        read(GIVEN | {"HASURA_GRAPHQL_UNAUTHORIZED_ROLE": "anonymous"})


def test_hasuras_defaults_stand_in_for_what_is_left_out():
    expected = JwtSettings("https://pool/keys", "https://hasura.io/jwt/claims", "json", None, None, 0)
    assert jwt_settings('{"jwk_url": "https://pool/keys"}') == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hidden", "must be a JSON object"),
        ('["hidden"]', "must be a JSON object"),
        ("{}", "jwk_url must be the URL"),
        ('{"jwk_url": "file:///hidden"}', "jwk_url must be the URL"),
        ('{"jwk_url": "https://x", "claims_format": "hidden"}', "claims_format must be one of json, stringified_json"),
        ('{"jwk_url": "https://x", "audience": [1]}', "audience must be a string or a list of strings"),
        ('{"jwk_url": "https://x", "audience": 1}', "audience must be a string or a list of strings"),
        ('{"type": "HS256", "key": "hidden"}', "does not know key"),
        ('{"jwk_url": "https://x", "claims_map": {}}', "does not know claims_map"),
        ('{"jwk_url": "https://x", "header": {"type": "Cookie", "name": "hidden"}}', "header must be Authorization"),
        ('{"jwk_url": "https://x", "allowed_skew": "hidden"}', "allowed_skew must be a whole number"),
        ('{"jwk_url": "https://x", "issuer": 7}', "issuer must be a string"),
        ('{"jwk_url": "https://x", "claims_namespace": {}}', "claims_namespace must be a string"),
    ],
)
def test_jwt_secret_that_cannot_be_meant_is_told(content, message):
    with pytest.raises(SettingError, match=f"^HASURA_GRAPHQL_JWT_SECRET.*{message}") as caught:
        jwt_settings(content)
    assert "hidden" not in str(caught.value)


def test_every_setting_is_read():
    content = {"jwk_url": "https://x", "audience": "a", "issuer": "i", "claims_format": "stringified_json"}
    content |= {"claims_namespace": "n", "allowed_skew": 5, "type": "RS256", "header": {"type": "Authorization"}}
    expected = JwtSettings("https://x", "n", "stringified_json", frozenset({"a"}), "i", 5)
    assert jwt_settings(json.dumps(content)) == expected
