"""The retry queue: calls of SQS and their errors. tests/integration/user_sync runs it against moto."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.secrets_manager import client_error
from user_sync.ports import UnavailableError
from user_sync.sqs_retry_queue import SqsRetryQueue


class FakeSqs:
    """Records calls; raises `broken` when it is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.broken: Exception | None = None
        self.made = 0

    def make(self) -> "FakeSqs":
        self.made += 1
        return self

    def __getattr__(self, operation: str) -> Any:
        def call(**kwargs: Any) -> dict[str, Any]:
            if self.broken:
                raise self.broken
            self.asked.append((operation, kwargs))
            return {}

        return call


@pytest.fixture
def sqs() -> FakeSqs:
    return FakeSqs()


@pytest.fixture
def queue(sqs) -> SqsRetryQueue:
    return SqsRetryQueue(sqs.make, "the-queue", "the-dead-letters")


def test_enqueued_message_goes_to_the_queue(queue, sqs):
    queue.enqueue("message")
    assert sqs.asked == [("send_message", {"QueueUrl": "the-queue", "MessageBody": "message"})]


def test_dead_letter_carries_its_reason(queue, sqs):
    queue.dead_letter("message", "data-exception")
    ((operation, asked),) = sqs.asked
    assert (operation, asked["QueueUrl"], asked["MessageBody"]) == ("send_message", "the-dead-letters", "message")
    assert asked["MessageAttributes"] == {"reason": {"DataType": "String", "StringValue": "data-exception"}}


def test_each_message_gets_its_delay(queue, sqs):
    queue.delay([("one", 10), ("two", 900)])
    assert {(operation, asked["QueueUrl"]) for operation, asked in sqs.asked} == {
        ("change_message_visibility", "the-queue")
    }
    assert [(asked["ReceiptHandle"], asked["VisibilityTimeout"]) for _, asked in sqs.asked] == [
        ("one", 10),
        ("two", 900),
    ]


def test_client_is_created_on_first_use_and_kept(queue, sqs):
    assert sqs.made == 0
    queue.enqueue("one")
    queue.enqueue("two")
    assert sqs.made == 1


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (client_error("AccessDenied", "SendMessage"), "SQS: AccessDenied"),
        (EndpointConnectionError(endpoint_url="https://sqs"), "SQS: EndpointConnectionError"),
    ],
)
def test_sqs_error_is_unavailable_with_the_cause(queue, sqs, broken, cause):
    sqs.broken = broken
    for call in (lambda: queue.enqueue("m"), lambda: queue.dead_letter("m", "r"), lambda: queue.delay([("h", 1)])):
        with pytest.raises(UnavailableError, match=f"^{cause}$"):
            call()
