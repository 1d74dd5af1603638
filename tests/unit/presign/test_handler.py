"""The handler: routes, answers, log lines and metrics."""

import base64
import json

import pytest

from presign.passwords import SecretPasswords
from presign.ports import PasswordsUnavailableError
from runtime.keep_warm import WARM_UP
from runtime.secrets import SECRET_REFRESH_SECONDS
from testkit.lambda_context import FakeContext
from tests.secrets_manager import FakeMonotonicClock, client_error
from tests.unit.presign.answers import content, problem
from tests.unit.presign.fakes import FakePasswordSecret, body
from uploads.errors import LedgerError
from uploads.reasons import Reason
from uploads.record import Status, Upload

REQUEST_ID = FakeContext().aws_request_id


def issued(edge) -> Upload:
    answer = content(edge.post(body()))
    found: Upload = edge.ledger.uploads[answer["uploadId"]]
    return found


def test_generate_url_returns_all_fields_of_an_issued_upload(edge):
    answer = edge.post(body())
    (upload,) = edge.ledger.uploads.values()
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "application/json")
    assert content(answer) == {
        "uploadId": upload.upload_id,
        "uploadUrl": f"https://staging.example/{upload.staging_key}?signed",
        "method": "PUT",
        "headers": {"If-None-Match": "*"},
        "key": upload.staging_key,
        "expiresAt": "2026-11-23T12:00:00Z",
        "statusUrl": f"/upload/{upload.upload_id}",
    }


def test_base64_body_is_decoded(edge):
    assert edge.post(base64.b64encode(body().encode()).decode(), isBase64Encoded=True)["statusCode"] == 200


@pytest.mark.parametrize("text", ["{}", "!", "a", "é", base64.b64encode(b"\xff\xfe").decode(), "=", "\ud800", 5, ["x"]])
def test_invalid_base64_body_is_an_invalid_request(edge, text):
    answer = edge.post(text, isBase64Encoded=True)
    assert problem(answer) == (400, "invalid_request")
    assert [error["field"] for error in content(answer)["errors"]] == ["body"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", 5, {"password": "x"}, "\ud800"])
def test_invalid_body_is_an_invalid_request(edge, text):
    answer = edge.post(text)
    assert problem(answer) == (400, "invalid_request")
    assert [error["field"] for error in content(answer)["errors"]] == ["body"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"password": "wrong"}, (401, "wrong_password")),
        ({"contentType": "text/html"}, (415, "unsupported_type")),
        ({"fileSize": 524_288_001}, (413, "file_too_large")),
        ({"fileSize": -1}, (400, "invalid_request")),
        ({"acl": "public-read"}, (400, "invalid_request")),
    ],
)
def test_refusal_has_its_status_and_code(edge, changes, expected):
    assert problem(edge.post(body(**changes))) == expected
    assert not edge.ledger.uploads


@pytest.mark.parametrize("broken", [PasswordsUnavailableError("secret x: AccessDenied"), LedgerError("PutItem: X")])
def test_outage_answers_503_with_retry_after(edge, broken, capsys):
    fake = edge.passwords if isinstance(broken, PasswordsUnavailableError) else edge.ledger
    fake.broken = broken
    answer = edge.post(body())
    assert problem(answer) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "5"
    assert str(broken) not in answer["body"]
    assert str(broken) in capsys.readouterr().out


def test_status_with_the_ledger_down_answers_503(edge):
    edge.ledger.broken = LedgerError("GetItem: ThrottlingException")
    assert problem(edge.get("f" * 32)) == (503, "unavailable")


def test_unexpected_error_answers_500_with_only_a_correlation_id(edge, capsys):
    edge.ledger.broken = ZeroDivisionError("inner secret")
    answer = edge.post(body())
    assert content(answer) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "internal",
        "detail": f"Correlation id: {REQUEST_ID}",
    }
    logged = capsys.readouterr().out
    assert REQUEST_ID in logged
    assert "ZeroDivisionError" in logged


