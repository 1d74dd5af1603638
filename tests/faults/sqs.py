"""SQS in memory: standard queues, which deliver at least once, in any order, and not always everything at once."""
# ruff: noqa: N803 - arguments have the names of botocore

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.programs import refusal


@dataclass(slots=True)
class Message:
    """A message. `receipt` is that of the last receive."""

    id: str
    body: str
    sent_at: float
    visible_at: float
    receives: int = 0
    receipt: str = ""


@dataclass(slots=True)
class Queue:
    """A queue. `receives` is the maxReceiveCount of its redrive policy, `kept` its retention in seconds."""

    messages: dict[str, Message]
    visibility: float
    kept: float
    receives: int | None = None
    dead_letters: "Queue | None" = None


class Sqs:
    """Queues by URL. `chance` decides what standard queues leave undefined."""

    def __init__(self, now: Callable[[], float], chance: random.Random, queues: dict[str, Queue]) -> None:
        self.queues = queues
        self._now, self._chance = now, chance
        self._numbers = itertools.count(1)

    def send(self, url: str, body: str, delay: float = 0) -> None:
        name = f"message {next(self._numbers)}"
        now = self._now()
        self.queues[url].messages[name] = Message(name, body, now, now + delay)

    def take(self, url: str, visibility: float | None = None) -> Message | None:
        """Receives a visible message. Messages received too often are moved to the dead-letter queue."""
        queue, now = self.queues[url], self._now()
        self._expire(queue)
        visible = [message for message in queue.messages.values() if message.visible_at <= now]
        if not visible:
            return None
        message = self._chance.choice(visible)
        if queue.dead_letters is not None and message.receives >= (queue.receives or 0):
            del queue.messages[message.id]
            queue.dead_letters.messages[message.id] = Message(message.id, message.body, message.sent_at, now)
            return self.take(url, visibility)
        message.receives += 1
        message.receipt = f"receipt {next(self._numbers)} of {message.id}"
        if self._chance.random() > 0.01:  # rarely, another server does not know of it yet and delivers it too
            message.visible_at = now + (queue.visibility if visibility is None else visibility)
        return message

    def next_visible(self, url: str) -> float:
        return min((message.visible_at for message in self.queues[url].messages.values()), default=float("inf"))

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:
        self.send(QueueUrl, MessageBody)
        return {}

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int,
        VisibilityTimeout: int,
        WaitTimeSeconds: int = 0,
        MessageAttributeNames: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        if WaitTimeSeconds == 0 and self._chance.random() < 0.3:
            return {}  # a short poll only asks a few servers
        taken: dict[str, Message] = {}
        for _ in range(self._chance.randint(1, MaxNumberOfMessages)):
            message = self.take(QueueUrl, VisibilityTimeout)
            if message is not None:
                taken[message.id] = message
        messages = [{"MessageId": m.id, "Body": m.body, "ReceiptHandle": m.receipt} for m in taken.values()]
        return {"Messages": messages} if messages else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> dict[str, Any]:
        """Deletes a message; an old receipt may or may not do so."""
        queue = self.queues[QueueUrl]
        message = queue.messages.get(ReceiptHandle.partition(" of ")[2])
        if message is not None and (message.receipt == ReceiptHandle or self._chance.random() < 0.5):
            del queue.messages[message.id]
        return {}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> dict[str, Any]:
        message = self.queues[QueueUrl].messages.get(ReceiptHandle.partition(" of ")[2])
        if message is None or message.receipt != ReceiptHandle or message.visible_at <= self._now():
            raise refusal(400, "InvalidParameterValue", "ChangeMessageVisibility")
        message.visible_at = self._now() + VisibilityTimeout
        return {}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        assert AttributeNames == ["ApproximateNumberOfMessagesNotVisible"]
        hidden = sum(m.visible_at > self._now() for m in self.queues[QueueUrl].messages.values())
        return {"Attributes": {AttributeNames[0]: str(hidden)}}

    def _expire(self, queue: Queue) -> None:
        for message in list(queue.messages.values()):
            if message.sent_at + queue.kept < self._now():
                del queue.messages[message.id]
