"""The firewall of template.yaml: what it lets through is what the API takes."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from presign.models import MAX_BODY_CHARACTERS, MAX_COMPLETION_CHARACTERS
from tests.template import properties, read

ROOT = Path(__file__).parents[2]
RULES = {rule["Name"]: rule["Statement"] for rule in properties("ApiWebAcl")["Rules"]}
WITH_PASSWORD = {"/upload/generate-url", "/upload/multipart"}
WITH_LONG_BODY = {"/upload/{uploadId}/complete"}
BYTES_OF_A_CHARACTER = 4


def routes() -> set[str]:
    """Those that take a body."""
    events = properties("PresignFunction")["Events"].values()
    return {each["Properties"]["Path"] for each in events if each["Properties"]["Method"] == "POST"}


def regexes(statement: Any) -> list[str]:
    """All RegexStrings in a statement."""
    if isinstance(statement, dict):
        own = [statement["RegexString"]] if "RegexString" in statement else []
        return own + [each for value in statement.values() for each in regexes(value)]
    return [each for value in statement for each in regexes(value)] if isinstance(statement, list) else []


def as_seen(route: str) -> str:
    """WAF sees the stage in the path."""
    return "/v1" + route.replace("{uploadId}", "5f1c0e7a9b3d4c2e8f6a1b0c9d8e7f6a")


@pytest.mark.parametrize("route", sorted(routes()))
def test_the_rate_is_that_of_the_routes_that_take_a_password_and_of_no_other(route: str):
    (regex,) = regexes(RULES["PasswordAttempts"])
    assert bool(re.search(regex, as_seen(route))) is (route in WITH_PASSWORD)
    assert bool(re.search(regex, route)) is (route in WITH_PASSWORD), "under a domain of its own there is no stage"


@pytest.mark.parametrize("route", sorted(routes()))
def test_a_body_that_the_function_would_take_is_never_too_long(route: str):
    (regex,) = regexes(RULES["BodyTooLong"])
    assert bool(re.search(regex, as_seen(route))) is (route in WITH_LONG_BODY)
    _, size = RULES["BodyTooLong"]["AndStatement"]["Statements"]
    constraint = size["SizeConstraintStatement"]
    assert constraint["Size"] == MAX_BODY_CHARACTERS * BYTES_OF_A_CHARACTER
    assert constraint["FieldToMatch"]["Body"] == {"OversizeHandling": "MATCH"}
    inspected = properties("ApiWebAcl")["AssociationConfig"]["RequestBody"]["API_GATEWAY"]
    assert inspected == {"DefaultSizeInspectionLimit": f"KB_{constraint['Size'] // 1024}"}
    assert constraint["Size"] < MAX_COMPLETION_CHARACTERS, "else completions need no exception"


def test_what_the_common_rules_think_of_a_body_refuses_nobody():
    """A password or a file's name may look like anything; a script may send no User-Agent."""
    overrides = RULES["CommonRules"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert all(each["ActionToUse"] == {"Count": {}} for each in overrides)
    assert {each["Name"] for each in overrides} == {
        *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
        *("EC2MetaDataSSRF_BODY", "NoUserAgent_HEADER"),
    }


@pytest.mark.parametrize("acl", ["ApiWebAcl", "ClientWebAcl"])
def test_whoever_breaks_no_rule_gets_in_and_rules_have_an_order(acl: str):
    described = properties(acl)
    assert described["DefaultAction"] == {"Allow": {}}
    assert [rule["Priority"] for rule in described["Rules"]] == list(range(len(described["Rules"])))
    for rule in described["Rules"]:
        assert ("OverrideAction" in rule) is ("ManagedRuleGroupStatement" in rule["Statement"]), rule["Name"]


def test_the_firewall_is_off_unless_an_environment_asks_for_it():
    assert read()["Parameters"]["Waf"]["Default"] == "off"
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for environment in ("local", "development", "production"):
        overrides = samconfig[environment]["deploy"]["parameters"]["parameter_overrides"]
        assert not [each for each in overrides if each.startswith("Waf=")]


def test_what_is_refused_reads_like_every_other_refusal():
    answers = properties("UploadApi")["GatewayResponses"]
    assert answers["WAF_FILTERED"]["StatusCode"] == 403
    assert '"code":"forbidden"' in answers["WAF_FILTERED"]["ResponseTemplates"]["application/json"]
