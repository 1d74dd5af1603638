"""Presigned URLs of parts: what S3 accepts and refuses, also from a browser."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.e2e.api import Application
from tests.e2e.multipart_upload import BMP, assert_conflict, start_bmp

type Pause = Callable[[], AbstractContextManager[None]]

ORIGIN = {"Origin": "https://page.example"}


@pytest.mark.parametrize("numbers", [[3], [0], [1, 1], []])
def test_invalid_part_numbers_are_refused(application: Application, numbers: list[int]) -> None:
    response = start_bmp(application).call("POST", "/parts", {"partNumbers": numbers})
    assert (response.status, response.json["code"]) == (400, "invalid_request")
    assert response.json["errors"][0]["field"].startswith("partNumbers")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda url: url.replace("partNumber=1&", "partNumber=3&"),
        lambda url: url.replace("partNumber=1&", "partNumber=2&"),
        lambda url: re.sub(r"uploadId=.{4}", "uploadId=0000", url),
        lambda url: re.sub(r"[?&]uploadId=[^&]*", "", url).replace("&", "?", 1),
        lambda url: url.replace(".bmp?", ".png?"),
        lambda url: url.replace("X-Amz-SignedHeaders=content-length%3Bhost", "X-Amz-SignedHeaders=host"),
    ],
    ids=["part out of range", "another part", "another upload", "whole object", "another key", "size not signed"],
)
def test_tampered_part_url_is_refused(application: Application, tamper: Callable[[str], str]) -> None:
    parts = start_bmp(application)
    signed = parts.sign(1)[1]
    tampered = tamper(signed["uploadUrl"])
    assert tampered != signed["uploadUrl"]
    assert parts.put(signed | {"uploadUrl": tampered}, parts.part(1)).status == 403
    assert parts.call("GET", "/parts").json["parts"] == []


def test_part_of_another_size_is_refused(application: Application) -> None:
    parts = start_bmp(application)
    signed = parts.sign(1, 2)
    for number, content in (
        (1, parts.part(1) + b"x"),
        (1, parts.part(1)[:-1]),
        (1, b""),
        (1, parts.part(2)),
        (2, parts.part(1)),
    ):
        assert parts.put(signed[number], content).status == 403
    assert_conflict(parts.complete(), "part 1 is missing", "part 2 is missing")


def test_part_that_differs_from_its_digest_is_refused(application: Application) -> None:
    parts = start_bmp(application, partChecksums="sha256")
    signed = parts.sign(1)[1]
    assert parts.put(signed, parts.part(1)[:-1] + b"x").status == 400
    assert parts.put({**signed, "headers": {}}, parts.part(1)).status == 403
    assert parts.call("GET", "/parts").json["parts"] == []
    assert parts.call("POST", "/parts", {"partNumbers": [1]}).status == 400


def test_part_sent_twice_keeps_the_last_content(application: Application, validator_paused: Pause) -> None:
    parts = start_bmp(application)
    signed = parts.sign(1)[1]
    parts.put(signed, parts.part(1)[:-1] + b"x")
    parts.put_parts()
    with validator_paused():
        assert parts.complete().status == 200
        assert parts.staged() == BMP


def test_part_url_is_refused_after_completion(application: Application, validator_paused: Pause) -> None:
    parts = start_bmp(application)
    signed = parts.sign(1)[1]
    parts.put_parts()
    with validator_paused():
        parts.complete()
        assert parts.put(signed, parts.part(1)[::-1]).status == 404
        assert parts.staged() == BMP
        assert_conflict(parts.call("POST", "/parts", {"partNumbers": [1]}))


@pytest.mark.parametrize("path", ["/upload/multipart", f"/upload/{'0' * 32}/parts", f"/upload/{'0' * 32}/complete"])
def test_preflight_is_answered_without_a_key(application: Application, path: str) -> None:
    preflight = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    response = application.call("OPTIONS", path, headers=preflight)
    assert response.status == 204
    assert response.headers["access-control-allow-origin"] == "*"


def test_preflight_allows_delete(application: Application) -> None:
    preflight = ORIGIN | {"Access-Control-Request-Method": "DELETE"}
    response = application.call("OPTIONS", f"/upload/{'0' * 32}", headers=preflight)
    assert "DELETE" in response.headers["access-control-allow-methods"]


def test_browser_may_put_a_part_and_read_etag_and_checksum(application: Application) -> None:
    parts = start_bmp(application, partChecksums="sha256")
    signed = parts.sign(2)[2]
    preflight = ORIGIN | {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-amz-checksum-sha256",
    }
    allowed = application.http.request("OPTIONS", signed["uploadUrl"], headers=preflight)
    assert allowed.status == 200, allowed.data
    response = parts.put(signed, parts.part(2), **ORIGIN)
    exposed = response.headers["access-control-expose-headers"].lower()
    assert response.status == 200
    assert "etag" in exposed
    assert "x-amz-checksum-sha256" in exposed