def test_status_of_a_new_upload_is_issued(edge):
    upload = issued(edge)
    assert content(edge.get(upload.upload_id)) == {
        "uploadId": upload.upload_id,
        "status": "issued",
        "contentType": "video/quicktime",
        "fileSize": 48_211_234,
        "createdAt": "2026-11-23T11:00:00Z",
        "updatedAt": "2026-11-23T11:00:00Z",
    }


def test_status_shows_the_reason_and_no_internal_fields(edge):
    from dataclasses import replace

    upload = issued(edge)
    edge.ledger.uploads[upload.upload_id] = replace(
        upload, status=Status.REJECTED, reason=Reason.INFECTED, detail="Eicar \u202e", etag='"e"', final_key=None
    )
    state = content(edge.get(upload.upload_id))
    assert (state["status"], state["reason"], state["detail"]) == ("rejected", "infected", "Eicar \u202e")
    assert not {"etag", "fileName", "sha256", "leaseUntil", "finalKey"} & set(state)


@pytest.mark.parametrize(
    ("status", "quarantined", "shown"),
    [(Status.REJECTED, True, True), (Status.REJECTED, False, False), (Status.VALIDATING, True, None)],
)
def test_status_says_whether_a_rejected_file_is_quarantined(edge, status, quarantined, shown):
    from dataclasses import replace

    upload = issued(edge)
    edge.ledger.uploads[upload.upload_id] = replace(
        upload, status=status, quarantined=quarantined, quarantine_etag='"e"', signature="Win.Test"
    )
    state = content(edge.get(upload.upload_id))
    assert state.get("quarantined") is shown
    assert not {"signature", "quarantineEtag", "release"} & set(state)


@pytest.mark.parametrize("upload_id", ["f" * 32, "", None, "generate-url", "..%2F", 7, {}, ["f" * 32]])
def test_unknown_id_answers_404(edge, upload_id):
    assert problem(edge.get(upload_id)) == (404, "not_found")


@pytest.mark.parametrize("parameters", [None, {}])
def test_status_without_an_id_answers_404(edge, parameters):
    event = {"httpMethod": "GET", "resource": "/upload/{uploadId}", "pathParameters": parameters}
    assert problem(edge.send(event)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "resource"),
    [
        ("GET", "/upload/generate-url"),
        ("PUT", "/upload/generate-url"),
        ("post", "/upload/generate-url"),
        ("POST", "/upload/{uploadId}"),
        ("GET", "/"),
        ("", ""),
        (None, None),
    ],
)
def test_unknown_route_answers_404(edge, method, resource):
    assert problem(edge.send({"httpMethod": method, "resource": resource})) == (404, "not_found")


@pytest.mark.parametrize("resource", ["/upload/generate-url", "/upload/{uploadId}", "/nowhere"])
def test_preflight_allows_the_methods_and_headers_of_the_page(edge, resource):
    answer = edge.send({"httpMethod": "OPTIONS", "resource": resource})
    assert (answer["statusCode"], answer["body"]) == (204, "")
    headers = answer["headers"]
    assert "Content-Type" not in headers
    assert headers["Access-Control-Allow-Origin"] == "https://upload.example.org"
    assert set(headers["Access-Control-Allow-Methods"].split(",")) == {"GET", "POST", "DELETE", "OPTIONS"}
    assert set(headers["Access-Control-Allow-Headers"].split(",")) == {"content-type", "x-api-key"}
    assert int(headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize(
    ("request_body", "metric"),
    [(body(), "UploadIssued"), (body(password="wrong"), "WrongPassword")],
)
def test_issued_upload_and_wrong_password_are_counted(edge, capsys, request_body, metric):
    edge.post(request_body)
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [each[metric] for each in emitted] == [[1.0]]


@pytest.mark.parametrize(
    ("failure", "metric"),
    [(client_error("AccessDeniedException"), "SecretRefused"), (client_error("Throttling"), "SecretUnreachable")],
)
def test_failed_secret_read_is_logged_and_counted_while_the_cache_serves(edge, capsys, failure, metric):
    clock = FakeMonotonicClock()
    secrets = FakePasswordSecret(clock)
    passwords = SecretPasswords(secrets, "the-secret", clock, edge.module._report_secret_failure)
    object.__setattr__(edge.service, "passwords", passwords)
    edge.post(body())
    secrets.value = failure
    clock.sleep(SECRET_REFRESH_SECONDS)
    capsys.readouterr()
    assert edge.post(body())["statusCode"] == 200
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[metric] for line in printed if "_aws" in line] == [[1.0]]
    (logged,) = [line for line in printed if line.get("message") == "secret not read"]
    assert (logged["cause"], logged["refused"]) == (
        f"secret the-secret: {failure.response['Error']['Code']}",
        "Access" in logged["cause"],
    )


