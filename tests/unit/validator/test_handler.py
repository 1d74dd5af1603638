"""The SQS edge: which messages come back, when, and what is told of them."""

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
    """The handler with a scripted pipeline behind it and a queue that remembers."""

    def __init__(self, handler: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.handler, self._capsys = handler, capsys
        self.waits: list[int] = []
        self.deliveries: list[Delivery] = []
        self.outcomes: dict[str, Result | BaseException] = {}
        self._log = io.StringIO()
        for each in handler.logger.handlers:
            each.setStream(self._log)

    def process(self, delivery: Delivery) -> Result:
        self.deliveries.append(delivery)
        outcome = self.outcomes.get(delivery.key, ACCEPTED)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def change_message_visibility(self, **arguments: Any) -> None:
        assert arguments["QueueUrl"] == ENVIRONMENT["QUEUE_URL"]
        assert arguments["ReceiptHandle"].startswith("receipt of ")
        self.waits.append(arguments["VisibilityTimeout"])

    def receive(self, *messages: dict[str, Any]) -> list[str]:
        """The ids of the messages that come back."""
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


def test_message_that_was_dealt_with_does_not_come_back(edge):
    assert edge.receive(message("uploads/a.png")) == []
    assert edge.waits == []


def test_delivery_says_who_works_on_what_for_how_long_and_how_often_it_was_tried(edge):
    """The lease outlives the function by a little, so that no two are ever at work."""
    edge.receive(message("uploads/a+b.png", attempt=3))
    assert edge.deliveries == [Delivery("uploads/a b.png", 3, CONTEXT.aws_request_id, 310)]


def test_only_the_message_in_trouble_comes_back(edge):
    edge.outcomes["b"] = LedgerError("UpdateItem: ProvisionedThroughputExceededException")
    assert edge.receive(message("a"), message("b"), message("c")) == ["message of b"]
    assert [delivery.key for delivery in edge.deliveries] == ["a", "b", "c"]


def test_trouble_with_one_key_keeps_no_other_key_of_its_message_waiting(edge):
    """Else the others would be held in the end without anybody having looked at them."""
    edge.outcomes["a"] = ScannerError("clamd")
    edge.outcomes["b"] = LeaseHeldError(time.time() + 100)
    assert edge.receive(message("a", "b", "c")) == ["message of a, b, c"]
    assert [delivery.key for delivery in edge.deliveries] == ["a", "b", "c"]
    assert edge.waits == [100]


@pytest.mark.parametrize(
    "trouble",
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
def test_any_trouble_brings_the_message_back(edge, trouble):
    edge.outcomes["a"] = trouble
    assert edge.receive(message("a")) == ["message of a"]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 15), (2, 60), (3, 240), (4, 960), (5, 15), (6, 3600), (10, 3600)])
def test_retries_wait_four_times_longer_each_and_at_most_an_hour(edge, attempt, seconds):
    edge.outcomes["a"] = ScannerError("down")
    edge.receive(message("a", attempt=attempt))
    assert edge.waits == [seconds]


@pytest.mark.parametrize(("left", "wait"), [(200, 200), (0.2, 1), (-5, 0), (90_000, 3600)])
def test_leased_upload_waits_for_the_rest_of_the_lease_and_not_a_moment_less(edge, monkeypatch, left, wait):
    """A delivery that comes too early is one attempt less."""
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    edge.outcomes["a"] = LeaseHeldError(1_000_000 + left)
    assert edge.receive(message("a")) == ["message of a"]
    assert edge.waits == [wait]
    assert edge.metrics() == []


@pytest.mark.parametrize("body", ["no event", "{}", '{"Records": [{}]}', ""])
def test_malformed_message_comes_back_at_once_until_it_is_a_dead_letter(edge, body):
    """And keeps nothing from the others."""
    assert edge.receive(message("poison", body=body), message("a")) == ["message of poison"]
    assert edge.waits == [0]
    assert [delivery.key for delivery in edge.deliveries] == ["a"]


def test_s3_test_event_is_done_with_silently(edge):
    assert edge.receive(message(body='{"Event": "s3:TestEvent"}')) == []
    assert (edge.deliveries, edge.metrics()) == ([], [])


