"""The daily quota, on DynamoDB in moto."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from presign.daily_quota import DailyQuota
from presign.ports import QuotaExceededError, QuotaUnavailableError, UploadPassword
from testkit.wiring import PRESIGN, import_fresh
from tests.integration.presign.conftest import PASSWORD
from tests.integration.presign.test_handler import load, send

LIMIT = 3
MINE, PARTNER = UploadPassword(None, "version/0"), UploadPassword("partner", "partner")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 23, 59, 30, 500_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def moment() -> Clock:
    return Clock()


@pytest.fixture
def counts() -> list[tuple[str | None, int]]:
    return []


@pytest.fixture
def quota(dynamodb, daily_quotas, moment, counts) -> DailyQuota:
    def record(password: UploadPassword, used: int) -> None:
        counts.append((password.label, used))

    return DailyQuota(dynamodb, daily_quotas, limit=LIMIT, on_count=record, clock=moment)


def items(dynamodb: Any, table: str) -> dict[str, tuple[int, int]]:
    found = dynamodb.scan(TableName=table)["Items"]
    return {each["counter"]["S"]: (int(each["uploads"]["N"]), int(each["expiresAt"]["N"])) for each in found}


def test_uploads_beyond_the_limit_wait_for_midnight_utc(quota, moment, counts):
    for _ in range(LIMIT):
        quota.count(MINE)
    with pytest.raises(QuotaExceededError) as refused:
        quota.count(MINE)
    assert (refused.value.limit, refused.value.retry_after, refused.value.label) == (LIMIT, 30, None)
    assert counts == [(None, 1), (None, 2), (None, 3), (None, 3)]
    moment.now += timedelta(seconds=30)
    quota.count(MINE)
    assert counts[-1] == (None, 1)


def test_each_password_has_its_own_count(quota, dynamodb, daily_quotas):
    for _ in range(LIMIT):
        quota.count(PARTNER)
    with pytest.raises(QuotaExceededError) as refused:
        quota.count(PARTNER)
    assert refused.value.label == "partner"
    quota.count(MINE)
    expires = int(datetime(2026, 12, 7, tzinfo=UTC).timestamp())
    assert items(dynamodb, daily_quotas) == {
        "2026-11-29#partner": (3, expires),
        "2026-11-29#version/0": (1, expires),
    }


def test_refused_upload_does_not_raise_the_count(quota, dynamodb, daily_quotas):
    for _ in range(LIMIT + 5):
        with suppress(QuotaExceededError):
            quota.count(MINE)
    assert [count for count, _ in items(dynamodb, daily_quotas).values()] == [LIMIT]


class OneCallAtATime:
    """DynamoDB checks a condition and writes in one step; moto lets another thread in between."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()

    def get_item(self, **arguments: Any) -> Any:
        with self._lock:
            return self._client.get_item(**arguments)

    def update_item(self, **arguments: Any) -> Any:
        with self._lock:
            return self._client.update_item(**arguments)


def test_concurrent_uploads_never_exceed_the_limit(dynamodb, daily_quotas):
    quota = DailyQuota(OneCallAtATime(dynamodb), daily_quotas, limit=10)

    def count(_: int) -> bool:
        try:
            quota.count(MINE)
        except QuotaExceededError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(count, range(40))) == 10


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "UpdateItem"), "UpdateItem: Prov"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), "ConnectTimeoutError"),
    ],
)
def test_dynamodb_failure_is_unavailable(error, message):
    class Broken:
        def update_item(self, **_: Any) -> Any:
            raise error

        get_item = update_item

    with pytest.raises(QuotaUnavailableError, match=message):
        DailyQuota(Broken(), "table", limit=LIMIT).count(MINE)


@pytest.fixture
def small(aws, wrong_passwords, daily_quotas, table, staging, monkeypatch) -> Any:
    """presign.handler with a quota of 4 uploads."""
    return import_fresh(monkeypatch, "presign.handler", {**PRESIGN, "DAILY_QUOTA": "4", "WRONG_PASSWORD_LIMIT": "20"})


