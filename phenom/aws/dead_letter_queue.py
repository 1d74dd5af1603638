"""Reads a dead-letter queue while keeping its messages invisible to other runs."""

import contextlib
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

LOCK_SECONDS = 900
EMPTY_POLLS = 3


class DeadLetterQueue:
    """Locks each message that it receives (SQS's visibility timeout) until it is deleted or released."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        self._sqs = sqs
        self._queue = queue_url
        self._receipts: dict[str, str] = {}

    def receive(self) -> Iterator[dict[str, Any]]:
        """Yields each message once, until EMPTY_POLLS polls in a row bring no new one: SQS delivers late and twice."""
        polls = 0
        while polls < EMPTY_POLLS:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=LOCK_SECONDS,
                WaitTimeSeconds=1,  # without waiting, SQS asks only a sample of its servers
            )
            messages = answer.get("Messages", [])
            new = [message for message in messages if message["MessageId"] not in self._receipts]
            self._receipts |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            yield from new
            polls = 0 if new else polls + 1

    def delete(self, message_id: str) -> None:
        self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=self._receipts[message_id])
        del self._receipts[message_id]

    def count_locked_elsewhere(self) -> int:
        """Returns about how many messages another run has locked, even if that run was killed since."""
        name = "ApproximateNumberOfMessagesNotVisible"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[name])
        return max(0, int(answer["Attributes"][name]) - len(self._receipts))

    def release(self) -> None:
        """Unlocks the messages that were not deleted, so that the next run receives them at once."""
        for receipt in self._receipts.values():
            with contextlib.suppress(BotoCoreError, ClientError):
                self._sqs.change_message_visibility(QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=0)


def describe_locked(count: int) -> str:
    """Returns what to tell the operator about messages that another run has locked."""
    minutes = LOCK_SECONDS // 60
    return f"{count} messages are locked by another run; if none is running, retry in {minutes} minutes."
