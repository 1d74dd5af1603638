"""What the URL of a part allows, and what a browser may do with it. S3 itself refuses the rest."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.e2e.api import Application
from tests.e2e.parts import BMP, assert_conflict, begin

type Pause = Callable[[], AbstractContextManager[None]]

ORIGIN = {"Origin": "https://page.example"}


@pytest.mark.parametrize("numbers", [[3], [0], [1, 1], []])
def test_foreign_part_numbers_are_refused(application: Application, numbers: list[int]) -> None:
    answer = begin(application).call("POST", "/parts", {"partNumbers": numbers})
    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
    assert answer.json["errors"][0]["field"].startswith("partNumbers")


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
    ids=["foreign part", "other part", "other upload", "whole object", "other key", "size unsigned"],
)
def test_the_url_of_a_part_is_for_that_part_alone(application: Application, tamper: Callable[[str], str]) -> None:
    parts = begin(application)
    signed = parts.sign(1)[1]
    tampered = tamper(signed["uploadUrl"])
    assert tampered != signed["uploadUrl"]
    assert parts.put(signed | {"uploadUrl": tampered}, parts.of(1)).status == 403
    assert parts.call("GET", "/parts").json["parts"] == []


def test_a_part_of_another_size_is_refused_by_s3(application: Application) -> None:
    parts = begin(application)
    signed = parts.sign(1, 2)
    for number, content in (
        (1, parts.of(1) + b"x"),
        (1, parts.of(1)[:-1]),
        (1, b""),
        (1, parts.of(2)),
        (2, parts.of(1)),
    ):
        assert parts.put(signed[number], content).status == 403
    assert_conflict(parts.complete(), "part 1 is missing", "part 2 is missing")


def test_a_part_with_other_bytes_than_its_digest_is_refused_by_s3(application: Application) -> None:
    parts = begin(application, partChecksums="sha256")
    signed = parts.sign(1)[1]
    assert parts.put(signed, parts.of(1)[:-1] + b"x").status == 400
    assert parts.put({**signed, "headers": {}}, parts.of(1)).status == 403
    assert parts.call("GET", "/parts").json["parts"] == []
    assert parts.call("POST", "/parts", {"partNumbers": [1]}).status == 400


def test_a_part_may_be_sent_again_and_the_last_one_counts(application: Application, validator_paused: Pause) -> None:
    parts = begin(application)
    signed = parts.sign(1)[1]
    parts.put(signed, parts.of(1)[:-1] + b"x")
    parts.send()
    with validator_paused():
        assert parts.complete().status == 200
        assert parts.staged() == BMP


def test_the_url_of_a_part_is_dead_after_completion(application: Application, validator_paused: Pause) -> None:
    parts = begin(application)
    signed = parts.sign(1)[1]
    parts.send()
    with validator_paused():
        parts.complete()
        assert parts.put(signed, parts.of(1)[::-1]).status == 404
        assert parts.staged() == BMP
        assert_conflict(parts.call("POST", "/parts", {"partNumbers": [1]}))


@pytest.mark.parametrize("path", ["/upload/multipart", f"/upload/{'0' * 32}/parts", f"/upload/{'0' * 32}/complete"])
def test_preflight_is_answered_without_a_key(application: Application, path: str) -> None:
    asked = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = application.call("OPTIONS", path, headers=asked)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_browser_may_abort(application: Application) -> None:
    asked = ORIGIN | {"Access-Control-Request-Method": "DELETE"}
    answer = application.call("OPTIONS", f"/upload/{'0' * 32}", headers=asked)
    assert "DELETE" in answer.headers["access-control-allow-methods"]


def test_a_browser_may_put_parts_with_digests_and_read_what_s3_says_of_them(application: Application) -> None:
    parts = begin(application, partChecksums="sha256")
    signed = parts.sign(2)[2]
    asked = ORIGIN | {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-amz-checksum-sha256",
    }
    allowed = application.http.request("OPTIONS", signed["uploadUrl"], headers=asked)
    assert allowed.status == 200, allowed.data
    answer = parts.put(signed, parts.of(2), **ORIGIN)
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert answer.status == 200
    assert "etag" in exposed
    assert "x-amz-checksum-sha256" in exposed
