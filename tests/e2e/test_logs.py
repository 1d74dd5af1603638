"""`phenom logs` on lines that the deployed functions logged."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from testkit.scripted_clamd import clamd_that
from tests.commands import run_phenom
from tests.e2e import samples
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import ChangeSettings
from tests.e2e.multipart_upload import start_bmp


def logs(application: Application, upload: str, *options: str) -> subprocess.CompletedProcess[str]:
    return run_phenom("logs", "local", upload, *options, "--stack", application.stack_file)


def report(application: Application, upload: str) -> str:
    done = logs(application, upload)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(application: Application, upload_id: str) -> list[dict[str, Any]]:
    content = json.loads(logs(application, upload_id, "--json").stdout)
    return [each["line"] for each in content["lines"] if isinstance(each["line"], dict)]


def rows(text: str) -> list[list[str]]:
    """Returns the words of each row without its time."""
    return [row.split()[2:] for row in text.partition("TIME (UTC)")[2].splitlines()[1:]]


def report_with(application: Application, upload_id: str, message: str) -> str:
    """Returns the report once it contains the message; the emulator logs an invocation after its end."""
    return str(wait_for(lambda: text if message in (text := report(application, upload_id)) else None, 30, message))


def test_report_of_an_accepted_upload_has_url_and_verdict(application: Application) -> None:
    verdict = application.upload_and_wait(samples.jpeg(70), "image/jpeg")
    text = report_with(application, verdict["uploadId"], "delivery finished")
    assert text.startswith(f"Upload {verdict['uploadId']}  accepted\n")
    assert f"bytes at s3://{application.stack['finalBucket']}/{verdict['finalKey']}" in text
    assert [row[:3] for row in rows(text)] == [
        ["presign", "upload", "issued"],
        ["validator", "delivery", "started"],
        ["validator", "delivery", "finished"],
    ]
    assert rows(text)[-1][3:5] == ["1", "accepted"]
    for name in (verdict["finalKey"], f"{application.stack['apiUrl']}/upload/{verdict['uploadId']}"):
        assert report(application, name) == text


def test_report_of_a_rejected_upload_has_the_reason(application: Application) -> None:
    verdict = application.upload_and_wait(samples.jpeg(71), "image/png")
    text = report_with(application, verdict["uploadId"], "delivery finished")
    assert f"rejected: {verdict['reason']}\n" in text
    assert rows(text)[-1][3:6] == ["1", "rejected", verdict["reason"]]
    assert rows(text)[-1][-4:] == verdict["detail"].split()[-4:]


def test_upload_command_names_the_command_for_the_logs(application: Application, tmp_path: Path) -> None:
    file = tmp_path / "evil.jpg"
    file.write_bytes(b"#!/bin/sh\n" * 20)
    done = run_phenom("upload", file, "--stack", application.stack_file)
    assert done.returncode == 1
    (upload_id,) = re.findall("phenom logs local ([0-9a-f]{32})", done.stdout)
    assert "rejected: " in report_with(application, upload_id, "delivery finished")


def test_report_of_a_held_upload_has_every_attempt_with_its_error(
    application: Application, changed_settings: ChangeSettings
) -> None:
    with changed_settings("validator", CLAMAV_HOST="127.0.0.1", CLAMAV_PORT="1"):
        upload_id = application.upload(samples.jpeg(72), "image/jpeg")["uploadId"]
        application.wait_for_verdict(upload_id, seconds=120)
    text = report_with(application, upload_id, "held")
    failed = [row for row in rows(text) if row[1:3] == ["delivery", "failed"]]
    assert [row[3] for row in failed] == ["1", "2", "3", "4", "5"]
    assert all("ScannerError:" in " ".join(row) and "ConnectionRefusedError" in " ".join(row) for row in failed)
    held = next(row for row in rows(text) if "held" in row)
    assert held[1:5] == ["delivery", "finished", "6", "held"]
    assert f"bytes at s3://{application.stack['stagingBucket']}/held/{upload_id}.jpg" in text

    run_phenom("redrive", "local", "--stack", application.stack_file)
    text = report_with(application, upload_id, "accepted")
    assert text.count("new message: redriven") == 1
    assert rows(text)[-1][1:5] == ["delivery", "finished", "1", "accepted"]
    assert f"nothing at held/{upload_id}.jpg" in text


def test_killed_worker_is_in_the_report(application: Application, changed_settings: ChangeSettings) -> None:
    """The emulator kills it as Lambda does, but does not log it."""
    with (
        clamd_that(lambda session: session.stop.wait()) as clamd,
        changed_settings("validator", timeout=2, CLAMAV_HOST="127.0.0.1", CLAMAV_PORT=str(clamd.port)),
    ):
        upload_id = application.upload(samples.jpeg(74), "image/jpeg")["uploadId"]
        text = report_with(application, upload_id, "delivery started")
    started = next(row for row in rows(text) if row[1:3] == ["delivery", "started"])
    assert started[3] == "1"
    assert int(started[4]) >= 2000
    assert started[5:] == ["no", "result:", "killed,", "or", "still", "running"]


def test_calls_of_a_multipart_upload_are_in_its_report(application: Application) -> None:
    parts, cancelled = start_bmp(application), start_bmp(application)
    assert parts.complete().status == 409
    parts.put_parts()
    assert parts.complete().status == 200
    application.wait_for_verdict(parts.upload_id)
    text = report_with(application, parts.upload_id, "delivery finished")
    calls = [" ".join(row[1:]) for row in rows(text) if row[0] == "presign"]  # the validator may write in between
    expected = ("multipart upload begun", "request refused conflict", "parts signed", "multipart upload complete")
    for call, words in zip(calls, expected, strict=True):
        assert call.startswith(words)
    assert "2 of 8,388,608 bytes, completing" in text
    assert cancelled.call("DELETE", "").status == 204
    assert "multipart upload aborted" in report_with(application, cancelled.upload_id, "aborted")


def test_lines_have_the_ids_of_access_log_and_trace(application: Application) -> None:
    issued = application.upload(samples.jpeg(73), "image/jpeg")
    application.wait_for_verdict(issued["uploadId"])
    report_with(application, issued["uploadId"], "delivery finished")
    ours = lines(application, issued["uploadId"])
    assert {line["upload_id"] for line in ours} == {issued["uploadId"]}
    assert all(line["function_request_id"] for line in ours)
    assert ours[0]["api_request_id"]


def test_logs_of_an_unknown_upload_fail(application: Application) -> None:
    done = logs(application, "0d" * 16)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not found in the ledger" in done.stderr
