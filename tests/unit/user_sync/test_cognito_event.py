"""Cognito's post-authentication and post-confirmation events."""

import pytest

from phenom import event_cases
from tests.unit.user_sync.fakes import ADA, NOON, SUB
from user_sync.cognito_event import parse_trigger_event
from user_sync.users import MalformedUserError, User


def event(**changes):
    return {**event_cases.load("user_sync", "post_authentication")[0], **changes}


def test_user_has_the_attributes_of_the_event_and_the_given_time():
    assert parse_trigger_event(event(), NOON) == User(SUB, ADA, NOON, signed_in=True)


def confirmed(source: str, status: str) -> User:
    attributes = {**ADA, "cognito:user_status": status}
    return parse_trigger_event(event(triggerSource=source, request={"userAttributes": attributes}), NOON)


def test_first_sign_in_of_a_federated_user_is_a_sign_in():
    user, _ = event_cases.load("user_sync", "post_confirmation_federated")
    parsed = parse_trigger_event(user, NOON)
    assert (parsed.sub, parsed.signed_in, parsed.attributes["name"]) == (SUB, True, "Ada Lovelace")


def test_confirmed_sign_up_is_a_user_who_has_not_signed_in():
    assert confirmed("PostConfirmation_ConfirmSignUp", "CONFIRMED") == User(SUB, ADA, NOON, signed_in=False)


@pytest.mark.parametrize("status", ["CONFIRMED", "EXTERNAL_PROVIDER"])
def test_reset_password_is_a_user_who_has_not_signed_in(status):
    assert not confirmed("PostConfirmation_ConfirmForgotPassword", status).signed_in


@pytest.mark.parametrize(
    "source",
    [
        None,
        7,
        "",
        ["PostConfirmation_ConfirmSignUp"],
        "PreAuthentication_Authentication",
        "PostConfirmation_Other",
        "PostConfirmation_ConfirmSignUp\n",
        "postConfirmation_ConfirmSignUp",
    ],
)
def test_event_of_another_trigger_is_refused(source):
    with pytest.raises(MalformedUserError, match="triggerSource"):
        parse_trigger_event(event(triggerSource=source), NOON)


@pytest.mark.parametrize(
    "request_", [None, [], "text", {}, {"userAttributes": None}, {"userAttributes": [["sub", SUB]]}]
)
def test_event_without_attributes_names_the_missing_field(request_):
    with pytest.raises(MalformedUserError, match=r"request\.userAttributes"):
        parse_trigger_event(event(request=request_), NOON)
