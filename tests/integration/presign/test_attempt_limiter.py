"""The failed-attempt limiter, on DynamoDB in moto."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from presign.attempt_limiter import FailedAttemptLimiter
from presign.ports import LimiterUnavailableError
from tests.integration.presign.test_handler import load, send

ADDRESS, OTHER = "203.0.113.24", "2001:db8:1:2::/64"
LIMIT, WINDOW = 3, 900


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_431_600.4

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Clock:
    return Clock()


@pytest.fixture
def limiter(dynamodb, wrong_passwords, seconds) -> FailedAttemptLimiter:
    return FailedAttemptLimiter(dynamodb, wrong_passwords, limit=LIMIT, window_seconds=WINDOW, clock=seconds)


def item(dynamodb: Any, table: str) -> dict[str, int]:
    """Returns the numbers in the item of ADDRESS."""
    found = dynamodb.get_item(TableName=table, Key={"address": {"S": ADDRESS}}).get("Item", {})
    return {name: int(value["N"]) for name, value in found.items() if "N" in value}


def test_address_over_the_limit_waits_until_its_window_ends(limiter, seconds):
    for _ in range(LIMIT):
        assert limiter.retry_after(ADDRESS) == 0
        limiter.record_failure(ADDRESS)
    assert limiter.retry_after(ADDRESS) == WINDOW
    seconds.now += WINDOW - 1
    assert limiter.retry_after(ADDRESS) == 1
    seconds.now += 1
    assert limiter.retry_after(ADDRESS) == 0


def test_other_address_does_not_wait(limiter):
    for _ in range(LIMIT):
        limiter.record_failure(ADDRESS)
    assert limiter.retry_after(OTHER) == 0


def test_window_begins_with_the_first_failure_and_is_not_extended(limiter, seconds, dynamodb, wrong_passwords):
    limiter.record_failure(ADDRESS)
    end = item(dynamodb, wrong_passwords)["expiresAt"]
    seconds.now += WINDOW / 2
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords) == {"wrong": 2, "expiresAt": end}
    assert end == int(1_795_431_600.4) + WINDOW


def test_expired_item_does_not_count(limiter, seconds, dynamodb, wrong_passwords):
    """DynamoDB may take days to delete expired items."""
    for _ in range(LIMIT):
        limiter.record_failure(ADDRESS)
    seconds.now += WINDOW
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords) == {"wrong": 1, "expiresAt": int(seconds.now) + WINDOW}
    assert limiter.retry_after(ADDRESS) == 0


def test_concurrent_failures_that_open_a_window_both_count(limiter, seconds, dynamodb, wrong_passwords, monkeypatch):
    limiter.record_failure(ADDRESS)
    seconds.now += WINDOW
    begin = limiter._open_window

    def lose_the_race(address: str) -> bool:
        monkeypatch.setattr(limiter, "_open_window", begin)
        assert begin(address)
        return begin(address)

    monkeypatch.setattr(limiter, "_open_window", lose_the_race)
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords)["wrong"] == 2


def test_count_that_keeps_changing_is_unavailable(limiter, monkeypatch):
    monkeypatch.setattr(limiter, "_add_to_window", lambda _address: False)
    monkeypatch.setattr(limiter, "_open_window", lambda _address: False)
    with pytest.raises(LimiterUnavailableError):
        limiter.record_failure(ADDRESS)


class Broken:
    """A DynamoDB client whose calls fail."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_item(self, **_: Any) -> Any:
        raise self.error

    update_item = get_item


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem"), "GetItem: Provisioned"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), "ConnectTimeoutError"),
    ],
)
@pytest.mark.parametrize("call", ["retry_after", "record_failure"])
def test_dynamodb_failure_is_unavailable(error, message, call):
    limiter = FailedAttemptLimiter(Broken(error), "table", limit=LIMIT, window_seconds=WINDOW)
    with pytest.raises(LimiterUnavailableError, match=message):
        getattr(limiter, call)(ADDRESS)


@pytest.mark.parametrize(
    ("wrong", "right"), [("wrong_password", "generate_url_ok"), ("multipart_wrong_password", "multipart_ok")]
)
def test_handler_refuses_the_right_password_after_20_wrong_ones(presign, table, secret, staging, capsys, wrong, right):
    assert [send(presign, load(wrong))["statusCode"] for _ in range(20)] == [401] * 20
    capsys.readouterr()
    answers = [send(presign, load(right)), send(presign, load(wrong))]
    for answer in answers:
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (429, "throttled")
        assert 0 < int(answer["headers"]["Retry-After"]) <= 900
    assert answers[0]["body"] == answers[1]["body"], "a right password must look like a wrong one"
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [line for line in printed if line.get("message") == "request refused"]
    assert [(line["code"], line["address"]) for line in logged] == [("throttled", "203.0.113.24")] * 2
    assert [line["GuardRefused"] for line in printed if "GuardRefused" in line] == [[1.0]] * 2


def test_right_password_does_not_reset_the_count(presign, table, secret):
    codes = [send(presign, load(case))["statusCode"] for case in ["wrong_password", "generate_url_ok"] * 19]
    assert codes == [401, 200] * 19
    assert send(presign, load("wrong_password"))["statusCode"] == 401
    assert send(presign, load("generate_url_ok"))["statusCode"] == 429


def test_routes_without_a_password_are_not_limited(presign, table, secret):
    for _ in range(20):
        send(presign, load("wrong_password"))
    assert send(presign, load("status_unknown"))["statusCode"] == 404
    assert send(presign, load("preflight"))["statusCode"] == 204


def test_missing_limiter_table_answers_503(presign, dynamodb, table, wrong_passwords, secret, capsys):
    dynamodb.delete_table(TableName=wrong_passwords)
    for case in ("generate_url_ok", "wrong_password"):
        answer = send(presign, load(case))
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert '"GuardUnavailable":[1.0]' in capsys.readouterr().out


def test_failed_count_answers_503_to_a_wrong_password(presign, dynamodb, table, wrong_passwords, secret, monkeypatch):
    """A 401 would reveal that the password is wrong without counting the attempt."""
    limiter = presign._service.limiter
    monkeypatch.setattr(limiter, "_client", ReadOnly(dynamodb))
    assert send(presign, load("wrong_password"))["statusCode"] == 503
    assert send(presign, load("generate_url_ok"))["statusCode"] == 200


class ReadOnly:
    """A DynamoDB client that can only read."""

    def __init__(self, client: Any) -> None:
        self.get_item = client.get_item

    def update_item(self, **_: Any) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")
