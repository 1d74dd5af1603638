"""The web application firewall in template.yaml passes every request that the API accepts."""

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


def routes_with_body() -> set[str]:
    events = properties("PresignFunction")["Events"].values()
    return {each["Properties"]["Path"] for each in events if each["Properties"]["Method"] == "POST"}


def regexes(statement: Any) -> list[str]:
    """Returns all RegexStrings in a statement."""
    if isinstance(statement, dict):
        own = [statement["RegexString"]] if "RegexString" in statement else []
        return own + [each for value in statement.values() for each in regexes(value)]
    return [each for value in statement for each in regexes(value)] if isinstance(statement, list) else []


def path_in_waf(route: str) -> str:
    """Returns the path as WAF inspects it, with the stage."""
    return "/v1" + route.replace("{uploadId}", "5f1c0e7a9b3d4c2e8f6a1b0c9d8e7f6a")


@pytest.mark.parametrize("route", sorted(routes_with_body()))
def test_rate_limit_counts_only_routes_with_a_password(route: str):
    (regex,) = regexes(RULES["PasswordAttempts"])
    assert bool(re.search(regex, path_in_waf(route))) is (route in WITH_PASSWORD)
    assert bool(re.search(regex, route)) is (route in WITH_PASSWORD), "a custom domain has no stage in the path"


def test_rate_limit_stops_one_address_before_it_reaches_the_ceiling():
    """It blocks what exceeds the limit in 5 minutes; the ceiling counts what it lets pass."""
    defaults = {name: each.get("Default") for name, each in read()["Parameters"].items()}
    window = RULES["PasswordAttempts"]["RateBasedStatement"]["EvaluationWindowSec"]
    assert defaults["WafRateLimit"] * 86_400 / window < defaults["ApiDailyCeiling"]


@pytest.mark.parametrize("route", sorted(routes_with_body()))
def test_body_size_limit_matches_the_limit_of_the_function(route: str):
    (regex,) = regexes(RULES["BodyTooLong"])
    assert bool(re.search(regex, path_in_waf(route))) is (route in WITH_LONG_BODY)
    _, size = RULES["BodyTooLong"]["AndStatement"]["Statements"]
    constraint = size["SizeConstraintStatement"]
    assert constraint["Size"] == MAX_BODY_CHARACTERS * BYTES_OF_A_CHARACTER
    assert constraint["FieldToMatch"]["Body"] == {"OversizeHandling": "MATCH"}
    inspected = properties("ApiWebAcl")["AssociationConfig"]["RequestBody"]["API_GATEWAY"]
    assert inspected == {"DefaultSizeInspectionLimit": f"KB_{constraint['Size'] // 1024}"}
    assert constraint["Size"] < MAX_COMPLETION_CHARACTERS, "otherwise completions need no exception"


def test_common_rules_about_bodies_only_count():
    """A password or file name may contain anything; a script may send no User-Agent."""
    overrides = RULES["CommonRules"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert all(each["ActionToUse"] == {"Count": {}} for each in overrides)
    assert {each["Name"] for each in overrides} == {
        *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
        *("EC2MetaDataSSRF_BODY", "NoUserAgent_HEADER"),
    }


@pytest.mark.parametrize("acl", ["ApiWebAcl", "ClientWebAcl"])
def test_default_action_allows_and_rule_priorities_are_unique(acl: str):
    described = properties(acl)
    assert described["DefaultAction"] == {"Allow": {}}
    assert [rule["Priority"] for rule in described["Rules"]] == list(range(len(described["Rules"])))
    for rule in described["Rules"]:
        assert ("OverrideAction" in rule) is ("ManagedRuleGroupStatement" in rule["Statement"]), rule["Name"]


def test_firewall_is_off_by_default():
    assert read()["Parameters"]["Waf"]["Default"] == "off"
    samconfig = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for environment in ("local", "development", "production"):
        overrides = samconfig[environment]["deploy"]["parameters"]["parameter_overrides"]
        assert not [each for each in overrides if each.startswith("Waf=")]


def test_blocked_request_gets_the_standard_forbidden_problem():
    answers = properties("UploadApi")["GatewayResponses"]
    assert answers["WAF_FILTERED"]["StatusCode"] == 403
    assert '"code":"forbidden"' in answers["WAF_FILTERED"]["ResponseTemplates"]["application/json"]
