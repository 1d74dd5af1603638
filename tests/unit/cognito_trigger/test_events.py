"""Every event under events/cognito_trigger through the function, wired as Lambda wires it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import CognitoPreTokenGenerationTriggerModelV1

from cognito_trigger.claims import NAMESPACE
from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext

SOURCES = {"Authentication", "HostedAuth", "NewPasswordChallenge", "RefreshTokens", "AuthenticateDevice"}
each_case = pytest.mark.parametrize("case", expectation.cases("cognito_trigger"))


def tokens(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The claims that each token gets."""
    response = result["response"]
    details = response.get("claimsAndScopeOverrideDetails") or {}
    for part in (
        response.get("claimsOverrideDetails"),
        *(details.get(f"{t}TokenGeneration") for t in ("id", "access")),
    ):
        yield from [part["claimsToAddOrOverride"]] if part else []


@each_case
def test_each_event_comes_to_what_is_expected_of_it_and_tells_nothing_of_the_user(case, start, capsys):
    event, expected = expectation.load("cognito_trigger", case)
    before = copy.deepcopy(event)
    outcome = expectation.outcome(start().handler, event, FakeContext())
    assert expectation.failures(expected, outcome) == []
    assert event == before
    printed = capsys.readouterr()
    for told in ("ada@example.org", "Ada Lovelace", "104729318472958371029", "nightly"):
        assert told not in printed.out + printed.err


@each_case
def test_claims_are_text_which_every_version_of_the_event_takes(case, start):
    event, expected = expectation.load("cognito_trigger", case)
    if "error" in expected:
        return
    for claims in tokens(start().handler(event, FakeContext())):
        assert all(isinstance(value, str) for value in claims.values())
        assert set(json.loads(claims[NAMESPACE])["x-hasura-allowed-roles"]) <= {"user", "moderator"}


@each_case
@pytest.mark.parametrize("version", ["2", "3"])
def test_claims_are_objects_where_the_setting_says_so(case, version, start):
    event, expected = expectation.load("cognito_trigger", case)
    if event.get("version") != version or "error" in expected:
        return
    for claims in tokens(start(CLAIMS_FORMAT="json").handler(event, FakeContext())):
        assert isinstance(claims[NAMESPACE], dict)


def test_every_version_comes_from_every_source():
    events = [expectation.load("cognito_trigger", case)[0] for case in expectation.cases("cognito_trigger")]
    came = {(event.get("version"), event["triggerSource"].removeprefix("TokenGeneration_")) for event in events}
    assert came >= {(version, source) for version in "123" for source in SOURCES} | {("3", "ClientCredentials")}


@each_case
def test_each_event_is_what_cognito_sends(case):
    """But for those that are refused, and what the model demands more strictly than Cognito."""
    event, expected = expectation.load("cognito_trigger", case)
    if "error" in expected or "ClientCredentials" in event["triggerSource"] or "group" in case:
        return
    read = CognitoPreTokenGenerationTriggerModelV1.model_validate(event)
    assert ("scopes" in event["request"]) == (event["version"] != "1")
    assert read.userPoolId.partition("_")[0] == read.region
