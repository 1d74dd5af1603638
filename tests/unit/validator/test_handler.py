"""The SQS handler: which messages are delivered again, when, and what is logged and counted."""

import contextlib
import importlib
import io
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from testkit.lambda_context import FakeContext
from tests.fakes import NOON
from uploads.errors import LeaseHeldError, LedgerError
from uploads.reasons import Reason
from uploads.record import Status, Upload
from validator.formats.reader import Cost
from validator.pipeline import Delivery, Outcome, Result
from validator.ports import ObjectChangedError, ScannerError

BUCKET = "phenom-local-staging-000000000000"
UPLOAD = Upload(
    upload_id="a" * 32,
    status=Status.VALIDATING,
    content_type="image/png",
    file_size=70,
    file_name="Frau Müller am Strand.png",
    created_at=NOON,
    updated_at=NOON,
)
ACCEPTED = Result(Outcome.ACCEPTED, UPLOAD, cost=Cost(70, 1))
CONTEXT = FakeContext(milliseconds=300_000)
ENVIRONMENT = {
    "UPLOADS_TABLE": "phenom-local-uploads",
    "STAGING_BUCKET": BUCKET,
    "FINAL_BUCKET": "phenom-local-final-000000000000",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/phenom-local-validator",
    "MAX_FILE_BYTES": "524288000",
    "MAX_PICTURE_PIXELS": "220000000",
    "RETRY_BASE_SECONDS": "15",
    "CLAMAV_HOST": "",
    "CLAMAV_PORT": "3310",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_SERVICE_NAME": "validator",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


class Edge:
    """The handler with a scripted pipeline and a queue that records calls."""

    def __init__(self, handler: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.handler, self._capsys = handler, capsys
        self.waits: list[int] = []
        self.deliveries: list[Delivery] = []
        self.results: dict[str, Result | BaseException] = {}
        self._log = io.StringIO()
        for each in handler.logger.handlers:
            each.setStream(self._log)

    def process(self, delivery: Delivery) -> Result:
        self.deliveries.append(delivery)
        outcome = self.results.get(delivery.key, ACCEPTED)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def change_message_visibility(self, **arguments: Any) -> None:
        assert arguments["QueueUrl"] == ENVIRONMENT["QUEUE_URL"]
        assert arguments["ReceiptHandle"].startswith("receipt of ")
        self.waits.append(arguments["VisibilityTimeout"])

    def receive(self, *messages: dict[str, Any]) -> list[str]:
        """Returns the ids of the messages to deliver again."""
        answer = self.handler.handler({"Records": list(messages)}, CONTEXT)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @property
    def log(self) -> str:
        return self._log.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]

    def metrics(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._capsys.readouterr().out.splitlines() if '"_aws"' in line]


@pytest.fixture(scope="module")
def handler() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, "validator.handler", raising=False)
        yield importlib.import_module("validator.handler")


@pytest.fixture
def edge(handler, monkeypatch, capsys) -> Edge:
    edge = Edge(handler, capsys)
    monkeypatch.setattr(handler, "_pipeline", edge)
    monkeypatch.setattr(handler, "_sqs", lambda: edge)
    return edge


def message(*keys: str, attempt: int = 1, body: str | None = None) -> dict[str, Any]:
    records = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}} for key in keys
    ]
    name = ", ".join(keys)
    return {
        "messageId": f"message of {name}",
        "receiptHandle": f"receipt of {name}",
        "body": json.dumps({"Records": records}) if body is None else body,
        "attributes": {"ApproximateReceiveCount": str(attempt)},
    }


def test_finished_message_is_not_redelivered(edge):
    assert edge.receive(message("uploads/a.png")) == []
    assert edge.waits == []


def test_delivery_has_key_attempt_owner_and_lease_seconds(edge):
    """The lease outlives the invocation, so that two workers never have the same upload."""
    edge.receive(message("uploads/a+b.png", attempt=3))
    assert edge.deliveries == [Delivery("uploads/a b.png", 3, CONTEXT.aws_request_id, 310)]


def test_only_the_failed_message_is_redelivered(edge):
    edge.results["b"] = LedgerError("UpdateItem: ProvisionedThroughputExceededException")
    assert edge.receive(message("a"), message("b"), message("c")) == ["message of b"]
    assert [delivery.key for delivery in edge.deliveries] == ["a", "b", "c"]