def printed(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_handler_refuses_the_upload_after_the_quota(small, secret, capsys):
    cases = ["generate_url_ok", "multipart_ok", "generate_url_ok", "multipart_ok"]
    assert [send(small, load(case))["statusCode"] for case in cases] == [200] * 4
    lines = printed(capsys)
    assert [line["DailyQuotaUsed"] for line in lines if "DailyQuotaUsed" in line] == [[25], [50], [75], [100]]
    assert [line["used"] for line in lines if line.get("message") == "daily quota"] == [2, 4]
    for case in ("generate_url_ok", "multipart_ok"):
        answer = send(small, load(case))
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (429, "quota_exceeded")
        assert 1 <= int(answer["headers"]["Retry-After"]) <= 86_400
        assert answer["headers"]["Access-Control-Allow-Origin"] == "https://upload.example.org"
        assert "midnight UTC" in json.loads(answer["body"])["detail"]
    lines = printed(capsys)
    assert [line["DailyQuotaExceeded"] for line in lines if "DailyQuotaExceeded" in line] == [[1.0]] * 2
    assert send(small, load("status_unknown"))["statusCode"] == 404


def test_garbage_and_wrong_passwords_use_up_no_quota(small, secret, dynamodb, daily_quotas):
    refused = ["wrong_password", "not_json", "missing_fields", "multipart_too_large", "unsupported_type"]
    for case in refused * 3:
        assert send(small, load(case))["statusCode"] in {400, 401, 413, 415}
    assert items(dynamodb, daily_quotas) == {}
    assert send(small, load("generate_url_ok"))["statusCode"] == 200


def test_label_of_the_password_is_recorded_and_logged(small, secrets_manager, secret, dynamodb, table, capsys):
    entry = {"password": PASSWORD, "label": "partner", "expires": "2099-12-31"}
    secrets_manager.put_secret_value(SecretId=secret, SecretString=json.dumps({"passwords": [entry]}))
    for case in ("generate_url_ok", "multipart_ok"):
        upload_id = json.loads(send(small, load(case))["body"])["uploadId"]
        item = dynamodb.get_item(TableName=table, Key={"uploadId": {"S": upload_id}})["Item"]
        assert item["passwordLabel"] == {"S": "partner"}
    issued = [line for line in printed(capsys) if line.get("message") in {"upload issued", "multipart upload begun"}]
    assert [line["password_label"] for line in issued] == ["partner"] * 2


def test_password_taken_back_by_its_label_is_wrong(small, secrets_manager, secret):
    entries = [{"password": PASSWORD, "label": "partner", "expires": "2026-01-01"}, "another-password"]
    secrets_manager.put_secret_value(SecretId=secret, SecretString=json.dumps({"passwords": entries}))
    assert send(small, load("generate_url_ok"))["statusCode"] == 401


def test_missing_quota_table_answers_503(small, dynamodb, daily_quotas, secret, capsys):
    dynamodb.delete_table(TableName=daily_quotas)
    answer = send(small, load("generate_url_ok"))
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert '"QuotaUnavailable":[1.0]' in capsys.readouterr().out


def test_short_password_is_counted_and_named_without_its_value(small, secrets_manager, secret, capsys):
    secrets_manager.put_secret_value(SecretId=secret, SecretString=f'{{"passwords": ["{PASSWORD}", "s3cret"]}}')
    assert send(small, load("generate_url_ok"))["statusCode"] == 200
    output = capsys.readouterr().out
    assert "s3cret" not in output
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["ShortPassword"] for line in lines if "ShortPassword" in line] == [[1.0]]
    (logged,) = [line for line in lines if line.get("message") == "upload passwords are short"]
    assert (logged["entries"], logged["refused"]) == (["passwords[1]"], False)


def test_expired_short_password_raises_no_alarm(small, secrets_manager, secret, capsys):
    expired = {"password": "s3cret", "label": "partner", "expires": "2026-01-01"}
    secrets_manager.put_secret_value(SecretId=secret, SecretString=json.dumps({"passwords": [PASSWORD, expired]}))
    assert send(small, load("generate_url_ok"))["statusCode"] == 200
    output = capsys.readouterr().out
    assert "ShortPassword" not in output
    assert "passwords are short" not in output


def test_short_password_is_wrong_when_short_ones_are_refused(
    aws, wrong_passwords, daily_quotas, table, secrets_manager, secret, monkeypatch
):
    presign = import_fresh(monkeypatch, "presign.handler", {**PRESIGN, "SHORT_PASSWORDS": "refuse"})
    event = load("generate_url_ok")
    body = json.loads(event["body"])
    secrets_manager.put_secret_value(SecretId=secret, SecretString=f'{{"passwords": ["{PASSWORD}", "eleven-char"]}}')
    event["body"] = json.dumps(body | {"password": "eleven-char"})
    assert send(presign, event)["statusCode"] == 401
    assert send(presign, load("generate_url_ok"))["statusCode"] == 200


def test_invalid_entry_is_named_in_the_log_without_its_value(small, secrets_manager, secret, capsys):
    entries = [PASSWORD, {"password": "s3cret-value", "lable": "partner"}]
    secrets_manager.put_secret_value(SecretId=secret, SecretString=json.dumps({"passwords": entries}))
    assert send(small, load("generate_url_ok"))["statusCode"] == 503
    output = capsys.readouterr().out
    assert "passwords[1] may have only the fields password, label and expires" in output
    assert "s3cret-value" not in output
