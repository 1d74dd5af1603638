"""The validator's cold start with its settings, and messages of a real queue."""

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
def test_missing_setting_fails_the_cold_start_and_is_named(monkeypatch, name):
    without = {**VALIDATOR, name: ""}
    with pytest.raises(SettingError, match=name):
        import_fresh(monkeypatch, "validator.handler", without)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_FILE_BYTES", "0"),
        ("MAX_FILE_BYTES", "500 MB"),
        ("MAX_PICTURE_PIXELS", "0"),
        ("RETRY_BASE_SECONDS", "-1"),
        ("CLAMAV_PORT", "clamd"),
    ],
)
def test_invalid_setting_fails_the_cold_start_and_is_named(monkeypatch, name, value):
    with pytest.raises(SettingError, match=name):
        import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, name: value})


def test_scanner_is_configured_only_with_a_host(monkeypatch):
    """Without one, its modules are not imported, which would slow down the cold start."""
    monkeypatch.delitem(sys.modules, "pyclamd", raising=False)
    for off in ("", "none"):  # the SSM parameter with the host cannot be empty
        without = import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, "CLAMAV_HOST": off})
        assert without._pipeline.scanner is None
    named = import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, "CLAMAV_HOST": "clamd.internal"})
    assert named._pipeline.scanner is not None
    assert "pyclamd" not in sys.modules


def test_unavailable_scanner_redelivers_the_upload_and_promotes_nothing(monkeypatch, s3, dynamodb, sqs):
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
    """Receives one message and returns it as Lambda passes it to the function."""
    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])["Messages"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }


def test_malformed_message_is_visible_again_at_once(validator, sqs):
    """Otherwise it would take days to reach the dead-letter queue."""
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="this is no event")
    for attempt in ("1", "2", "3"):
        message = received(sqs, url)
        assert message["attributes"]["ApproximateReceiveCount"] == attempt
        answer = validator.handler({"Records": [message]}, FakeContext())
        assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}


def test_message_with_an_expired_receipt_still_fails(validator, sqs):
    """`sam local invoke` and duplicates have such receipts; the queue's visibility timeout then applies."""
    event, _ = event_cases.load("validator", "malformed_body")
    answer = validator.handler(event, FakeContext())
    assert json.dumps(answer).count("itemIdentifier") == 1
