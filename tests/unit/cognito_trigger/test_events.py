"""Every case of events/cognito_trigger, run through the handler as Lambda imports it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import CognitoPreTokenGenerationTriggerModelV1

from cognito_trigger.claims import NAMESPACE
from phenom import event_cases
from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext

SOURCES = {"Authentication", "HostedAuth", "NewPasswordChallenge", "RefreshTokens", "AuthenticateDevice"}
TRIGGERS = [case for case in event_cases.names("cognito_trigger") if case != "keep_warm"]
each_trigger = pytest.mark.parametrize("case", TRIGGERS)


def tokens(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the claims that are added to each token."""
    response = result["response"]
    details = response.get("claimsAndScopeOverrideDetails") or {}
    for part in (
        response.get("claimsOverrideDetails"),
        *(details.get(f"{t}TokenGeneration") for t in ("id", "access")),
    ):
        yield from [part["claimsToAddOrOverride"]] if part else []


@pytest.mark.parametrize("case", event_cases.names("cognito_trigger"))
def test_case_meets_its_expectation_and_logs_no_personal_data(case, start, capsys):
    event, expected = event_cases.load("cognito_trigger", case)
    before = copy.deepcopy(event)
    outcome = expectation.outcome(start().handler, event, FakeContext())
    assert expectation.failures(expected, outcome) == []
    assert event == before
    printed = capsys.readouterr()
    for personal in ("ada@example.org", "Ada Lovelace", "104729318472958371029", "nightly"):
        assert personal not in printed.out + printed.err


@each_trigger
def test_claims_are_strings_in_every_version(case, start):
    event, expected = event_cases.load("cognito_trigger", case)
    if "error" in expected:
        return
    for claims in tokens(start().handler(event, FakeContext())):
        assert all(isinstance(value, str) for value in claims.values())
        assert set(json.loads(claims[NAMESPACE])["x-hasura-allowed-roles"]) <= {"user", "moderator"}


@each_trigger
@pytest.mark.parametrize("version", ["2", "3"])
def test_claims_are_objects_with_claims_format_json(case, version, start):
    event, expected = event_cases.load("cognito_trigger", case)
    if event.get("version") != version or "error" in expected:
        return
    for claims in tokens(start(CLAIMS_FORMAT="json").handler(event, FakeContext())):
        assert isinstance(claims[NAMESPACE], dict)


def test_cases_cover_every_version_and_trigger_source():
    events = [event_cases.load("cognito_trigger", case)[0] for case in TRIGGERS]
    covered = {(event.get("version"), event["triggerSource"].removeprefix("TokenGeneration_")) for event in events}
    assert covered >= {(version, source) for version in "123" for source in SOURCES} | {("3", "ClientCredentials")}


@each_trigger
def test_case_has_the_shape_that_cognito_sends(case):
    """Except refused events, and those for which the model is stricter than Cognito."""
    event, expected = event_cases.load("cognito_trigger", case)
    if "error" in expected or "ClientCredentials" in event["triggerSource"] or "group" in case:
        return
    model = CognitoPreTokenGenerationTriggerModelV1.model_validate(event)
    assert ("scopes" in event["request"]) == (event["version"] != "1")
    assert model.userPoolId.partition("_")[0] == model.region
