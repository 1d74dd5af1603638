"""What a cold start makes of its environment, and the message's way through a real queue."""

import json
import sys
from typing import Any

import pytest

from phenom import event_cases
from runtime.settings import SettingError
from testkit.lambda_context import FakeContext
from testkit.wiring import import_fresh
from tests.integration.validator.conftest import QUEUE, VALIDATOR


@pytest.mark.parametrize("name", sorted(set(VALIDATOR) - {"CLAMAV_HOST"} - {n for n in VALIDATOR if n[:5] == "POWER"}))
def test_missing_setting_stops_the_start_and_is_named(monkeypatch, name):
    without = {**VALIDATOR, name: ""}
    with pytest.raises(SettingError, match=name):
        import_fresh(monkeypatch, "validator.handler", without)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_FILE_BYTES", "0"), ("MAX_FILE_BYTES", "500 MB"), ("RETRY_BASE_SECONDS", "-1"), ("CLAMAV_PORT", "clamd")],
)
def test_setting_that_makes_no_sense_stops_the_start_and_is_named(monkeypatch, name, value):
    with pytest.raises(SettingError, match=name):
        import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, name: value})


def test_scanning_is_on_when_a_host_is_named_and_off_when_not(monkeypatch):
    """And off without loading what it takes: a cold start pays for what it uses."""
    monkeypatch.delitem(sys.modules, "pyclamd", raising=False)
    for off in ("", "none"):  # SSM, where Terraform writes the host, knows no empty value
        without = import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, "CLAMAV_HOST": off})
        assert without._pipeline.scanner is None
    named = import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, "CLAMAV_HOST": "clamd.internal"})
    assert named._pipeline.scanner is not None
    assert "pyclamd" not in sys.modules


def test_scanner_out_of_reach_brings_the_upload_back_and_promotes_nothing(monkeypatch, s3, dynamodb, sqs):
    from tests.integration.validator.test_events import keys, put, state

    event, expected = event_cases.load("validator", "one_upload")
    put(expected["given"], s3, dynamodb)
    unreachable = {**VALIDATOR, "CLAMAV_HOST": "127.0.0.1", "CLAMAV_PORT": "1"}
    handler = import_fresh(monkeypatch, "validator.handler", unreachable)
    answer = handler.handler(event, FakeContext(milliseconds=300_000))
    assert len(answer["batchItemFailures"]) == 1
    assert state(dynamodb, expected["given"]["uploads"][0]) == "validating"
    assert len(keys(s3, VALIDATOR["STAGING_BUCKET"])) == 1
    assert keys(s3, VALIDATOR["FINAL_BUCKET"]) == set()


def received(sqs: Any, url: str) -> dict[str, Any]:
    """One message, as Lambda hands it to the function."""
    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])["Messages"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }


def test_failed_message_is_visible_again_as_soon_as_was_asked(validator, sqs):
    """The malformed one at once, so that it takes no days to become a dead letter."""
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="this is no event")
    for attempt in ("1", "2", "3"):
        message = received(sqs, url)
        assert message["attributes"]["ApproximateReceiveCount"] == attempt
        answer = validator.handler({"Records": [message]}, FakeContext())
        assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}


def test_message_without_a_receipt_that_counts_fails_alone(validator, sqs):
    """`sam local invoke` and duplicates bring receipts of long ago: the queue's own visibility applies then."""
    event, _ = event_cases.load("validator", "malformed_body")
    answer = validator.handler(event, FakeContext())
    assert json.dumps(answer).count("itemIdentifier") == 1
