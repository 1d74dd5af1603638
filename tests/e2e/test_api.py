"""The HTTP API: keys, problems and CORS."""

import pytest

from tests.e2e import samples
from tests.e2e.api import Application, Response

ORIGIN = {"Origin": "https://page.example"}


def assert_problem(response: Response, status: int, code: str) -> None:
    assert response.status == status, response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert (response.json["status"], response.json["code"]) == (status, code)


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
def test_invalid_request_gets_a_problem_that_names_the_field(
    application: Application, fields: dict[str, object], status: int, code: str
) -> None:
    response = application.request_url(**{"contentType": "image/jpeg", "fileSize": 10} | fields)
    assert_problem(response, status, code)
    if status != 401:
        assert response.json["errors"][0]["field"] in fields


def test_body_that_is_not_json_gets_a_problem(application: Application) -> None:
    key = {"x-api-key": application.stack["apiKey"]}
    assert_problem(application.call("POST", "/upload/generate-url", b"{", key), 400, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "not-the-key"}])
def test_upload_url_without_a_valid_api_key_is_forbidden(application: Application, headers: dict[str, str]) -> None:
    response = application.call("POST", "/upload/generate-url", {}, headers | ORIGIN)
    assert response.status == 403


def test_status_needs_neither_key_nor_password(application: Application) -> None:
    issued = application.issue(b"x" * 10, "image/jpeg")
    assert application.status(issued["uploadId"])["status"] == "issued"
    assert issued["statusUrl"] == f"/upload/{issued['uploadId']}"


@pytest.mark.parametrize("upload_id", ["0" * 32, "x", "..", "%00"])
def test_status_of_an_unknown_upload_is_not_found(application: Application, upload_id: str) -> None:
    assert_problem(application.call("GET", f"/upload/{upload_id}"), 404, "not_found")


@pytest.mark.parametrize("path", ["/upload/generate-url", "/upload/" + "0" * 32])
def test_preflight_is_answered_without_a_key(application: Application, path: str) -> None:
    preflight = ORIGIN | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    response = application.call("OPTIONS", path, headers=preflight)
    assert response.status in {200, 204}
    assert response.headers["access-control-allow-origin"] == "*"
    assert {"content-type", "x-api-key"} <= set(response.headers["access-control-allow-headers"].lower().split(","))


def test_staging_bucket_allows_a_put_from_another_origin(application: Application) -> None:
    issued = application.issue(samples.jpeg(), "image/jpeg")
    preflight = ORIGIN | {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,if-none-match",
    }
    response = application.http.request("OPTIONS", issued["uploadUrl"], headers=preflight)
    assert response.status == 200, response.data
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    put = application.put(issued, samples.jpeg(), Origin=ORIGIN["Origin"])
    assert put.status == 200
    assert put.headers["Access-Control-Allow-Origin"] == "*"


def test_anonymous_read_of_a_final_object_is_forbidden(application: Application) -> None:
    verdict = application.upload_and_wait(samples.jpeg(3), "image/jpeg")
    url = f"{application.stack['endpointUrl']}/{application.stack['finalBucket']}/{verdict['finalKey']}"
    assert application.http.request("GET", url).status == 403
