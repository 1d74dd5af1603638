"""Cognito's post-authentication event."""

import pytest

from phenom import event_cases
from tests.unit.user_sync.fakes import ADA, NOON, SUB
from user_sync.cognito_event import parse_trigger_event
from user_sync.users import MalformedUserError, User


def event(**changes):
    return {**event_cases.load("user_sync", "post_authentication")[0], **changes}


def test_user_has_the_attributes_of_the_event_and_the_given_time():
    assert parse_trigger_event(event(), NOON) == User(SUB, ADA, NOON, signed_in=True)


@pytest.mark.parametrize("source", [None, 7, "", "PreAuthentication_Authentication", "PostConfirmation_ConfirmSignUp"])
def test_event_of_another_trigger_is_refused(source):
    with pytest.raises(MalformedUserError, match="triggerSource"):
        parse_trigger_event(event(triggerSource=source), NOON)


@pytest.mark.parametrize(
    "request_", [None, [], "text", {}, {"userAttributes": None}, {"userAttributes": [["sub", SUB]]}]
)
def test_event_without_attributes_names_the_missing_field(request_):
    with pytest.raises(MalformedUserError, match=r"request\.userAttributes"):
        parse_trigger_event(event(request=request_), NOON)
