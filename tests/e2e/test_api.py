"""The HTTP API as a browser meets it: keys, errors, CORS."""

import pytest

from tests.e2e import samples
from tests.e2e.api import Answer, Application

ORIGIN = {"Origin": "https://page.example"}


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (answer.json["status"], answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"password": "wrong"}, 401, "wrong_password"),
        ({"contentType": "application/pdf"}, 415, "unsupported_type"),
        ({"fileSize": 524_288_001}, 413, "file_too_large"),
        ({"fileSize": -1}, 400, "invalid_request"),
        ({"fileName": "../x.jpg"}, 400, "invalid_request"),
        ({"surprise": 1}, 400, "invalid_request"),
    ],
)
def test_refused_request_is_a_problem_that_names_the_field(
    application: Application, fields: dict[str, object], status: int, code: str
) -> None:
    answer = application.ask(**{"contentType": "image/jpeg", "fileSize": 10} | fields)
    assert_problem(answer, status, code)
    if status != 401:
        assert answer.json["errors"][0]["field"] in fields


def test_body_that_is_not_json_is_a_problem(application: Application) -> None:
    key = {"x-api-key": application.stack["apiKey"]}
    assert_problem(application.call("POST", "/upload/generate-url", b"{", key), 400, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "not-the-key"}])
def test_starting_an_upload_needs_the_api_key(application: Application, headers: dict[str, str]) -> None:
    answer = application.call("POST", "/upload/generate-url", {}, headers | ORIGIN)
    assert answer.status == 403


def test_status_needs_no_key_and_no_password(application: Application) -> None:
    issued = application.issue(b"x" * 10, "image/jpeg")
    assert application.status(issued["uploadId"])["status"] == "issued"
    assert issued["statusUrl"] == f"/upload/{issued['uploadId']}"


@pytest.mark.parametrize("upload_id", ["0" * 32, "x", "..", "%00"])
def test_unknown_upload_is_not_found(application: Application, upload_id: str) -> None:
    assert_problem(application.call("GET", f"/upload/{upload_id}"), 404, "not_found")


@pytest.mark.parametrize("path", ["/upload/generate-url", "/upload/" + "0" * 32])
def test_preflight_is_answered_without_a_key(application: Application, path: str) -> None:
    asked = ORIGIN | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    answer = application.call("OPTIONS", path, headers=asked)
    assert answer.status in {200, 204}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"content-type", "x-api-key"} <= set(answer.headers["access-control-allow-headers"].lower().split(","))


def test_browser_may_put_to_the_staging_bucket(application: Application) -> None:
    issued = application.issue(samples.jpeg(), "image/jpeg")
    asked = ORIGIN | {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,if-none-match",
    }
    answer = application.http.request("OPTIONS", issued["uploadUrl"], headers=asked)
    assert answer.status == 200, answer.data
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    put = application.put(issued, samples.jpeg(), Origin=ORIGIN["Origin"])
    assert put.status == 200
    assert put.headers["Access-Control-Allow-Origin"] == "*"


def test_final_bucket_gives_nothing_to_the_public(application: Application) -> None:
    verdict = application.judge(samples.jpeg(3), "image/jpeg")
    url = f"{application.stack['endpointUrl']}/{application.stack['finalBucket']}/{verdict['finalKey']}"
    assert application.http.request("GET", url).status == 403