def test_failed_key_does_not_stop_other_keys_of_its_message(edge):
    """Otherwise the other objects would be held in the end without an inspection."""
    edge.results["a"] = ScannerError("clamd")
    edge.results["b"] = LeaseHeldError(time.time() + 100)
    assert edge.receive(message("a", "b", "c")) == ["message of a, b, c"]
    assert [delivery.key for delivery in edge.deliveries] == ["a", "b", "c"]
    assert edge.waits == [100]


@pytest.mark.parametrize(
    "error",
    [
        LedgerError("down"),
        ScannerError("down"),
        ObjectChangedError("key"),
        EndpointConnectionError(endpoint_url="https://s3"),
        ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "CopyObject"),
        ValueError("a bug"),
        RecursionError(),
        MemoryError(),
    ],
)
def test_any_error_redelivers_the_message(edge, error):
    edge.results["a"] = error
    assert edge.receive(message("a")) == ["message of a"]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 15), (2, 60), (3, 240), (4, 960), (5, 15), (6, 3600), (10, 3600)])
def test_each_retry_waits_four_times_longer_up_to_an_hour(edge, attempt, seconds):
    edge.results["a"] = ScannerError("down")
    edge.receive(message("a", attempt=attempt))
    assert edge.waits == [seconds]


@pytest.mark.parametrize(("left", "wait"), [(200, 200), (0.2, 1), (-5, 0), (90_000, 3600)])
def test_leased_upload_is_redelivered_when_the_lease_expires(edge, monkeypatch, left, wait):
    """The wait is rounded up: an early delivery would cost an attempt."""
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    edge.results["a"] = LeaseHeldError(1_000_000 + left)
    assert edge.receive(message("a")) == ["message of a"]
    assert edge.waits == [wait]
    assert edge.metrics() == []


@pytest.mark.parametrize("body", ["no event", "{}", '{"Records": [{}]}', ""])
def test_malformed_message_is_redelivered_without_a_wait(edge, body):
    """It reaches the dead-letter queue soon. Other messages are not affected."""
    assert edge.receive(message("poison", body=body), message("a")) == ["message of poison"]
    assert edge.waits == [0]
    assert [delivery.key for delivery in edge.deliveries] == ["a"]


def test_s3_test_event_is_ignored(edge):
    assert edge.receive(message(body='{"Event": "s3:TestEvent"}')) == []
    assert (edge.deliveries, edge.metrics()) == ([], [])


