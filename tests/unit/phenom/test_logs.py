"""The story of one upload: what is found, in which order, and how it is shown."""

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


def test_story_of_a_rejected_upload_tells_all_from_the_api_to_the_verdict(stack, told):
    """In the order in which it happened, whatever the order in which the logs have it."""
    verdict = {"reason": "type_mismatch", "detail": "This is a GIF picture."}
    stack.record(UPLOAD)
    stack.dynamodb.items[ID] |= {name: {"S": value} for name, value in verdict.items()}
    stack.logs.write("presign", line("upload issued", 0.2, SECOND_REQUEST, upload_id=ID), NOON)
    stack.logs.write("presign", f"REPORT RequestId: {SECOND_REQUEST}\tDuration: 20.60 ms\tBilled Duration: 21 ms", NOON)
    dealt = line("delivery finished", 2.25, upload_id=ID, attempt=1, result="rejected", seconds=0.1234, **verdict)
    stack.logs.write("validator", dealt, after(9))
    stack.logs.write("validator", line("delivery started", 2.1, upload_id=ID, attempt=1), after(9))
    stack.logs.write("validator", f"START RequestId: {REQUEST} Version: $LATEST", after(9))
    stack.logs.write(
        "validator", f"REPORT RequestId: {REQUEST}\tDuration: 150.00 ms\tBilled Duration: 151 ms", after(9)
    )
    stack.logs.write("validator", line("delivery started", 2.1, "other", upload_id=OTHER), after(9))
    assert told.run(ID) == 0
    assert f"Upload {ID}  rejected: type_mismatch\n" in told.out
    assert 'image/png, 48,211 bytes, "Frau Müller am Strand.png"' in told.out
    assert f"nothing at uploads/{ID}.png" in told.out
    assert told.rows() == [
        "12:00:00.200 presign upload issued 21",
        "12:00:02.100 validator delivery started 1",
        "12:00:02.250 validator delivery finished 1 rejected type_mismatch 123 This is a GIF picture.",
    ]
    assert OTHER not in told.out


def test_worker_that_was_killed_is_told_of_by_what_lambda_says_of_its_request(stack, told):
    """It wrote one line with the upload's id; the others carry that of the request alone."""
    stack.record(replace(UPLOAD, status=Status.VALIDATING))
    stack.logs.write("validator", line("delivery started", 1, upload_id=ID, attempt=1), after(1))
    stack.logs.write("validator", f"2026-11-23T12:05:01.000Z {REQUEST} Task timed out after 300.00 seconds", after(301))
    report = f"REPORT RequestId: {REQUEST}\tDuration: 300000.00 ms\tMax Memory Used: 9 MB\tStatus: timeout"
    stack.logs.write("validator", report, after(301))
    stack.logs.write(
        "validator", line("delivery started", 320, SECOND_REQUEST, upload_id=ID, attempt=2), after(320), "2"
    )
    stack.logs.write(
        "validator", f"RequestId: {SECOND_REQUEST} Error: Runtime exited with error: signal: killed", after(340), "2"
    )
    report = f"REPORT RequestId: {SECOND_REQUEST}\tDuration: 20.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory"
    stack.logs.write("validator", report, after(340), "2")
    assert told.run(ID) == 0
    assert told.rows() == [
        "12:00:01.000 validator delivery started 1 300000 no result: killed, or still at work",
        f"12:05:01.000 validator 2026-11-23T12:05:01.000Z {REQUEST} Task timed out after 300.00 seconds",
        "12:05:01.000 validator the function ended: timeout",
        "12:05:20.000 validator delivery started 2 20 no result: killed, or still at work",
        f"12:05:40.000 validator RequestId: {SECOND_REQUEST} Error: Runtime exited with error: signal: killed",
        "12:05:40.000 validator the function ended: error Runtime.OutOfMemory",
    ]


def test_what_an_invocation_wrote_beside_is_part_of_the_story_and_its_metrics_are_not(stack, told):
    stack.record(UPLOAD)
    stack.logs.write("presign", line("secret not read", 1, cause="secret s: Throttling"), after(1))
    stack.logs.write("presign", line("upload issued", 2, upload_id=ID), after(2))
    stack.logs.write("presign", {"_aws": {}, "request": REQUEST, "UploadIssued": [1.0]}, after(2))
    told.run(ID)
    assert told.rows() == [
        "12:00:01.000 presign secret not read secret s: Throttling",
        "12:00:02.000 presign upload issued",
    ]


def test_delivery_of_another_message_is_told_of_as_such(stack, told):
    """Its attempts count from 1 again, which nobody would understand otherwise."""
    stack.record(UPLOAD)
    for at, message, attempt in ((1, "a", 1), (20, "a", 2), (500, "b", 1), (520, "b", 2)):
        request = f"{at:08d}-0000-0000-0000-000000000000"
        about = {"upload_id": ID, "message_id": message, "attempt": attempt}
        stack.logs.write("validator", line("delivery started", at, request, **about), after(at))
        stack.logs.write("validator", line("delivery failed", at + 1, request, **about), after(at + 1))
    told.run(ID)
    again = [row for row in told.rows() if "told of anew: redriven" in row]
    assert [row.split()[0] for row in again] == ["12:08:20.000"]


