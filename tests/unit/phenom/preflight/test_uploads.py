"""Who may upload: origins, passwords, the API key's ceiling."""

import json
from typing import Any

import pytest

from phenom.preflight.uploads import check_ceiling, check_origins, check_passwords
from tests.unit.phenom.preflight.world import World, refusal, settings, state_of

PAGE = "https://d111111abcdef8.cloudfront.net"


@pytest.mark.parametrize(
    ("origins", "state", "found"),
    [
        ("https://upload.acme.org", "ok", "https://upload.acme.org"),
        ("https://upload.acme.org, https://app.acme.org:8443", "ok", "https://app.acme.org:8443"),
        ("*", "missing", "every web page"),
        ("https://upload.acme.org,*", "missing", "every web page"),
        ("http://upload.acme.org", "missing", "http://upload.acme.org"),
        ("https://upload.acme.org/", "missing", "https://upload.acme.org/"),
        ("https://*.acme.org", "missing", "https://*.acme.org"),
        ("https://Upload.acme.org", "missing", "https://Upload.acme.org"),
        ("", "missing", "not an https origin"),
        ("https://upload-dev.example.org", "warning", "is an example"),
        ("https://upload.acme.org,https://app.example", "warning", "https://app.example is an example"),
        ("https://app.acme.example", "warning", "is an example"),
        ("https://example.com", "warning", "is an example"),
        ("https://upload.invalid", "warning", "is an example"),
    ],
)
def test_origins_are_exact_and_no_examples(world: World, origins: str, state: str, found: str):
    check = check_origins(world.cloud(settings(parameters={"AllowedOrigins": origins})))
    assert state_of(check) == state
    assert found in check.found


def test_deployed_page_must_be_among_the_origins(world: World):
    world.deploy_stack(VideoClientWebsiteUrl=PAGE)
    check = check_origins(world.cloud())
    assert state_of(check) == "missing"
    assert check.remedy == f"Add {PAGE} to AllowedOrigins in samconfig.toml and deploy again."
    listed = settings(parameters={"AllowedOrigins": f"https://app.acme.org,{PAGE}"})
    assert state_of(check_origins(world.cloud(listed))) == "ok"


def test_page_of_the_domain_name_needs_no_entry(world: World):
    world.deploy_stack(VideoClientWebsiteUrl="https://upload.acme.org")
    chosen = settings(parameters={"AllowedOrigins": "https://app.acme.org", "ClientDomainName": "upload.acme.org"})
    assert state_of(check_origins(world.cloud(chosen))) == "ok"


def test_example_before_the_first_deployment_is_replaced_after_it(world: World):
    chosen = settings(parameters={"AllowedOrigins": "https://upload-dev.example.org"})
    check = check_origins(world.cloud(chosen))
    assert state_of(check) == "warning"
    assert "output VideoClientWebsiteUrl" in check.remedy


def store(world: World, *entries: Any) -> None:
    world.answers["GetSecretValue"] = {"SecretString": json.dumps({"passwords": entries})}


def test_secret_that_does_not_exist_yet_is_ok(world: World):
    world.answers["GetSecretValue"] = refusal("ResourceNotFoundException")
    assert state_of(check_passwords(world.cloud())) == "ok"


def test_secret_without_a_value_is_a_warning(world: World):
    world.answers["GetSecretValue"] = refusal("ResourceNotFoundException")
    world.deploy_stack()
    assert "uploads are refused" in check_passwords(world.cloud()).found


@pytest.mark.parametrize(
    ("entries", "state", "found"),
    [
        (["correct horse battery"], "ok", "1 work"),
        ([], "warning", "no password works"),
        ([{"password": "correct horse battery", "expires": "2026-01-01"}], "warning", "no password works"),
        (
            ["correct horse battery", {"password": "another password", "label": "old", "expires": "2026-01-01"}],
            "ok",
            "1 work; expired: old",
        ),
        (["correct horse battery", "s3cret"], "warning", "shorter than 12 characters: passwords[1]"),
        ([{"password": "s3cret", "label": "partner"}], "warning", "shorter than 12 characters: partner"),
        (["correct horse battery", {"password": "s3cret", "lable": "x"}], "missing", "passwords[1] may have only"),
        ([7], "missing", "passwords[0]: must be"),
    ],
)
def test_entries_are_named_by_label_or_index(world: World, entries: list[Any], state: str, found: str):
    store(world, *entries)
    check = check_passwords(world.cloud())
    assert state_of(check) == state
    assert found in check.found
    assert "s3cret" not in check.found + check.remedy


def test_refused_short_passwords_are_said_to_be_wrong(world: World):
    store(world, "s3cret")
    check = check_passwords(world.cloud(settings(parameters={"ShortPasswords": "refuse"})))
    assert check.found.endswith("passwords[0]; ShortPasswords=refuse treats them as wrong")


@pytest.mark.parametrize(
    ("parameters", "state"),
    [
        ({}, "ok"),
        ({"ApiDailyCeiling": "10000"}, "warning"),
        ({"Waf": "api"}, "ok"),
        ({"Waf": "api", "WafRateLimit": "1000"}, "warning"),
        ({"Waf": "off", "WafRateLimit": "1000"}, "ok"),
    ],
)
def test_ceiling_leaves_room_and_the_firewall_stays_below_it(world: World, parameters: dict[str, str], state: str):
    assert state_of(check_ceiling(world.cloud(settings(parameters=parameters)))) == state
