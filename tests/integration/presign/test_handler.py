"""The whole function, with the services that the handler builds, on AWS in moto."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventModel

from phenom import event_cases
from phenom.event_cases import expectation
from runtime.settings import SettingError
from testkit.lambda_context import FakeContext
from testkit.wiring import CREDENTIALS, PRESIGN, import_fresh
from tests.integration.presign.conftest import PASSWORD

REQUESTS = [case for case in event_cases.names("presign") if case != "keep_warm"]


def load(case: str) -> dict[str, Any]:
    return event_cases.load("presign", case)[0]


def send(presign, event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = presign.handler(event, FakeContext())
    return answer


@pytest.mark.parametrize("case", event_cases.names("presign"))
def test_event_has_the_expected_result_and_reveals_no_password(
    case, presign, dynamodb, table, wrong_passwords, secret, staging, capsys
):
    event, expected = event_cases.load("presign", case)
    for item in expected.get("given", {}).get("uploads", ()):
        dynamodb.put_item(TableName=table, Item=item)
    for item in expected.get("given", {}).get("wrongPasswords", ()):
        dynamodb.put_item(TableName=wrong_passwords, Item=item)
    answer = send(presign, event)
    assert list(expectation.mismatches(expected["result"], answer)) == []
    printed = capsys.readouterr()
    for password in (PASSWORD, "open-sesame"):
        assert password not in json.dumps(answer) + printed.out + printed.err


def test_cases_cover_every_status_code():
    """At least one event for each status code of the API."""
    results = [event_cases.load("presign", case)[1]["result"] for case in REQUESTS]
    assert {result["statusCode"] for result in results} == {200, 204, 400, 401, 404, 409, 413, 415, 429}


@pytest.mark.parametrize("case", REQUESTS)
def test_event_is_complete_as_api_gateway_sends_it(case):
    """So that `sam local invoke` can use it unchanged."""
    event = load(case)
    read = APIGatewayProxyEventModel.model_validate(event)
    assert event["multiValueHeaders"] == {name: [value] for name, value in event["headers"].items()}
    assert read.requestContext.resourcePath == read.resource
    assert read.requestContext.path == f"/{read.requestContext.stage}{read.path}"


def test_issued_upload_is_recorded_and_its_status_can_be_read(presign, dynamodb, table, secret):
    issued = json.loads(send(presign, load("generate_url_with_sha256"))["body"])
    item = dynamodb.get_item(TableName=table, Key={"uploadId": {"S": issued["uploadId"]}})["Item"]
    assert (item["status"], item["fileName"], item["contentType"]) == (
        {"S": "issued"},
        {"S": "cat.jpg"},
        {"S": "image/jpeg"},
    )
    event = load("status_unknown") | {"pathParameters": {"uploadId": issued["uploadId"]}}
    assert json.loads(send(presign, event)["body"])["status"] == "issued"


def test_url_is_regional_and_signed_with_the_function_credentials(presign, table, secret):
    url = json.loads(send(presign, load("generate_url_ok"))["body"])["uploadUrl"]
    assert url.startswith(f"https://{PRESIGN['STAGING_BUCKET']}.s3.us-east-1.amazonaws.com/uploads/")
    assert f"X-Amz-Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}%2F" in url
    assert f"X-Amz-Security-Token={CREDENTIALS['AWS_SESSION_TOKEN']}" in url
    assert "X-Amz-Expires=3600" in url
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match&" in url


def test_url_in_the_local_cloud_uses_its_endpoint(aws, monkeypatch, table, secret):
    presign = import_fresh(monkeypatch, "presign.handler", PRESIGN)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4566")
    local = presign.settings.load()
    monkeypatch.setattr(presign, "_service", presign._build_services(local)[0])
    url = json.loads(send(presign, load("generate_url_ok"))["body"])["uploadUrl"]
    assert url.startswith(f"http://127.0.0.1:4566/{PRESIGN['STAGING_BUCKET']}/uploads/")


def assert_unavailable(answer: dict[str, Any]) -> None:
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "https://upload.example.org"
    assert json.loads(answer["body"])["code"] == "unavailable"


def test_missing_ledger_table_answers_503(presign, secret, capsys):
    assert_unavailable(send(presign, load("generate_url_ok")))
    assert_unavailable(send(presign, load("status_ok")))
    assert "LedgerUnavailable" in capsys.readouterr().out


def test_missing_secret_answers_503(presign, table, capsys):
    assert_unavailable(send(presign, load("generate_url_ok")))
    logged = capsys.readouterr().out
    assert "PasswordsUnavailable" in logged
    assert f"secret {PRESIGN['PASSWORDS_SECRET_ID']}: ResourceNotFoundException" in logged


def test_status_is_answered_without_the_secret(presign, table):
    assert send(presign, load("status_unknown"))["statusCode"] == 404


def test_malformed_secret_answers_503_and_is_not_logged(presign, table, secrets_manager, secret, capsys):
    secrets_manager.put_secret_value(SecretId=secret, SecretString=f'{{"passwords": "{PASSWORD}"}}')
    assert_unavailable(send(presign, load("generate_url_ok")))
    assert PASSWORD not in capsys.readouterr().out


def test_invalid_item_answers_500_with_only_a_correlation_id(presign, dynamodb, table):
    upload_id = "5f0c1d2e3b4a59687786950413223140"
    dynamodb.put_item(TableName=table, Item={"uploadId": {"S": upload_id}, "status": {"S": "lost"}})
    answer = send(presign, load("status_ok"))
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "internal",
        "detail": f"Correlation id: {FakeContext().aws_request_id}",
    }


def test_import_without_credentials_fails(aws, monkeypatch):
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda self: None)
    with pytest.raises(SettingError, match="credentials"):
        import_fresh(monkeypatch, "presign.handler", PRESIGN)


@pytest.mark.parametrize("name", ["UPLOADS_TABLE", "ALLOWED_ORIGINS", "POWERTOOLS_METRICS_NAMESPACE"])
def test_import_without_a_setting_fails(aws, monkeypatch, name):
    """Instead of at the first upload."""
    with pytest.raises(SettingError, match=name):
        import_fresh(monkeypatch, "presign.handler", PRESIGN | {name: ""})
