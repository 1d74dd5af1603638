"""Settings of the pre-token trigger."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognito_trigger.claims import RESERVED_CLAIMS, Policy
from cognito_trigger.settings import ClaimsFormat, Settings, load
from runtime.settings import SettingError
from testkit.wiring import COGNITO_TRIGGER

MAPPINGS = ("ROLES_BY_GROUP", "ROLES_BY_CLIENT", "CLAIMS_BY_ATTRIBUTE")


@pytest.fixture
def environment(monkeypatch):
    for name, value in COGNITO_TRIGGER.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_complete_environment_is_read(environment):
    environment.setenv("ROLES_BY_CLIENT", '{"client": "worker"}')
    environment.setenv("CLAIMS_BY_ATTRIBUTE", '{"custom:tenant": "x-hasura-tenant-id"}')
    environment.setenv("CLAIMS_FORMAT", "json")
    policy = Policy("user", {"moderators": "moderator"}, {"client": "worker"}, {"custom:tenant": "x-hasura-tenant-id"})
    assert load() == Settings(policy, ClaimsFormat.JSON)


@pytest.mark.parametrize("name", MAPPINGS)
@pytest.mark.parametrize("value", [None, "", "{}"])
def test_missing_mapping_is_empty(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    policy = load().policy
    assert {"ROLES_BY_GROUP": policy.roles_by_group, "ROLES_BY_CLIENT": policy.roles_by_client}.get(
        name, policy.claims_by_attribute
    ) == {}


@pytest.mark.parametrize("name", ["DEFAULT_ROLE", "CLAIMS_FORMAT"])
@pytest.mark.parametrize("value", [None, ""])
def test_missing_setting_is_named(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(SettingError, match=f"{name} is not set"):
        load()


@pytest.mark.parametrize(
    "value", ["moderator=x", "[]", "null", "7", '"a"', '{"a": 1}', '{"a": ""}', '{"a": null}', "{"]
)
@pytest.mark.parametrize("name", MAPPINGS)
def test_value_that_is_not_a_mapping_of_strings_is_named(environment, name, value):
    environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize("name", MAPPINGS)
def test_deeply_nested_mapping_is_named(environment, name):
    environment.setenv(name, '{"a":' * 20_000)
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize("name", MAPPINGS)
def test_duplicate_name_is_refused(environment, name):
    """JSON parsers keep the last value, which may grant an unintended role."""
    environment.setenv(name, '{"staff": "x-hasura-a", "staff": "x-hasura-b"}')
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize("role", ["admin", "", " user", "user ", "us er", "user\n", "1user", "-user", "ю", "u" * 64])
def test_invalid_default_role_is_named(environment, role):
    environment.setenv("DEFAULT_ROLE", role)
    with pytest.raises(SettingError, match="DEFAULT_ROLE"):
        load()


@pytest.mark.parametrize("name", ["ROLES_BY_GROUP", "ROLES_BY_CLIENT"])
@pytest.mark.parametrize("role", [" admin", "ad min", "admin\n", "x,y", "*"])
def test_invalid_role_is_named_with_its_key(environment, name, role):
    environment.setenv(name, json.dumps({"staff": role}))
    with pytest.raises(SettingError, match=f"{name} must give 'staff'"):
        load()


def test_group_may_be_mapped_to_admin(environment):
    environment.setenv("ROLES_BY_GROUP", '{"operators": "admin"}')
    assert load().policy.roles_by_group == {"operators": "admin"}


@pytest.mark.parametrize(
    "claim",
    [*sorted(RESERVED_CLAIMS), "x-hasura-", "x-hasura", "tenant", "X-Hasura-Tenant", "x-hasura-a b", "x-hasura-a-"],
)
def test_attribute_cannot_set_a_reserved_or_invalid_claim(environment, claim):
    environment.setenv("CLAIMS_BY_ATTRIBUTE", json.dumps({"custom:tenant": claim}))
    with pytest.raises(SettingError, match="CLAIMS_BY_ATTRIBUTE must give 'custom:tenant' its own claim"):
        load()


def test_two_attributes_cannot_share_a_claim(environment):
    environment.setenv("CLAIMS_BY_ATTRIBUTE", '{"custom:a": "x-hasura-tenant", "custom:b": "x-hasura-tenant"}')
    with pytest.raises(SettingError, match="CLAIMS_BY_ATTRIBUTE must not give one claim to two attributes"):
        load()


@pytest.mark.parametrize("value", ["JSON", "stringified", " json", "object"])
def test_unknown_claims_format_is_named_with_the_known_ones(environment, value):
    environment.setenv("CLAIMS_FORMAT", value)
    with pytest.raises(SettingError, match="CLAIMS_FORMAT must be one of: stringified_json, json"):
        load()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(MAPPINGS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
)
def test_any_text_is_a_mapping_or_named_in_the_error(environment, name, value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        message = name
        try:
            load()
        except SettingError as refused:
            message = str(refused)
        assert name in message
