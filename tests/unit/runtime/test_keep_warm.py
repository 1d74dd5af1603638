"""The schedule's event: one text in template, code and events, which no caller can send."""

import copy
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventModel,
    CognitoPostAuthenticationTriggerModel,
    CognitoPreTokenGenerationTriggerModelV1,
    SqsModel,
)
from pydantic import ValidationError

from phenom import event_cases
from runtime.keep_warm import WARM_UP, is_warm_up
from tests.template import properties

# By function: the shapes of the events that API Gateway, Cognito and SQS send.
KEPT_WARM: dict[str, list[Any]] = {
    "presign": [APIGatewayProxyEventModel],
    "cognito_trigger": [CognitoPreTokenGenerationTriggerModelV1],
    "user_sync": [CognitoPostAuthenticationTriggerModel, SqsModel],
}
MARKER = dict(WARM_UP)
# Parts of events that hold what a caller chose.
CHOSEN = {"body", "headers", "queryStringParameters", "pathParameters", "userAttributes", "clientMetadata"}


def others(function: str) -> list[str]:
    return [name for name in event_cases.names(function) if name != "keep_warm"]


@pytest.mark.parametrize("function", KEPT_WARM)
def test_schedule_sends_the_event_that_the_function_knows(function: str):
    targets = {each["Id"].replace("-", "_"): each for each in properties("KeepWarmRule")["Targets"]}
    assert targets.keys() == KEPT_WARM.keys()
    assert json.loads(targets[function]["Input"]) == WARM_UP == event_cases.load(function, "keep_warm")[0]


@pytest.mark.parametrize("function", KEPT_WARM)
def test_no_caller_of_a_service_can_send_it(function: str):
    """It lacks the fields with which each service wraps what its callers send."""
    for model in KEPT_WARM[function]:
        with pytest.raises(ValidationError):
            model.model_validate(MARKER)


@pytest.mark.parametrize(
    ("function", "case"), [(function, case) for function in KEPT_WARM for case in others(function)]
)
def test_marker_inside_an_event_is_not_recognised(function: str, case: str):
    event, _ = event_cases.load(function, case)
    assert not is_warm_up(event)
    assert not is_warm_up(_with_marker(copy.deepcopy(event)))


def _with_marker(value: Any) -> Any:
    """Puts the marker wherever the caller chooses the content."""
    if isinstance(value, dict):
        return {
            key: (json.dumps(MARKER) if isinstance(each, str) else MARKER) if key in CHOSEN else _with_marker(each)
            for key, each in value.items()
        }
    return [_with_marker(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("event", [None, [], "", json.dumps(MARKER), [MARKER], {}, MARKER | {"httpMethod": "GET"}])
def test_only_the_exact_event_is_recognised(event: Any):
    assert not is_warm_up(event)