@pytest.mark.parametrize(
    ("method", "resource", "text"),
    [
        ("GET", "/upload/{uploadId}", None),
        ("POST", "/upload/{uploadId}/parts", "{}"),
        ("GET", "/upload/{uploadId}/parts", None),
        ("POST", "/upload/{uploadId}/complete", "{"),
        ("DELETE", "/upload/{uploadId}", None),
    ],
)
@pytest.mark.parametrize("broken", [None, LedgerError("GetItem: X"), ZeroDivisionError("x")], ids=repr)
def test_log_lines_carry_the_upload_id_and_the_request_ids(edge, capsys, monkeypatch, method, resource, text, broken):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=5;Sampled=1")
    upload = issued(edge)
    edge.ledger.broken = broken
    capsys.readouterr()
    edge.send(
        {
            "httpMethod": method,
            "resource": resource,
            "pathParameters": {"uploadId": upload.upload_id},
            "requestContext": {"requestId": "api-gateway-request"},
            "body": text,
        }
    )
    lines = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" not in line]
    expected = {
        "upload_id": upload.upload_id,
        "api_request_id": "api-gateway-request",
        "function_request_id": REQUEST_ID,
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    }
    assert lines
    assert all(expected.items() <= line.items() for line in lines)


def test_invalid_id_in_the_path_is_not_logged(edge, capsys):
    for context in (None, "x", {}, {"requestId": 7}):
        edge.send(
            {
                "httpMethod": "GET",
                "resource": "/upload/{uploadId}",
                "pathParameters": {"uploadId": "not-an-id"},
                "requestContext": context,
            }
        )
    assert "not-an-id" not in capsys.readouterr().out


def test_request_without_metrics_prints_only_json(edge, capsys):
    """Powertools warns on stderr about a flush without metrics, and warnings are errors here."""
    edge.get("f" * 32)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert all(json.loads(line) for line in printed.out.splitlines())


def test_log_keys_do_not_leak_into_the_next_request(edge, capsys):
    upload = issued(edge)
    capsys.readouterr()
    edge.get("f" * 32)
    assert upload.upload_id not in capsys.readouterr().out


def test_warm_up_only_reads_the_passwords(edge, capsys):
    """No log line even at DEBUG, no metric, no attempt counted, no call of the ledger."""
    edge.ledger.broken = LedgerError("GetItem: not expected")
    assert edge.send(dict(WARM_UP)) == {}
    assert (edge.passwords.reads, edge.passwords.asked) == (1, [])
    assert capsys.readouterr().out == ""


def test_caller_after_a_warm_up_waits_for_no_secret(edge):
    clock = FakeMonotonicClock()
    secrets = FakePasswordSecret(clock)
    object.__setattr__(edge.service, "passwords", SecretPasswords(secrets, "the-secret", clock))
    edge.send(dict(WARM_UP))
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert edge.post(body())["statusCode"] == 200
    assert secrets.reads == 1


def test_warm_up_reports_an_unreadable_secret_before_a_caller_meets_it(edge, capsys):
    secrets = FakePasswordSecret(FakeMonotonicClock(), client_error("AccessDeniedException"))
    passwords = SecretPasswords(secrets, "the-secret", on_failure=edge.module._report_secret_failure)
    object.__setattr__(edge.service, "passwords", passwords)
    assert edge.send(dict(WARM_UP)) == {}
    line, metric = (json.loads(each) for each in capsys.readouterr().out.splitlines())
    assert (line["level"], line["message"]) == ("ERROR", "secret not read")
    assert metric["SecretRefused"] == [1.0]
