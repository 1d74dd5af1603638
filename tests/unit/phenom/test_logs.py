"""`phenom logs`: which facts about an upload are found, in which order, and how they are shown."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.fakes import NOON
from uploads.multipart import Multipart
from uploads.record import Status, Upload

ID = "0123456789abcdef" * 2
OTHER = "f" * 32
REQUEST = "b7c1c3a0-7f2e-4b43-9a53-0d0a8e3f6a11"
SECOND_REQUEST = REQUEST.replace("b7", "c8")
UPLOAD = Upload(
    upload_id=ID,
    status=Status.REJECTED,
    content_type="image/png",
    file_size=48_211,
    file_name="Frau Müller am Strand.png",
    created_at=NOON,
    updated_at=NOON + timedelta(seconds=3),
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def line(message: str, since_noon: float, request: str = REQUEST, **more: Any) -> dict[str, Any]:
    at = after(since_noon)
    stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03}+0000"
    return {"level": "INFO", "message": message, "timestamp": stamp, "function_request_id": request, **more}


def test_report_of_a_rejected_upload_is_sorted_by_the_functions_time(stack, report):
    """CloudWatch may receive the lines late and in another order."""
    verdict = {"reason": "type_mismatch", "detail": "This is a GIF picture."}
    stack.record(UPLOAD)
    stack.dynamodb.items[ID] |= {name: {"S": value} for name, value in verdict.items()}
    stack.logs.write("presign", line("upload issued", 0.2, SECOND_REQUEST, upload_id=ID), NOON)
    stack.logs.write("presign", f"REPORT RequestId: {SECOND_REQUEST}\tDuration: 20.60 ms\tBilled Duration: 21 ms", NOON)
    finished = line("delivery finished", 2.25, upload_id=ID, attempt=1, result="rejected", seconds=0.1234, **verdict)
    stack.logs.write("validator", finished, after(9))
    stack.logs.write("validator", line("delivery started", 2.1, upload_id=ID, attempt=1), after(9))
    stack.logs.write("validator", f"START RequestId: {REQUEST} Version: $LATEST", after(9))
    stack.logs.write(
        "validator", f"REPORT RequestId: {REQUEST}\tDuration: 150.00 ms\tBilled Duration: 151 ms", after(9)
    )
    stack.logs.write("validator", line("delivery started", 2.1, "other", upload_id=OTHER), after(9))
    assert report.run(ID) == 0
    assert f"Upload {ID}  rejected: type_mismatch\n" in report.out
    assert 'image/png, 48,211 bytes, "Frau Müller am Strand.png"' in report.out
    assert f"nothing at uploads/{ID}.png" in report.out
    assert report.rows() == [
        "12:00:00.200 presign upload issued 21",
        "12:00:02.100 validator delivery started 1",
        "12:00:02.250 validator delivery finished 1 rejected type_mismatch 123 This is a GIF picture.",
    ]
    assert OTHER not in report.out


def test_killed_worker_is_shown_by_lambdas_own_lines(stack, report):
    """Only its first line has the upload's id; Lambda's have only the request id."""
    stack.record(replace(UPLOAD, status=Status.VALIDATING))
    stack.logs.write("validator", line("delivery started", 1, upload_id=ID, attempt=1), after(1))
    stack.logs.write("validator", f"2026-11-23T12:05:01.000Z {REQUEST} Task timed out after 300.00 seconds", after(301))
    end = f"REPORT RequestId: {REQUEST}\tDuration: 300000.00 ms\tMax Memory Used: 9 MB\tStatus: timeout"
    stack.logs.write("validator", end, after(301))
    stack.logs.write(
        "validator", line("delivery started", 320, SECOND_REQUEST, upload_id=ID, attempt=2), after(320), "2"
    )
    stack.logs.write(
        "validator", f"RequestId: {SECOND_REQUEST} Error: Runtime exited with error: signal: killed", after(340), "2"
    )
    end = f"REPORT RequestId: {SECOND_REQUEST}\tDuration: 20.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory"
    stack.logs.write("validator", end, after(340), "2")
    assert report.run(ID) == 0
    assert report.rows() == [
        "12:00:01.000 validator delivery started 1 300000 no result: killed, or still running",
        f"12:05:01.000 validator 2026-11-23T12:05:01.000Z {REQUEST} Task timed out after 300.00 seconds",
        "12:05:01.000 validator the function ended: timeout",
        "12:05:20.000 validator delivery started 2 20 no result: killed, or still running",
        f"12:05:40.000 validator RequestId: {SECOND_REQUEST} Error: Runtime exited with error: signal: killed",
        "12:05:40.000 validator the function ended: error Runtime.OutOfMemory",
    ]


def test_other_lines_of_an_invocation_are_shown_without_its_metrics(stack, report):
    stack.record(UPLOAD)
    stack.logs.write("presign", line("secret not read", 1, cause="secret s: Throttling"), after(1))
    stack.logs.write("presign", line("upload issued", 2, upload_id=ID), after(2))
    stack.logs.write("presign", {"_aws": {}, "request": REQUEST, "UploadIssued": [1.0]}, after(2))
    report.run(ID)
    assert report.rows() == [
        "12:00:01.000 presign secret not read secret s: Throttling",
        "12:00:02.000 presign upload issued",
    ]


def test_delivery_of_a_new_message_is_marked(stack, report):
    """It explains why attempts count from 1 again."""
    stack.record(UPLOAD)
    for at, message, attempt in ((1, "a", 1), (20, "a", 2), (500, "b", 1), (520, "b", 2)):
        request = f"{at:08d}-0000-0000-0000-000000000000"
        about = {"upload_id": ID, "message_id": message, "attempt": attempt}
        stack.logs.write("validator", line("delivery started", at, request, **about), after(at))
        stack.logs.write("validator", line("delivery failed", at + 1, request, **about), after(at + 1))
    report.run(ID)
    again = [row for row in report.rows() if "new message: redriven" in row]
    assert [row.split()[0] for row in again] == ["12:08:20.000"]


def test_failed_attempt_shows_the_last_line_of_its_exception(stack, report):
    stack.record(UPLOAD)
    exception = "Traceback (most recent call last):\n  …\nvalidator.ports.ScannerError: clamd: ConnectionRefusedError"
    stack.logs.write("validator", line("delivery failed", 1, upload_id=ID, attempt=3, exception=exception), after(1))
    report.run(ID)
    (row,) = report.rows()
    assert row.endswith("delivery failed 3 validator.ports.ScannerError: clamd: ConnectionRefusedError")


def test_objects_are_shown_with_size_and_location(stack, report):
    stack.record(replace(UPLOAD, status=Status.HELD))
    stack.s3.objects["staging", f"held/{ID}.png"] = 48_211
    report.run(ID)
    assert f"48,211 bytes at s3://staging/held/{ID}.png, since 2026-11-23 12:01:00 UTC" in report.out
    assert f"nothing at images/2026/11/23/{ID}.png" in report.out
    assert "The logs have no line about it" in report.out


def test_parts_and_lease_are_shown(stack, report):
    stack.record(
        replace(
            UPLOAD,
            status=Status.VALIDATING,
            multipart=Multipart(multipart_id="m", part_bytes=5_242_880, part_count=2, with_sha256=False),
        )
    )
    stack.dynamodb.items[ID]["leaseUntil"] = {"N": str(NOON.timestamp())}
    report.run(ID)
    assert "2 of 5,242,880 bytes, open" in report.out
    assert "leased     until 2026-11-23" in report.out


def test_logs_are_searched_since_the_upload_was_issued(stack, report):
    stack.record(UPLOAD)
    report.run(ID)
    assert [query["filterPattern"] for query in stack.logs.queries] == [f'"{ID}"'] * 2
    assert {query["startTime"] for query in stack.logs.queries} == {int(after(-300).timestamp() * 1000)}
    assert all(query["endTime"] > query["startTime"] for query in stack.logs.queries)


def test_upload_without_a_record_is_found_in_the_logs(stack, report):
    recently = datetime.now(NOON.tzinfo)
    entry = {"message": "delivery finished", "upload_id": ID, "key": f"uploads/{ID}.png", "result": "accepted"}
    stack.logs.write("validator", entry, recently - timedelta(days=35))
    assert report.run(ID) == 0
    assert "The ledger has no record: it keeps one for 30 days." in report.out
    assert f"nothing at held/{ID}.png" in report.out
    assert "images/" not in report.out
    assert report.rows()[0].endswith("validator delivery finished accepted")
    assert report.run("--days", "30", ID) == 1


def test_unknown_upload_fails_and_names_the_places_searched(stack, report):
    assert report.run(ID) == 1
    assert f"Upload {ID} not found in the ledger or in 40 days of logs." in report.err
    assert report.out == ""


def test_json_has_the_lines_as_they_were_logged(stack, report):
    stack.record(UPLOAD)
    stack.logs.write("presign", line("upload issued", 1, upload_id=ID, xray_trace_id="1-2-3"), after(1))
    stack.logs.write("presign", f"REPORT RequestId: {REQUEST}\tDuration: 1.00 ms", after(1))
    assert report.run("--json", ID) == 0
    content = json.loads(report.out)
    assert (content["uploadId"], content["record"]["file_name"]) == (ID, UPLOAD.file_name)
    assert content["lines"][0]["line"]["xray_trace_id"] == "1-2-3"
    assert content["lines"][1]["line"].startswith("REPORT")
    assert [place["name"] for place in content["objects"]] == ["staging", "held", "final"]


def test_control_characters_of_a_file_name_are_replaced(stack, report):
    stack.record(replace(UPLOAD, file_name="\x1b[2J\u202egpj.\nexe"))
    stack.logs.write("validator", line("x\x1b[2J", 1, upload_id=ID, detail="\u202e\x07"), after(1))
    report.run(ID)
    assert not {"\x1b", "\u202e", "\x07"} & set(report.out)
    assert "\ufffd[2J\ufffdgpj.\ufffdexe" in report.out


def test_line_in_another_format_is_shown_as_it_is(stack, report):
    stack.record(UPLOAD)
    for message in (f"plain {ID}", f'["{ID}"]', {"upload_id": ID}, {"message": ID, "timestamp": 7}):
        stack.logs.write("validator", message, after(1))
    report.run(ID)
    assert [row.removeprefix("12:00:01.000 validator ") for row in report.rows()] == [
        f"plain {ID}",
        f'["{ID}"]',
        f'{{"upload_id": "{ID}"}}',
        ID,
    ]


def test_missing_log_group_is_named_and_the_others_are_shown(stack, report):
    stack.record(UPLOAD)
    del stack.logs.groups["/aws/lambda/url-generator"]
    stack.logs.write("validator", line("delivery started", 1, upload_id=ID), after(1))
    assert report.run(ID) == 0
    assert report.err == "There is no log group /aws/lambda/url-generator.\n"
    assert len(report.rows()) == 1
