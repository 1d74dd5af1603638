"""The queue and the dead letters: what is sent, and how SQS may fail. As moto plays it: integration/user_sync."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.presign.fakes import client_error
from user_sync.ports import UnavailableError
from user_sync.queues import Queues


class FakeSqs:
    """Remembers what it was asked for; `broken` is raised instead."""

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
def queues(sqs) -> Queues:
    return Queues(sqs.make, "the-queue", "the-dead-letters")


def test_what_is_put_off_goes_to_the_queue(queues, sqs):
    queues.put_off("message")
    assert sqs.asked == [("send_message", {"QueueUrl": "the-queue", "MessageBody": "message"})]


def test_what_is_given_up_goes_to_the_dead_letters_with_its_reason(queues, sqs):
    queues.give_up("message", "data-exception")
    ((operation, asked),) = sqs.asked
    assert (operation, asked["QueueUrl"], asked["MessageBody"]) == ("send_message", "the-dead-letters", "message")
    assert asked["MessageAttributes"] == {"reason": {"DataType": "String", "StringValue": "data-exception"}}


def test_each_message_gets_its_wait(queues, sqs):
    queues.wait([("one", 10), ("two", 900)])
    assert {(operation, asked["QueueUrl"]) for operation, asked in sqs.asked} == {
        ("change_message_visibility", "the-queue")
    }
    assert [(asked["ReceiptHandle"], asked["VisibilityTimeout"]) for _, asked in sqs.asked] == [
        ("one", 10),
        ("two", 900),
    ]


def test_the_client_is_made_when_it_is_first_needed_and_kept(queues, sqs):
    assert sqs.made == 0
    queues.put_off("one")
    queues.put_off("two")
    assert sqs.made == 1


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (client_error("AccessDenied", "SendMessage"), "SQS: AccessDenied"),
        (EndpointConnectionError(endpoint_url="https://sqs"), "SQS: EndpointConnectionError"),
    ],
)
def test_without_sqs_it_is_told_why(queues, sqs, broken, told):
    sqs.broken = broken
    for call in (lambda: queues.put_off("m"), lambda: queues.give_up("m", "r"), lambda: queues.wait([("h", 1)])):
        with pytest.raises(UnavailableError, match=f"^{told}$"):
            call()