@pytest.mark.parametrize(("attempt", "comes_back"), [(1, False), (5, False), (6, True), (9, True)])
def test_news_of_a_held_upload_fails_on_once_the_attempts_are_used_up(edge, attempt, comes_back):
    """So SQS moves it to the dead-letter queue; the late duplicate of a held upload's news is no letter of its own."""
    edge.outcomes["a"] = Result(Outcome.HELD, UPLOAD)
    assert bool(edge.receive(message("a", attempt=attempt))) is comes_back
    assert edge.waits == ([0] if comes_back else [])


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="https://sqs"), ClientError({}, "Change")])
def test_wait_that_cannot_be_shortened_is_only_longer(edge, monkeypatch, error):
    def refuse(**_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(edge, "change_message_visibility", refuse)
    edge.outcomes["a"] = ScannerError("down")
    assert edge.receive(message("a"), message("b")) == ["message of a"]
    assert "could not shorten the wait" in edge.log


def test_log_tells_of_every_delivery_what_an_operator_asks(edge):
    edge.outcomes["uploads/a.png"] = Result(Outcome.REJECTED, UPLOAD, Reason.POLYGLOT, "A ZIP.", Cost(4096, 2))
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


def test_failure_is_logged_with_its_upload_and_its_cause(edge):
    edge.outcomes[UPLOAD.staging_key] = LedgerError("UpdateItem: ThrottlingException")
    edge.receive(message(UPLOAD.staging_key, attempt=2))
    _, line = edge.lines()
    assert (line["upload_id"], line["attempt"], line["level"]) == (UPLOAD.upload_id, 2, "ERROR")
    assert "ThrottlingException" in line["exception"]


@pytest.mark.parametrize(
    "outcome",
    [ACCEPTED, ScannerError("down"), LeaseHeldError(time.time() + 100), SystemExit(1)],
    ids=["accepted", "scanner down", "lease held", "worker ends"],
)
def test_every_line_of_a_delivery_carries_the_upload_the_message_and_the_attempt(edge, outcome):
    """Also the only one that a worker leaves behind that is killed."""
    edge.outcomes[UPLOAD.staging_key] = outcome
    with contextlib.suppress(SystemExit):
        edge.receive(message(UPLOAD.staging_key, attempt=3))
    lines = edge.lines()
    assert lines[0]["message"] == "delivery started"
    about = {"upload_id": UPLOAD.upload_id, "attempt": 3, "message_id": f"message of {UPLOAD.staging_key}"}
    assert all(about.items() <= line.items() for line in lines)


def test_line_about_a_message_does_not_carry_the_upload_of_the_one_before(edge):
    edge.receive(message(UPLOAD.staging_key), message("poison", body="no event"))
    line = edge.lines()[-1]
    assert (line["message"], line["message_id"]) == ("malformed message", "message of poison")
    assert not {"upload_id", "key"} & set(line)


def test_log_never_holds_the_name_of_a_file_or_the_text_of_a_message(edge):
    """A file's name is what a person wrote; so is, for all we know, a message that is no event of S3's."""
    edge.outcomes["b"] = ScannerError("down")
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
def test_each_result_is_counted(edge, outcome, name):
    edge.outcomes["a"] = outcome
    edge.receive(message("a"))
    assert [blob[name] for blob in edge.metrics() if name in blob] == [[1.0]]


def test_refusals_are_counted_by_reason(edge):
    edge.outcomes["a"] = Result(Outcome.REJECTED, UPLOAD, Reason.INFECTED)
    edge.receive(message("a"))
    (refused,) = [blob for blob in edge.metrics() if "UploadRefused" in blob]
    assert (refused["reason"], refused["UploadRefused"]) == ("infected", [1.0])


def test_malformed_messages_are_counted(edge):
    edge.receive(message(body="?"), message(body="??"))
    assert [blob["MalformedMessage"] for blob in edge.metrics()] == [[1.0, 1.0]]


def test_counts_of_one_invocation_are_not_told_again_by_the_next(edge):
    edge.receive(message("a"))
    edge.receive(message("a"))
    assert [blob["UploadAccepted"] for blob in edge.metrics()] == [[1.0], [1.0]]


def test_death_of_the_worker_is_not_swallowed(edge):
    """SystemExit and the like end the invocation: all its messages come back."""
    edge.outcomes["a"] = SystemExit(1)
    with pytest.raises(SystemExit):
        edge.receive(message("a"))