@pytest.mark.parametrize(("attempt", "is_redelivered"), [(1, False), (5, False), (6, True), (9, True)])
def test_message_of_a_held_upload_fails_after_the_last_attempt(edge, attempt, is_redelivered):
    """SQS then moves it to the dead-letter queue. A late duplicate event of a held upload does not go there."""
    edge.results["a"] = Result(Outcome.HELD, UPLOAD)
    assert bool(edge.receive(message("a", attempt=attempt))) is is_redelivered
    assert edge.waits == ([0] if is_redelivered else [])


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="https://sqs"), ClientError({}, "Change")])
def test_failed_visibility_change_is_logged_and_the_message_still_fails(edge, monkeypatch, error):
    def refuse(**_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(edge, "change_message_visibility", refuse)
    edge.results["a"] = ScannerError("down")
    assert edge.receive(message("a"), message("b")) == ["message of a"]
    assert "could not change the visibility timeout" in edge.log


def test_log_line_of_a_delivery_has_all_facts(edge):
    edge.results["uploads/a.png"] = Result(Outcome.REJECTED, UPLOAD, Reason.POLYGLOT, "A ZIP.", Cost(4096, 2))
    edge.receive(message("uploads/a.png", attempt=2))
    _, line = edge.lines()
    wanted = {
        "key": "uploads/a.png",
        "message_id": "message of uploads/a.png",
        "attempt": 2,
        "result": "rejected",
        "reason": "polyglot",
        "detail": "A ZIP.",
        "content_type": "image/png",
        "file_size": 70,
        "bytes_read": 4096,
        "ranges": 2,
        "function_request_id": CONTEXT.aws_request_id,
    }
    assert wanted.items() <= line.items()
    assert line["seconds"] >= 0


def test_failure_is_logged_with_upload_and_cause(edge):
    edge.results[UPLOAD.staging_key] = LedgerError("UpdateItem: ThrottlingException")
    edge.receive(message(UPLOAD.staging_key, attempt=2))
    _, line = edge.lines()
    assert (line["upload_id"], line["attempt"], line["level"]) == (UPLOAD.upload_id, 2, "ERROR")
    assert "ThrottlingException" in line["exception"]


@pytest.mark.parametrize(
    "outcome",
    [ACCEPTED, ScannerError("down"), LeaseHeldError(time.time() + 100), SystemExit(1)],
    ids=["accepted", "scanner down", "lease held", "system exit"],
)
def test_every_log_line_has_upload_message_and_attempt(edge, outcome):
    """Also the first line, which is the only one of a worker that is killed."""
    edge.results[UPLOAD.staging_key] = outcome
    with contextlib.suppress(SystemExit):
        edge.receive(message(UPLOAD.staging_key, attempt=3))
    lines = edge.lines()
    assert lines[0]["message"] == "delivery started"
    about = {"upload_id": UPLOAD.upload_id, "attempt": 3, "message_id": f"message of {UPLOAD.staging_key}"}
    assert all(about.items() <= line.items() for line in lines)


def test_log_line_does_not_keep_the_upload_of_the_previous_message(edge):
    edge.receive(message(UPLOAD.staging_key), message("poison", body="no event"))
    line = edge.lines()[-1]
    assert (line["message"], line["message_id"]) == ("malformed message", "message of poison")
    assert not {"upload_id", "key"} & set(line)


def test_log_contains_no_file_name_and_no_message_text(edge):
    """Both may be personal data: people choose file names, and a malformed message may contain anything."""
    edge.results["b"] = ScannerError("down")
    edge.receive(message("a"), message("b"), message(body='{"Records": "Am Strand"}'))
    assert len(edge.lines()) == 5
    assert "Strand" in UPLOAD.file_name
    assert "Strand" not in edge.log


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (ACCEPTED, "UploadAccepted"),
        (Result(Outcome.REJECTED, UPLOAD, Reason.INFECTED), "UploadRejected"),
        (Result(Outcome.HELD, UPLOAD), "UploadHeld"),
        (Result(Outcome.REPLAYED, UPLOAD, Reason.REPLAYED), "UploadReplayed"),
        (Result(Outcome.UNKNOWN_UPLOAD, reason=Reason.UNKNOWN_UPLOAD), "UploadUnknownUpload"),
        (Result(Outcome.ALREADY_DECIDED, UPLOAD), "UploadSettledBefore"),
        (Result(Outcome.OBJECT_MISSING), "UploadNothingThere"),
        (ScannerError("down"), "ScannerUnavailable"),
        (ScannerError("down"), "DeliveryFailed"),
        (LedgerError("down"), "DeliveryFailed"),
        (LedgerError("down"), "LedgerUnavailable"),
    ],
)
def test_each_outcome_and_error_is_counted(edge, outcome, name):
    edge.results["a"] = outcome
    edge.receive(message("a"))
    assert [blob[name] for blob in edge.metrics() if name in blob] == [[1.0]]


def test_rejections_are_counted_by_reason(edge):
    edge.results["a"] = Result(Outcome.REJECTED, UPLOAD, Reason.INFECTED)
    edge.receive(message("a"))
    (refused,) = [blob for blob in edge.metrics() if "UploadRefused" in blob]
    assert (refused["reason"], refused["UploadRefused"]) == ("infected", [1.0])


def test_malformed_messages_are_counted(edge):
    edge.receive(message(body="?"), message(body="??"))
    assert [blob["MalformedMessage"] for blob in edge.metrics()] == [[1.0, 1.0]]


def test_metrics_of_one_invocation_are_not_emitted_again_by_the_next(edge):
    edge.receive(message("a"))
    edge.receive(message("a"))
    assert [blob["UploadAccepted"] for blob in edge.metrics()] == [[1.0], [1.0]]


def test_system_exit_ends_the_invocation(edge):
    """All its messages are then delivered again."""
    edge.results["a"] = SystemExit(1)
    with pytest.raises(SystemExit):
        edge.receive(message("a"))
