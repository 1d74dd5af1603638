"""The guard against guessing, on DynamoDB as moto plays it."""

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
    """The numbers of ADDRESS's item."""
    found = dynamodb.get_item(TableName=table, Key={"address": {"S": ADDRESS}}).get("Item", {})
    return {name: int(value["N"]) for name, value in found.items() if "N" in value}


def test_the_limit_may_be_used_up_and_then_the_address_waits_for_the_end_of_its_window(limiter, seconds):
    for _ in range(LIMIT):
        assert limiter.retry_after(ADDRESS) == 0
        limiter.record_failure(ADDRESS)
    assert limiter.retry_after(ADDRESS) == WINDOW
    seconds.now += WINDOW - 1
    assert limiter.retry_after(ADDRESS) == 1
    seconds.now += 1
    assert limiter.retry_after(ADDRESS) == 0


def test_others_do_not_wait(limiter):
    for _ in range(LIMIT):
        limiter.record_failure(ADDRESS)
    assert limiter.retry_after(OTHER) == 0


def test_the_window_begins_with_the_first_and_is_not_drawn_out(limiter, seconds, dynamodb, wrong_passwords):
    limiter.record_failure(ADDRESS)
    end = item(dynamodb, wrong_passwords)["expiresAt"]
    seconds.now += WINDOW / 2
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords) == {"wrong": 2, "expiresAt": end}
    assert end == int(1_795_431_600.4) + WINDOW


def test_an_expired_item_that_is_still_there_does_not_count(limiter, seconds, dynamodb, wrong_passwords):
    """DynamoDB takes up to days to delete what has expired."""
    for _ in range(LIMIT):
        limiter.record_failure(ADDRESS)
    seconds.now += WINDOW
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords) == {"wrong": 1, "expiresAt": int(seconds.now) + WINDOW}
    assert limiter.retry_after(ADDRESS) == 0


def test_two_that_begin_a_window_at_once_both_count(limiter, seconds, dynamodb, wrong_passwords, monkeypatch):
    limiter.record_failure(ADDRESS)
    seconds.now += WINDOW
    begin = limiter._open_window

    def beaten(address: str) -> bool:
        monkeypatch.setattr(limiter, "_open_window", begin)
        assert begin(address)
        return begin(address)

    monkeypatch.setattr(limiter, "_open_window", beaten)
    limiter.record_failure(ADDRESS)
    assert item(dynamodb, wrong_passwords)["wrong"] == 2


def test_a_count_that_never_settles_is_given_up(limiter, monkeypatch):
    monkeypatch.setattr(limiter, "_add_to_window", lambda _address: False)
    monkeypatch.setattr(limiter, "_open_window", lambda _address: False)
    with pytest.raises(LimiterUnavailableError):
        limiter.record_failure(ADDRESS)


class Broken:
    """DynamoDB that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_item(self, **_: Any) -> Any:
        raise self.error

    update_item = get_item


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem"), "GetItem: Provisioned"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), "ConnectTimeoutError"),
    ],
)
@pytest.mark.parametrize("call", ["retry_after", "record_failure"])
def test_what_cannot_be_counted_is_not_looked_at(error, told, call):
    limiter = FailedAttemptLimiter(Broken(error), "table", limit=LIMIT, window_seconds=WINDOW)
    with pytest.raises(LimiterUnavailableError, match=told):
        getattr(limiter, call)(ADDRESS)


@pytest.mark.parametrize(
    ("wrong", "right"), [("wrong_password", "generate_url_ok"), ("multipart_wrong_password", "multipart_ok")]
)
def test_the_whole_function_refuses_the_right_password_after_twenty_wrong_ones(
    presign, table, secret, staging, capsys, wrong, right
):
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


def test_a_right_password_does_not_take_back_the_wrong_ones(presign, table, secret):
    codes = [send(presign, load(case))["statusCode"] for case in ["wrong_password", "generate_url_ok"] * 19]
    assert codes == [401, 200] * 19
    assert send(presign, load("wrong_password"))["statusCode"] == 401
    assert send(presign, load("generate_url_ok"))["statusCode"] == 429


def test_calls_without_a_password_do_not_wait(presign, table, secret):
    for _ in range(20):
        send(presign, load("wrong_password"))
    assert send(presign, load("status_unknown"))["statusCode"] == 404
    assert send(presign, load("preflight"))["statusCode"] == 204


def test_without_its_table_nobody_gets_in(presign, dynamodb, table, wrong_passwords, secret, capsys):
    dynamodb.delete_table(TableName=wrong_passwords)
    for case in ("generate_url_ok", "wrong_password"):
        answer = send(presign, load(case))
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert '"GuardUnavailable":[1.0]' in capsys.readouterr().out


def test_counting_that_fails_is_no_free_guess(presign, dynamodb, table, wrong_passwords, secret, monkeypatch):
    """Read but not written: a 401 would tell that the guess was wrong, and it would not have cost anything."""
    limiter = presign._service.limiter
    monkeypatch.setattr(limiter, "_client", Halved(dynamodb))
    assert send(presign, load("wrong_password"))["statusCode"] == 503
    assert send(presign, load("generate_url_ok"))["statusCode"] == 200


class Halved:
    """DynamoDB that can be read and not written."""

    def __init__(self, client: Any) -> None:
        self.get_item = client.get_item

    def update_item(self, **_: Any) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")