def test_failed_attempt_is_told_by_the_last_line_of_its_exception(stack, told):
    stack.record(UPLOAD)
    exception = "Traceback (most recent call last):\n  …\nvalidator.ports.ScannerError: clamd: ConnectionRefusedError"
    stack.logs.write("validator", line("delivery failed", 1, upload_id=ID, attempt=3, exception=exception), after(1))
    told.run(ID)
    (row,) = told.rows()
    assert row.endswith("delivery failed 3 validator.ports.ScannerError: clamd: ConnectionRefusedError")


def test_objects_are_told_by_where_they_lie_now(stack, told):
    stack.record(replace(UPLOAD, status=Status.HELD))
    stack.s3.objects["staging", f"held/{ID}.png"] = 48_211
    told.run(ID)
    assert f"48,211 bytes at s3://staging/held/{ID}.png, since 2026-11-23 12:01:00 UTC" in told.out
    assert f"nothing at images/2026/11/23/{ID}.png" in told.out
    assert "The logs say nothing of it" in told.out


def test_parts_and_a_lease_are_told(stack, told):
    stack.record(
        replace(
            UPLOAD,
            status=Status.VALIDATING,
            multipart=Multipart(multipart_id="m", part_bytes=5_242_880, part_count=2, with_sha256=False),
        )
    )
    stack.dynamodb.items[ID]["leaseUntil"] = {"N": str(NOON.timestamp())}
    told.run(ID)
    assert "2 of 5,242,880 bytes, open" in told.out
    assert "leased     until 2026-11-23" in told.out


def test_logs_are_searched_from_when_the_upload_was_issued_until_now(stack, told):
    stack.record(UPLOAD)
    told.run(ID)
    assert [query["filterPattern"] for query in stack.logs.queries] == [f'"{ID}"'] * 2
    assert {query["startTime"] for query in stack.logs.queries} == {int(after(-300).timestamp() * 1000)}
    assert all(query["endTime"] > query["startTime"] for query in stack.logs.queries)


def test_upload_whose_record_has_gone_is_told_from_the_logs_alone(stack, told):
    recently = datetime.now(NOON.tzinfo)
    entry = {"message": "delivery finished", "upload_id": ID, "key": f"uploads/{ID}.png", "result": "accepted"}
    stack.logs.write("validator", entry, recently - timedelta(days=35))
    assert told.run(ID) == 0
    assert "The ledger does not know it, or not any more: records go after 30 days." in told.out
    assert f"nothing at held/{ID}.png" in told.out
    assert "images/" not in told.out
    assert told.rows()[0].endswith("validator delivery finished accepted")
    assert told.run("--days", "30", ID) == 1


def test_upload_that_nobody_knows_is_a_failure_that_says_where_it_was_looked_for(stack, told):
    assert told.run(ID) == 1
    assert f"Nobody knows upload {ID}: neither the ledger nor the logs of the last 40 days." in told.err
    assert told.out == ""


def test_json_has_the_lines_as_they_were_logged(stack, told):
    stack.record(UPLOAD)
    stack.logs.write("presign", line("upload issued", 1, upload_id=ID, xray_trace_id="1-2-3"), after(1))
    stack.logs.write("presign", f"REPORT RequestId: {REQUEST}\tDuration: 1.00 ms", after(1))
    assert told.run("--json", ID) == 0
    story = json.loads(told.out)
    assert (story["uploadId"], story["record"]["file_name"]) == (ID, UPLOAD.file_name)
    assert story["lines"][0]["line"]["xray_trace_id"] == "1-2-3"
    assert story["lines"][1]["line"].startswith("REPORT")
    assert [place["name"] for place in story["objects"]] == ["staging", "held", "final"]


def test_name_of_a_file_can_do_nothing_to_the_terminal(stack, told):
    stack.record(replace(UPLOAD, file_name="\x1b[2J\u202egpj.\nexe"))
    stack.logs.write("validator", line("x\x1b[2J", 1, upload_id=ID, detail="\u202e\x07"), after(1))
    told.run(ID)
    assert not {"\x1b", "\u202e", "\x07"} & set(told.out)
    assert "\ufffd[2J\ufffdgpj.\ufffdexe" in told.out


def test_line_that_is_not_of_ours_is_shown_as_it_is(stack, told):
    stack.record(UPLOAD)
    for message in (f"plain {ID}", f'["{ID}"]', {"upload_id": ID}, {"message": ID, "timestamp": 7}):
        stack.logs.write("validator", message, after(1))
    told.run(ID)
    assert [row.removeprefix("12:00:01.000 validator ") for row in told.rows()] == [
        f"plain {ID}",
        f'["{ID}"]',
        f'{{"upload_id": "{ID}"}}',
        ID,
    ]


def test_log_group_that_does_not_exist_is_named_and_the_rest_is_told(stack, told):
    stack.record(UPLOAD)
    del stack.logs.groups["/aws/lambda/url-generator"]
    stack.logs.write("validator", line("delivery started", 1, upload_id=ID), after(1))
    assert told.run(ID) == 0
    assert told.err == "There is no log group /aws/lambda/url-generator.\n"
    assert len(told.rows()) == 1
