"""Handler of the pre-token trigger: refusals, log lines, and the messages that users see."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognito_trigger.claims import ALLOWED_ROLES, NAMESPACE
from cognito_trigger.event import PreTokenEvent, UnsupportedEventError
from phenom import event_cases
from phenom.event_cases import expectation
from runtime.keep_warm import WARM_UP
from testkit.lambda_context import FakeContext
from testkit.wiring import COGNITO_TRIGGER
from tests.cold_start import imported_modules

CLIENT = "7lhvdg3rkq2n4s6t8u0vexampl"


def load(case):
    return event_cases.load("cognito_trigger", case)[0]


def logged(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_success_logs_one_line_with_user_id_and_roles(start, capsys):
    start().handler(load("v2_mapped_group"), FakeContext())
    (line,) = logged(capsys)
    assert (line["level"], line["message"], line["service"]) == ("INFO", "claims added", "phenom-dev-cognito-trigger")
    assert line["user_id"] == load("v2_mapped_group")["request"]["userAttributes"]["sub"]
    assert line["roles"] == ["user", "moderator"]
    assert line["source"] == "TokenGeneration_Authentication"


def test_client_gets_its_role_only_in_the_access_token(start):
    handler = start(ROLES_BY_CLIENT=json.dumps({CLIENT: "worker"})).handler
    details = handler(load("v3_client_credentials_without_role"), FakeContext())["response"][
        "claimsAndScopeOverrideDetails"
    ]
    assert details.keys() == {"accessTokenGeneration"}
    claims = details["accessTokenGeneration"]["claimsToAddOrOverride"]
    assert claims["aud"] == CLIENT
    assert json.loads(claims[NAMESPACE]) == {
        "x-hasura-user-id": CLIENT,
        "x-hasura-default-role": "worker",
        "x-hasura-allowed-roles": ["worker"],
    }


def test_client_without_a_role_is_logged_as_a_warning(start, capsys):
    start().handler(load("v3_client_credentials_without_role"), FakeContext())
    (line,) = logged(capsys)
    assert (line["level"], line["client_id"]) == ("WARNING", CLIENT)
    assert "ROLES_BY_CLIENT" in line["message"]


def test_event_content_is_never_logged(start, capsys):
    start(POWERTOOLS_LOGGER_LOG_EVENT="true").handler(load("v1_authentication"), FakeContext())
    printed = capsys.readouterr()
    assert "ada@example.org" not in printed.out + printed.err


def test_listed_attribute_becomes_a_claim_in_both_tokens(start):
    handler = start(CLAIMS_BY_ATTRIBUTE='{"locale": "x-hasura-locale"}', CLAIMS_FORMAT="json").handler
    details = handler(load("v2_authentication"), FakeContext())["response"]["claimsAndScopeOverrideDetails"]
    for token in ("idTokenGeneration", "accessTokenGeneration"):
        assert details[token]["claimsToAddOrOverride"][NAMESPACE]["x-hasura-locale"] == "en-GB"


def test_version_1_with_format_json_is_refused_and_logged(start, capsys):
    outcome = expectation.outcome(start(CLAIMS_FORMAT="json").handler, load("v1_authentication"), FakeContext())
    assert outcome == {"error": {"errorType": "TokenRefusedError", "errorMessage": "sign-in is misconfigured"}}
    (line,) = logged(capsys)
    assert line["level"] == "ERROR"
    assert "CLAIMS_FORMAT" in line["exception"]


def test_unsupported_event_is_logged_with_its_version(start, capsys):
    with pytest.raises(UnsupportedEventError):
        start().handler(load("unknown_version"), FakeContext())
    (line,) = logged(capsys)
    assert (line["level"], line["message"], line["version"]) == ("ERROR", "no claims for this event", "4")


def test_unexpected_error_refuses_the_sign_in_without_details(start, monkeypatch, capsys):
    module = start()

    def fail(*_):
        raise LookupError("something inside")

    monkeypatch.setattr(module, "_add_claims", fail)
    outcome = expectation.outcome(module.handler, load("v1_authentication"), FakeContext())
    assert outcome == {"error": {"errorType": "TokenRefusedError", "errorMessage": "sign-in failed unexpectedly"}}
    (line,) = logged(capsys)
    assert "LookupError: something inside" in line["exception"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_ROLE", ""),
        ("DEFAULT_ROLE", "admin"),
        ("ROLES_BY_GROUP", "moderators=moderator"),
        ("ROLES_BY_CLIENT", '{"a": "b c"}'),
        ("CLAIMS_BY_ATTRIBUTE", '{"custom:role": "x-hasura-role"}'),
        ("CLAIMS_FORMAT", "xml"),
    ],
)
def test_invalid_setting_stops_the_start_and_is_named_only_in_the_log(name, value, start, capsys):
    """Cognito shows the error message to the user."""
    own_logger = f"cognito-trigger-without-{name}-{len(value)}"
    with pytest.raises(Exception, match=r"^sign-in is misconfigured$"):
        start(**{name: value, "POWERTOOLS_SERVICE_NAME": own_logger})
    (line,) = logged(capsys)
    assert (line["level"], line["message"]) == ("ERROR", "the function is misconfigured")
    assert f"environment variable {name}" in line["exception"]


def test_cold_start_imports_no_client_network_or_models():
    """A user waits for every import. Powertools imports the bare botocore package where it is installed."""
    loaded = imported_modules("cognito_trigger.handler", COGNITO_TRIGGER)
    heavy = {"boto3", "urllib3", "http", "http.client", "ssl", "socket", "asyncio", "pydantic", "aws_xray_sdk", "email"}
    assert loaded & heavy == set()
    assert [name for name in loaded if name.startswith("botocore.")] == []


@pytest.mark.parametrize("event", [None, [], "event", 7, {}, {"version": 1}, {"version": ["1"]}, {"version": "1"}])
def test_malformed_event_is_refused(event):
    with pytest.raises(UnsupportedEventError):
        PreTokenEvent(event)


@pytest.mark.parametrize("member", ["request", "response", "callerContext"])
@pytest.mark.parametrize("value", [[], "text", 7, True])
def test_member_that_is_not_an_object_is_named(start, member, value):
    with pytest.raises(UnsupportedEventError, match=rf"^{member} of the event is not an object$"):
        start().handler({**load("v2_authentication"), member: value}, FakeContext())


@pytest.mark.parametrize(
    "source", [None, 7, "", "TokenGeneration_", "tokengeneration_Authentication", "TokenGeneration_A\n"]
)
def test_event_of_another_trigger_is_refused(source):
    with pytest.raises(UnsupportedEventError, match=r"^the event is not of pre-token generation$"):
        PreTokenEvent({**load("v1_authentication"), "triggerSource": source})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("admin"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
places = st.sampled_from(
    [
        ("version",),
        ("triggerSource",),
        ("callerContext",),
        ("callerContext", "clientId"),
        ("request",),
        ("request", "userAttributes"),
        ("request", "userAttributes", "sub"),
        ("request", "groupConfiguration"),
        ("request", "groupConfiguration", "groupsToOverride"),
        ("request", "clientMetadata"),
        ("response",),
        ("response", "claimsOverrideDetails"),
        ("response", "claimsAndScopeOverrideDetails"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["v1_mapped_group", "v2_mapped_group", "v3_mapped_group"]), places, json_values)
def test_any_event_is_refused_or_grants_only_mapped_roles(start, case, place, value):
    event = load(case)
    parent = event
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = value
    outcome = expectation.outcome(_handler(start), event, FakeContext())
    if "error" in outcome:
        assert outcome["error"]["errorType"] == "UnsupportedEventError"
        return
    for claims in _claims_in(outcome["result"]["response"]):
        assert set(json.loads(claims)[ALLOWED_ROLES]) <= {"user", "moderator"}


def _handler(start, cache=[]):  # noqa: B006 - one import serves all examples
    if not cache:
        cache.append(start().handler)
    return cache[0]


def _claims_in(response):
    for name, value in response.items():
        if name == NAMESPACE:
            yield value
        elif isinstance(value, dict):
            yield from _claims_in(value)


def test_warm_up_is_answered_without_log_or_claims(start, capsys):
    assert start().handler(dict(WARM_UP), FakeContext()) == {}
    assert capsys.readouterr().out == ""
