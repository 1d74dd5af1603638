"""The daily quota of a password, and the abuse ceiling in front of it, on the deployed API."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import pytest

from tests.e2e.api import Application, Response
from tests.e2e.conftest import ChangeSettings

FILE = {"fileName": "a.png", "contentType": "image/png", "fileSize": 1}
ATTACKER, OTHER = "2001:db8:2:1::1", "2001:db8:2:2::1"
SPECIFIED_QUOTA = 10_000
type Call = Callable[..., Response]


@pytest.fixture
def plan(application: Application) -> dict[str, Any]:
    """The deployed usage plan."""
    found: dict[str, Any] = application.client("apigateway").get_usage_plans()["items"][0]
    return found


@pytest.fixture
def call(application: Application, plan: dict[str, Any]) -> Iterator[Call]:
    """Returns a function that starts an upload from an address, with another key that has made no calls yet."""
    gateway = application.client("apigateway")
    key = gateway.create_api_key(name="test-quota", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")

    def start(address: str, body: Any) -> Response:
        """`address` is sent as X-Forwarded-For, which the emulator takes for the source address."""
        headers = {"x-api-key": key["value"], "X-Forwarded-For": address, "Origin": "https://page.example"}
        return application.call("POST", "/upload/generate-url", body, headers)

    yield start
    gateway.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
    gateway.delete_api_key(apiKey=key["id"])


@contextmanager
def ceiling(application: Application, plan: dict[str, Any], calls: int) -> Iterator[None]:
    gateway = application.client("apigateway")

    def set_limit(value: int) -> None:
        change = [{"op": "replace", "path": "/quota/limit", "value": str(value)}]
        gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=change)

    set_limit(calls)
    try:
        yield
    finally:
        set_limit(int(plan["quota"]["limit"]))


def start_elsewhere(application: Application, call: Call) -> Response:
    return call(OTHER, {"password": application.stack["password"], **FILE})


@pytest.fixture
def partner(application: Application) -> Iterator[str]:
    """Adds a password whose label has no uploads yet, and returns it; the next cold start knows it."""
    secrets_manager, secret_id = application.client("secretsmanager"), "phenom-local-video-upload-passwords"
    before = secrets_manager.get_secret_value(SecretId=secret_id)["SecretString"]
    label = f"partner-{token_hex(4)}"
    password = f"password-of-{label}"
    entries = [application.stack["password"], {"password": password, "label": label, "expires": "2099-12-31"}]
    secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps({"passwords": entries}))
    yield password
    secrets_manager.put_secret_value(SecretId=secret_id, SecretString=before)


def test_garbage_of_one_address_does_not_end_the_uploads_of_others(
    application: Application, plan: dict[str, Any], call: Call, changed_settings: ChangeSettings, partner: str
):
    """All limits are a thousandth of the real ones. The attacker makes six times as many calls as a day has uploads."""
    scale = 1000
    with (
        changed_settings("presign", DAILY_QUOTA=str(SPECIFIED_QUOTA // scale)),
        ceiling(application, plan, int(plan["quota"]["limit"]) // scale),
    ):
        refused = [call(ATTACKER, {"password": f"guess-{number}", **FILE}) for number in range(25)]
        refused += [call(ATTACKER, b"x") for _ in range(35)]
        assert {each.status for each in refused} <= {400, 401, 429}
        answers = [call(OTHER, {"password": partner, **FILE}) for _ in range(5)]
    assert [each.status for each in answers] == [200] * 5, answers


def test_ten_calls_of_garbage_a_second_hold_up_no_other_caller(application: Application, call: Call):
    done = threading.Event()

    def flood() -> None:
        while not done.wait(0.1):
            call(ATTACKER, b"x")

    for _ in range(30):  # uses up a small burst
        call(ATTACKER, b"x")
    attacker = threading.Thread(target=flood)
    attacker.start()
    try:
        statuses = []
        for _ in range(20):
            statuses.append(start_elsewhere(application, call).status)
            time.sleep(0.1)
    finally:
        done.set()
        attacker.join()
    assert statuses == [200] * 20


def test_used_up_ceiling_is_a_problem_with_cors(application: Application, plan: dict[str, Any], call: Call):
    with ceiling(application, plan, 1):
        assert start_elsewhere(application, call).status == 200
        response = start_elsewhere(application, call)
    assert (response.status, response.json["code"]) == (429, "quota_exceeded")
    assert response.headers["access-control-allow-origin"] == "*"
    assert int(response.headers["retry-after"]) > 0


def test_password_beyond_its_quota_is_refused_until_midnight_and_others_are_not(
    application: Application, call: Call, changed_settings: ChangeSettings, partner: str
):
    with changed_settings("presign", DAILY_QUOTA="3"):
        issued = [call(OTHER, {"password": partner, **FILE}) for _ in range(3)]
        assert [each.status for each in issued] == [200] * 3, issued
        refused = call(OTHER, {"password": partner, **FILE})
        assert (refused.status, refused.json["code"]) == (429, "quota_exceeded")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["access-control-allow-origin"] == "*"
        assert refused.headers["access-control-expose-headers"] == "Retry-After"
        assert 0 < int(refused.headers["retry-after"]) <= 86_400
        assert "midnight UTC" in refused.json["detail"]
        assert start_elsewhere(application, call).status == 200
        assert application.status(issued[0].json["uploadId"])["status"] == "issued"
    key = {"uploadId": {"S": issued[0].json["uploadId"]}}
    item = application.client("dynamodb").get_item(TableName=application.stack["uploadsTable"], Key=key)["Item"]
    assert item["passwordLabel"]["S"] in partner
