"""What could not be written at once, in SQS."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of
from user_sync.ports import UnavailableError

REASON = "reason"


class SqsClient(Protocol):
    """The calls of botocore's SQS client that are made here."""

    def send_message(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def change_message_visibility(self, **kwargs: Any) -> Mapping[str, Any]: ...


class Queues:
    """The queue of users to be tried again, and the dead letters. The client is made when it is needed: seldom."""

    def __init__(self, make_client: Callable[[], SqsClient], queue_url: str, dead_letter_queue_url: str) -> None:
        self._make_client = make_client
        self._queue = queue_url
        self._dead_letters = dead_letter_queue_url

    def put_off(self, message: str) -> None:
        """Raises UnavailableError."""
        self._call(lambda sqs: sqs.send_message(QueueUrl=self._queue, MessageBody=message))

    def give_up(self, message: str, reason: str) -> None:
        """The dead letter carries the reason as an attribute. Raises UnavailableError."""
        attributes = {REASON: {"DataType": "String", "StringValue": reason}}
        self._call(
            lambda sqs: sqs.send_message(QueueUrl=self._dead_letters, MessageBody=message, MessageAttributes=attributes)
        )

    def wait(self, waits: Sequence[tuple[str, int]]) -> None:
        """Lets messages, by receipt handle, wait so many seconds for their next delivery. Raises UnavailableError.

        One by one: a batch would take one call, but the emulator asks for a permission that IAM does not have.
        One whose receipt counts no more keeps the queue's own wait, and the others get theirs.
        """

        def set_all(sqs: SqsClient) -> None:
            refused = None
            for handle, seconds in waits:
                try:
                    sqs.change_message_visibility(QueueUrl=self._queue, ReceiptHandle=handle, VisibilityTimeout=seconds)
                except ClientError as error:
                    refused = error
            if refused is not None:
                raise refused

        self._call(set_all)

    @cached_property
    def _client(self) -> SqsClient:
        return self._make_client()

    def _call(self, call: Callable[[SqsClient], object]) -> None:
        try:
            call(self._client)
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"SQS: {code_of(error)}") from error
