"""The messages of a dead-letter queue, hidden from other runs while one has them in its hands."""

import contextlib
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

HIDDEN_SECONDS = 900
LAST_POLLS = 3


class DeadLetters:
    """Each stays in the queue until it is deleted; `let_go` shows what is left to others again, at once."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        self._sqs = sqs
        self._queue = queue_url
        self._receipts: dict[str, str] = {}

    def take(self) -> Iterator[dict[str, Any]]:
        """Each letter once, until several polls in a row bring none that is new: some come twice, some come late."""
        polls = 0
        while polls < LAST_POLLS:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=1,  # a poll that does not wait asks some of the queue's servers only
            )
            messages = answer.get("Messages", [])
            new = [message for message in messages if message["MessageId"] not in self._receipts]
            self._receipts |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            yield from new
            polls = 0 if new else polls + 1

    def delete(self, message_id: str) -> None:
        self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=self._receipts[message_id])
        del self._receipts[message_id]

    def hidden_elsewhere(self) -> int:
        """About how many another run has in its hands, or had when it was killed."""
        name = "ApproximateNumberOfMessagesNotVisible"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[name])
        return max(0, int(answer["Attributes"][name]) - len(self._receipts))

    def let_go(self) -> None:
        """Shows the letters again that stay, so that the next run finds them at once."""
        for receipt in self._receipts.values():
            with contextlib.suppress(BotoCoreError, ClientError):
                self._sqs.change_message_visibility(QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=0)
