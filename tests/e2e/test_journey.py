"""Uploads from the URL to the verdict."""

import hashlib
from base64 import b64encode
from pathlib import Path
from urllib.parse import unquote

import pytest

from phenom.aws.stacks import LIVE
from testkit.clamd import eicar
from tests.e2e import samples
from tests.e2e.api import Application
from uploads.media_types import MEDIA_TYPES


@pytest.mark.parametrize("mime", MEDIA_TYPES)
def test_each_accepted_type_reaches_the_final_bucket(application: Application, mime: str, tmp_path: Path) -> None:
    content = create(mime, tmp_path)
    issued = application.upload(content, mime, fileName="Grüße 🌍 & +1.bin")
    verdict = application.wait_for_verdict(issued["uploadId"])
    assert verdict["status"] == "accepted", verdict
    family = mime.split("/", maxsplit=1)[0] + "s"
    date = verdict["createdAt"][:10].replace("-", "/")
    assert verdict["finalKey"] == f"{family}/{date}/{issued['uploadId']}.{MEDIA_TYPES[mime].extension}"

    final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
    assert final["Body"].read() == content
    assert final["ContentType"] == mime
    assert final["Metadata"]["upload-id"] == issued["uploadId"]
    assert unquote(final["Metadata"]["file-name"]) == "Grüße 🌍 & +1.bin"
    assert final.get("ContentDisposition") == ("attachment" if mime == "image/svg+xml" else None)
    application.wait_until_removed(issued["key"])


def create(mime: str, directory: Path) -> bytes:
    if mime in samples.VIDEO_RECIPES:
        return samples.video(mime, directory)
    return samples.SVG if mime == "image/svg+xml" else samples.image(mime)


def test_declared_sha256_is_enforced_and_stored(application: Application) -> None:
    content = samples.jpeg(1)
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    other = b64encode(hashlib.sha256(b"other").digest()).decode()

    wrong = application.issue(content, "image/jpeg", sha256=other)
    assert application.put(wrong, content).status in {400, 403}
    assert application.status(wrong["uploadId"])["status"] == "issued"

    right = application.upload(content, "image/jpeg", sha256=digest)
    verdict = application.wait_for_verdict(right["uploadId"])
    final = application.s3.head_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
    assert final["Metadata"]["sha256"] == digest


@pytest.mark.parametrize(
    ("content", "mime", "reason"),
    [
        (samples.ELF, "image/jpeg", "unsupported_type"),
        (samples.image("image/png"), "image/jpeg", "type_mismatch"),
        (samples.jpeg()[:-300], "image/jpeg", "malformed"),
        (samples.SVG.replace(b"<circle", b"<script>alert(1)</script><circle"), "image/svg+xml", "active_content"),
        (samples.image("image/png") + b"PK\x03\x04" + bytes(200), "image/png", "polyglot"),
    ],
)  # fmt: skip
def test_rejected_file_has_a_reason_and_is_removed(
    application: Application, content: bytes, mime: str, reason: str
) -> None:
    issued = application.upload(content, mime)
    verdict = application.wait_for_verdict(issued["uploadId"])
    assert (verdict["status"], verdict["reason"]) == ("rejected", reason)
    assert verdict["detail"]
    assert "finalKey" not in verdict
    application.wait_until_removed(issued["key"])


def test_infected_file_is_rejected(application: Application) -> None:
    functions = application.functions
    name = application.function_name("validator")
    settings = functions.get_function_configuration(FunctionName=name, Qualifier=LIVE)
    if not settings["Environment"]["Variables"]["CLAMAV_HOST"]:
        pytest.skip("clamd is not installed, so the local cloud does not scan")
    text = samples.SVG.replace(b"<circle", b"<text>" + eicar() + b"</text><circle")
    verdict = application.upload_and_wait(text, "image/svg+xml")
    assert (verdict["status"], verdict["reason"]) == ("rejected", "infected")


def test_logs_contain_no_password(application: Application) -> None:
    application.request_url(contentType="image/jpeg", fileSize=1, password="wrong-" + "secret")
    application.upload_and_wait(samples.jpeg(2), "image/jpeg")
    logs = application.client("logs")
    for name in (application.function_name("presign"), application.function_name("validator")):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        text = "\n".join(event["message"] for page in pages for event in page["events"])
        assert "delivery finished" in text or "upload issued" in text
        assert "wrong-secret" not in text
        assert application.stack["password"] not in text
