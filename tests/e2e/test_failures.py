"""Failures: an upload gets one verdict or is held; nothing is lost or processed twice."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from testkit.scripted_clamd import LIMITS_EXCEEDED, Session, clamd_that
from tests.commands import run_phenom
from tests.e2e import samples
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import ChangeSettings

CONCURRENT_UPLOADS = 100


def s3_event(application: Application, key: str) -> str:
    bucket = {"name": application.stack["stagingBucket"]}
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": bucket, "object": {"key": key}}}
    return json.dumps({"Records": [record]})


def send(application: Application, body: str) -> None:
    application.sqs.send_message(QueueUrl=application.stack["validatorQueueUrl"], MessageBody=body)


def test_duplicate_events_yield_one_verdict_and_one_object(
    application: Application, validator_paused: Callable[[], AbstractContextManager[None]]
) -> None:
    with validator_paused():
        issued = application.upload(samples.jpeg(20), "image/jpeg")
        for _ in range(4):
            send(application, s3_event(application, issued["key"]))
    verdict = application.wait_for_verdict(issued["uploadId"])
    send(application, s3_event(application, issued["key"]))
    assert verdict["status"] == "accepted"
    wait_for(lambda: _queue_is_drained(application), 30, "empty queue")
    assert len(application.final_versions(verdict["finalKey"])) == 1
    assert application.status(issued["uploadId"]) == verdict


def test_invalid_message_reaches_the_dead_letter_queue_without_blocking(application: Application) -> None:
    invalid = "this is no event"
    send(application, invalid)
    assert application.upload_and_wait(samples.jpeg(21), "image/jpeg")["status"] == "accepted"
    assert invalid in wait_for(application.dead_letters, 60, "dead letter")


def test_upload_is_held_without_a_scanner_and_accepted_after_redrive(
    application: Application, changed_settings: ChangeSettings
) -> None:
    content = samples.jpeg(22)
    with changed_settings("validator", CLAMAV_HOST="127.0.0.1", CLAMAV_PORT="1"):
        issued = application.upload(content, "image/jpeg")
        state = application.wait_for_verdict(issued["uploadId"], seconds=120)
        wait_for(lambda: issued["key"] in "".join(application.dead_letters()), 60, "dead letter")
    assert state["status"] == "held"
    application.wait_until_removed(issued["key"])
    held = issued["key"].replace("uploads/", "held/")
    kept = application.s3.get_object(Bucket=application.stack["stagingBucket"], Key=held)
    assert kept["Body"].read() == content

    run_phenom("redrive", "local", "--stack", application.stack_file).check_returncode()
    assert application.status(issued["uploadId"])["status"] == "accepted"
    assert application.staged_keys("held/") == set()
    assert issued["key"] not in "".join(application.dead_letters())


def test_object_swapped_between_inspection_and_copy_is_never_promoted(
    application: Application, changed_settings: ChangeSettings
) -> None:
    valid = samples.jpeg(23)
    executable = samples.ELF.ljust(len(valid), b"\0")[: len(valid)]
    swapped: list[str] = []

    def swap(session: Session) -> None:
        if session.all().startswith(b"PK"):
            session.say(LIMITS_EXCEEDED)
            return
        if not swapped:
            key = next(iter(application.staged_keys()))
            application.s3.put_object(Bucket=application.stack["stagingBucket"], Key=key, Body=executable)
            swapped.append(key)
        session.say(b"stream: OK\0")

    with clamd_that(swap) as clamd, changed_settings("validator", CLAMAV_HOST="127.0.0.1", CLAMAV_PORT=str(clamd.port)):
        issued = application.upload(valid, "image/jpeg")
        verdict = application.wait_for_verdict(issued["uploadId"])
    assert swapped == [issued["key"]]
    assert (verdict["status"], verdict["reason"]) == ("rejected", "unsupported_type")
    finals = application.s3.list_objects_v2(Bucket=application.stack["finalBucket"], Prefix="images/")
    assert issued["uploadId"] not in json.dumps([each["Key"] for each in finals.get("Contents", [])])


def test_object_without_a_ledger_item_is_removed(application: Application) -> None:
    key = "uploads/" + "f" * 32 + ".jpg"
    application.s3.put_object(Bucket=application.stack["stagingBucket"], Key=key, Body=samples.jpeg())
    application.wait_until_removed(key)


def test_hundred_concurrent_uploads_each_get_one_verdict(application: Application) -> None:
    contents = [samples.jpeg(number, side=16 + number) for number in range(CONCURRENT_UPLOADS)]
    issued = [application.issue(content, "image/jpeg") for content in contents]
    with ThreadPoolExecutor(CONCURRENT_UPLOADS) as pool:
        puts = list(pool.map(application.put, issued, contents))
    assert {response.status for response in puts} == {200}
    results = [
        (content, application.wait_for_verdict(each["uploadId"], seconds=180))
        for content, each in zip(contents, issued, strict=True)
    ]
    for content, verdict in results:
        assert verdict["status"] == "accepted", verdict
        final = application.s3.get_object(Bucket=application.stack["finalBucket"], Key=verdict["finalKey"])
        assert final["Body"].read() == content
        assert len(application.final_versions(verdict["finalKey"])) == 1
    assert len({verdict["finalKey"] for _, verdict in results}) == CONCURRENT_UPLOADS
    wait_for(lambda: not application.staged_keys(), 30, "empty staging bucket")
    letters = "".join(application.dead_letters())
    assert not any(verdict["uploadId"] in letters for _, verdict in results)


def _queue_is_drained(application: Application) -> bool:
    """Ignores invisible messages: a duplicate that found a lease waits for the lease to expire."""
    url, name = application.stack["validatorQueueUrl"], "ApproximateNumberOfMessages"
    return int(application.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]) == 0
