"""The HTTP edge: each route, and each way that it may answer."""

import base64
import json

import pytest

from presign.passwords import SecretPasswords
from presign.service import PasswordsUnavailableError
from runtime.secrets import SECRET_REFRESH_SECONDS
from testkit.lambda_context import FakeContext
from tests.unit.presign.answers import content, problem
from tests.unit.presign.fakes import FakeClock, FakeSecrets, body, client_error
from uploads.errors import LedgerError
from uploads.reasons import Reason
from uploads.record import Status, Upload

REQUEST_ID = FakeContext().aws_request_id


def issued(edge) -> Upload:
    answer = content(edge.post(body()))
    found: Upload = edge.ledger.uploads[answer["uploadId"]]
    return found


def test_a_url_comes_with_all_that_a_client_needs_to_use_it(edge):
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


def test_a_base64_body_is_the_same_body(edge):
    assert edge.post(base64.b64encode(body().encode()).decode(), isBase64Encoded=True)["statusCode"] == 200


@pytest.mark.parametrize("text", ["{}", "!", "a", "é", base64.b64encode(b"\xff\xfe").decode(), "=", "\ud800", 5, ["x"]])
def test_a_base64_body_that_is_none_is_a_problem_of_the_body(edge, text):
    answer = edge.post(text, isBase64Encoded=True)
    assert problem(answer) == (400, "invalid_request")
    assert [error["field"] for error in content(answer)["errors"]] == ["body"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", 5, {"password": "x"}, "\ud800"])
def test_a_body_that_is_none_is_a_problem_of_the_body(edge, text):
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
def test_each_refusal_has_its_status_and_code(edge, changes, expected):
    assert problem(edge.post(body(**changes))) == expected
    assert not edge.ledger.uploads


@pytest.mark.parametrize("broken", [PasswordsUnavailableError("secret x: AccessDenied"), LedgerError("PutItem: X")])
def test_an_outage_is_a_503_that_says_when_to_come_back(edge, broken, capsys):
    fake = edge.passwords if isinstance(broken, PasswordsUnavailableError) else edge.ledger
    fake.broken = broken
    answer = edge.post(body())
    assert problem(answer) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "5"
    assert str(broken) not in answer["body"]
    assert str(broken) in capsys.readouterr().out  # the operator is told


def test_a_status_that_the_ledger_cannot_tell_is_a_503(edge):
    edge.ledger.broken = LedgerError("GetItem: ThrottlingException")
    assert problem(edge.get("f" * 32)) == (503, "unavailable")


def test_what_nobody_expected_is_a_500_with_a_correlation_id_and_nothing_else(edge, capsys):
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


def test_a_fresh_upload_is_issued(edge):
    upload = issued(edge)
    assert content(edge.get(upload.upload_id)) == {
        "uploadId": upload.upload_id,
        "status": "issued",
        "contentType": "video/quicktime",
        "fileSize": 48_211_234,
        "createdAt": "2026-11-23T11:00:00Z",
        "updatedAt": "2026-11-23T11:00:00Z",
    }


def test_a_verdict_is_told_with_its_reason_and_not_with_what_is_ours(edge):
    from dataclasses import replace

    upload = issued(edge)
    edge.ledger.uploads[upload.upload_id] = replace(
        upload, status=Status.REJECTED, reason=Reason.INFECTED, detail="Eicar \u202e", etag='"e"', final_key=None
    )
    told = content(edge.get(upload.upload_id))
    assert (told["status"], told["reason"], told["detail"]) == ("rejected", "infected", "Eicar \u202e")
    assert not {"etag", "fileName", "sha256", "leaseUntil", "finalKey"} & set(told)


@pytest.mark.parametrize("upload_id", ["f" * 32, "", None, "generate-url", "..%2F", 7, {}, ["f" * 32]])
def test_an_id_of_nothing_is_a_404(edge, upload_id):
    assert problem(edge.get(upload_id)) == (404, "not_found")


@pytest.mark.parametrize("parameters", [None, {}])
def test_a_status_without_an_id_is_a_404(edge, parameters):
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
def test_there_is_nothing_at_any_other_route(edge, method, resource):
    assert problem(edge.send({"httpMethod": method, "resource": resource})) == (404, "not_found")


@pytest.mark.parametrize("resource", ["/upload/generate-url", "/upload/{uploadId}", "/nowhere"])
def test_a_preflight_request_allows_what_the_page_sends(edge, resource):
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
def test_what_operators_watch_is_counted(edge, capsys, request_body, metric):
    edge.post(request_body)
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [each[metric] for each in emitted] == [[1.0]]


@pytest.mark.parametrize(
    ("failure", "metric"),
    [(client_error("AccessDeniedException"), "SecretRefused"), (client_error("Throttling"), "SecretUnreachable")],
)
def test_a_secret_that_cannot_be_read_is_counted_and_told_while_nobody_is_sent_away(edge, capsys, failure, metric):
    clock = FakeClock()
    secrets = FakeSecrets(clock)
    passwords = SecretPasswords(secrets, "the-secret", clock, edge.module._secret_failed)
    object.__setattr__(edge.service, "passwords", passwords)
    edge.post(body())
    secrets.value = failure
    clock.sleep(SECRET_REFRESH_SECONDS)
    capsys.readouterr()
    assert edge.post(body())["statusCode"] == 200
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[metric] for line in printed if "_aws" in line] == [[1.0]]
    (told,) = [line for line in printed if line.get("message") == "secret not read"]
    assert (told["cause"], told["refused"]) == (
        f"secret the-secret: {failure.response['Error']['Code']}",
        "Access" in told["cause"],
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
def test_every_line_about_an_upload_carries_its_id_and_what_joins_it_with_the_access_log(
    edge, capsys, monkeypatch, method, resource, text, broken
):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=5;Sampled=1")
    upload = issued(edge)
    edge.ledger.broken = broken
    capsys.readouterr()
    edge.send(
        {
            "httpMethod": method,
            "resource": resource,
            "pathParameters": {"uploadId": upload.upload_id},
            "requestContext": {"requestId": "of-api-gateway"},
            "body": text,
        }
    )
    lines = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" not in line]
    about = {
        "upload_id": upload.upload_id,
        "api_request_id": "of-api-gateway",
        "function_request_id": REQUEST_ID,
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    }
    assert lines
    assert all(about.items() <= line.items() for line in lines)


def test_what_a_stranger_typed_in_the_place_of_an_id_is_not_logged(edge, capsys):
    for context in (None, "x", {}, {"requestId": 7}):
        edge.send(
            {
                "httpMethod": "GET",
                "resource": "/upload/{uploadId}",
                "pathParameters": {"uploadId": "typed-by-a-stranger"},
                "requestContext": context,
            }
        )
    assert "typed-by-a-stranger" not in capsys.readouterr().out


def test_a_request_that_counts_nothing_prints_nothing_but_json(edge, capsys):
    """Powertools would warn about it on stderr; warnings are errors here."""
    edge.get("f" * 32)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert all(json.loads(line) for line in printed.out.splitlines())


def test_what_is_logged_of_one_request_is_not_logged_of_the_next(edge, capsys):
    upload = issued(edge)
    capsys.readouterr()
    edge.get("f" * 32)
    assert upload.upload_id not in capsys.readouterr().out
