"""The retry queue and its dead-letter queue in SQS."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of
from user_sync.ports import UnavailableError

REASON = "reason"


class SqsClient(Protocol):
    """The methods of botocore's SQS client that are used here."""

    def send_message(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def change_message_visibility(self, **kwargs: Any) -> Mapping[str, Any]: ...


class SqsRetryQueue:
    """Creates its client on first use: most sign-ins need none. All methods raise UnavailableError."""

    def __init__(self, make_client: Callable[[], SqsClient], queue_url: str, dead_letter_queue_url: str) -> None:
        self._make_client = make_client
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url

    def enqueue(self, message: str) -> None:
        """Schedules a retry."""
        self._call(lambda sqs: sqs.send_message(QueueUrl=self._queue_url, MessageBody=message))

    def dead_letter(self, message: str, reason: str) -> None:
        """Sends the message to the dead-letter queue, with the reason as a message attribute."""
        attributes = {REASON: {"DataType": "String", "StringValue": reason}}
        self._call(
            lambda sqs: sqs.send_message(
                QueueUrl=self._dead_letter_queue_url, MessageBody=message, MessageAttributes=attributes
            )
        )

    def delay(self, delays: Sequence[tuple[str, int]]) -> None:
        """Sets the seconds until the next delivery of messages, given by receipt handle.

        Calls SQS once per message: the emulator checks the batch call against a permission that IAM does not have.
        A message whose handle is no longer valid keeps the queue's visibility timeout; the others are still delayed.
        """

        def delay_all(sqs: SqsClient) -> None:
            failure = None
            for handle, seconds in delays:
                try:
                    sqs.change_message_visibility(
                        QueueUrl=self._queue_url, ReceiptHandle=handle, VisibilityTimeout=seconds
                    )
                except ClientError as error:
                    failure = error
            if failure is not None:
                raise failure

        self._call(delay_all)

    @cached_property
    def _client(self) -> SqsClient:
        return self._make_client()

    def _call(self, call: Callable[[SqsClient], object]) -> None:
        try:
            call(self._client)
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError(f"SQS: {code_of(error)}") from error
