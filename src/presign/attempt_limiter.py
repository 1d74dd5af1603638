"""The failed-attempt limiter: counts wrong passwords by address in DynamoDB."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from presign.ports import LimiterUnavailableError
from runtime.aws_errors import code_of

_MAX_TRIES = 3


class DynamoDbClient(Protocol):
    """The two methods of botocore's DynamoDB client that are used here."""

    def get_item(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def update_item(self, **kwargs: Any) -> Mapping[str, Any]: ...


class NoAttemptLimit:
    """Allows every attempt. Used when WrongPasswordLimit is 0."""

    def retry_after(self, _address: str) -> int:
        return 0

    def record_failure(self, _address: str) -> None:
        pass


class FailedAttemptLimiter:
    """Counts in `table`, whose items are `address`, `wrong` and `expiresAt` (docs/operations/password-guessing.md).

    The window of an address begins with its first wrong password and lasts `window_seconds`; after `limit` wrong
    passwords, the address waits until the window ends. Expired items are ignored, because DynamoDB may take days to
    delete them.
    """

    def __init__(
        self,
        client: DynamoDbClient,
        table: str,
        *,
        limit: int,
        window_seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._table = table
        self._limit = limit
        self._window_seconds = window_seconds
        self._clock = clock

    def retry_after(self, address: str) -> int:
        """Returns the seconds until `address` may try again, 0 when it may try now. Raises LimiterUnavailableError."""
        answer = self._call(self._client.get_item, Key=_key(address), ConsistentRead=True)
        item = answer.get("Item")
        if item is None or int(item["wrong"]["N"]) < self._limit:
            return 0
        return max(0, math.ceil(int(item["expiresAt"]["N"]) - self._clock()))

    def record_failure(self, address: str) -> None:
        """Counts one wrong password; concurrent calls are all counted. Raises LimiterUnavailableError."""
        for _ in range(_MAX_TRIES):
            if self._add_to_window(address) or self._open_window(address):
                return
        raise LimiterUnavailableError("the count changed too often")

    def _add_to_window(self, address: str) -> bool:
        """Counts within the open window, or opens the first one. Returns False when the window has ended."""
        return self._update(
            address,
            "SET expiresAt = if_not_exists(expiresAt, :end) ADD wrong :one",
            "attribute_not_exists(expiresAt) OR expiresAt > :now",
            {":end": self._window_end(), ":one": 1, ":now": self._now()},
        )

    def _open_window(self, address: str) -> bool:
        """Opens a new window with a count of 1. Returns False when another call was first."""
        return self._update(
            address,
            "SET expiresAt = :end, wrong = :one",
            "expiresAt <= :now",
            {":end": self._window_end(), ":one": 1, ":now": self._now()},
        )

    def _now(self) -> int:
        return math.floor(self._clock())

    def _window_end(self) -> int:
        return self._now() + self._window_seconds

    def _update(self, address: str, change: str, condition: str, numbers: Mapping[str, int]) -> bool:
        try:
            self._call(
                self._client.update_item,
                Key=_key(address),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues={name: {"N": str(number)} for name, number in numbers.items()},
            )
        except _ConditionFailedError:
            return False
        return True

    def _call(self, operation: Callable[..., Mapping[str, Any]], **arguments: Any) -> Mapping[str, Any]:
        try:
            return operation(TableName=self._table, **arguments)
        except ClientError as error:
            code = code_of(error)
            if code == "ConditionalCheckFailedException":
                raise _ConditionFailedError from error
            raise LimiterUnavailableError(f"{error.operation_name}: {code}") from error
        except BotoCoreError as error:
            raise LimiterUnavailableError(code_of(error)) from error


class _ConditionFailedError(Exception):
    pass


def _key(address: str) -> dict[str, dict[str, str]]:
    return {"address": {"S": address}}
