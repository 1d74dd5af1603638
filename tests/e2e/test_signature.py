"""Presigned upload URLs: S3 accepts one object of the declared size and type until the URL expires."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.e2e import samples
from tests.e2e.api import Application
from tests.e2e.conftest import ChangeSettings

CONTENT = samples.jpeg(10)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda url: url.replace(".jpg?", ".png?"),
        lambda url: re.sub(r"uploads/.{4}", "uploads/0000", url),
        lambda url: url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
        lambda url: url[:-4] + ("0000" if not url.endswith("0000") else "1111"),
        lambda url: url.replace("X-Amz-SignedHeaders=content-length%3B", "X-Amz-SignedHeaders="),
    ],
    ids=["another extension", "another upload", "longer expiry", "another signature", "size not signed"],
)
def test_tampered_url_is_refused(application: Application, tamper: Callable[[str], str]) -> None:
    issued = application.issue(CONTENT, "image/jpeg")
    tampered = tamper(issued["uploadUrl"])
    assert tampered != issued["uploadUrl"]
    assert application.put(issued | {"uploadUrl": tampered}, CONTENT).status == 403


@pytest.mark.parametrize("content", [CONTENT + b"x", CONTENT[:-1], b""], ids=["longer", "shorter", "empty"])
def test_content_of_another_size_is_refused(application: Application, content: bytes) -> None:
    assert application.put(application.issue(CONTENT, "image/jpeg"), content).status == 403


def test_another_content_type_is_refused(application: Application) -> None:
    assert application.put(application.issue(CONTENT, "image/jpeg"), CONTENT, Content_Type="text/html").status == 403


@pytest.mark.parametrize("condition", [None, '"0123"'], ids=["missing", "another"])
def test_put_without_the_overwrite_condition_is_refused(application: Application, condition: str | None) -> None:
    issued = application.issue(CONTENT, "image/jpeg")
    assert application.put(issued, CONTENT, If_None_Match=condition).status == 403


def test_upload_url_allows_neither_read_nor_delete(application: Application) -> None:
    issued = application.issue(CONTENT, "image/jpeg")
    for method in ("GET", "HEAD", "DELETE"):
        assert application.http.request(method, issued["uploadUrl"], headers=issued["headers"]).status == 403


def test_upload_url_expires(application: Application, changed_settings: ChangeSettings) -> None:
    with changed_settings("presign", URL_TTL_SECONDS="1"):
        issued = application.issue(CONTENT, "image/jpeg")
    time.sleep(2.1)
    assert application.put(issued, CONTENT).status == 403


def test_second_put_before_the_verdict_is_refused(
    application: Application, validator_paused: Callable[[], AbstractContextManager[None]]
) -> None:
    with validator_paused():
        issued = application.upload(CONTENT, "image/jpeg")
        assert application.put(issued, CONTENT).status == 412
        assert application.status(issued["uploadId"])["status"] == "issued"
    assert application.wait_for_verdict(issued["uploadId"])["status"] == "accepted"


def test_put_after_the_verdict_is_refused_and_changes_nothing(application: Application) -> None:
    issued = application.upload(CONTENT, "image/jpeg")
    verdict = application.wait_for_verdict(issued["uploadId"])
    application.wait_until_removed(issued["key"])
    assert application.put(issued, samples.ELF.ljust(len(CONTENT), b"\0")[: len(CONTENT)]).status == 412
    assert application.status(issued["uploadId"]) == verdict
    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
    assert final["Body"].read() == CONTENT
    assert len(application.final_versions(verdict["finalKey"])) == 1
