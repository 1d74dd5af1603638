"""How many wrong passwords came from an address: one DynamoDB item for each, gone when its window is over."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from presign.service import GuardUnavailableError
from runtime.aws_errors import code_of

_ATTEMPTS = 3


class DynamoDbClient(Protocol):
    """The two calls of botocore's DynamoDB client that are made here."""

    def get_item(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def update_item(self, **kwargs: Any) -> Mapping[str, Any]: ...


class WrongPasswords:
    """Counts in `table`, whose items are `address`, `wrong` and `expiresAt` (docs/operations/password-guessing.md).

    An address's window begins with its first wrong password and lasts `window_seconds`; after `limit` of them it waits
    for the end of it. DynamoDB deletes what has expired when it pleases, so what is over is told by the time alone.
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
        self._window = window_seconds
        self._clock = clock

    def seconds_to_wait(self, address: str) -> int:
        """0 for an address that may try. Raises GuardUnavailableError."""
        answer = self._call(self._client.get_item, Key=_key(address), ConsistentRead=True)
        item = answer.get("Item")
        if item is None or int(item["wrong"]["N"]) < self._limit:
            return 0
        return max(0, math.ceil(int(item["expiresAt"]["N"]) - self._clock()))

    def count(self, address: str) -> None:
        """One more wrong password, each counted, however many come at once. Raises GuardUnavailableError."""
        for _ in range(_ATTEMPTS):
            if self._add(address) or self._begin(address):
                return
        raise GuardUnavailableError("the count changed too often")

    def _add(self, address: str) -> bool:
        """Within a window, or as the first of one where there has been none. False when a window is over."""
        return self._update(
            address,
            "SET expiresAt = if_not_exists(expiresAt, :end) ADD wrong :one",
            "attribute_not_exists(expiresAt) OR expiresAt > :now",
            {":end": self._end(), ":one": 1, ":now": self._now()},
        )

    def _begin(self, address: str) -> bool:
        """A new window. False when another call was first."""
        return self._update(
            address,
            "SET expiresAt = :end, wrong = :one",
            "expiresAt <= :now",
            {":end": self._end(), ":one": 1, ":now": self._now()},
        )

    def _now(self) -> int:
        return math.floor(self._clock())

    def _end(self) -> int:
        return self._now() + self._window

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
            raise GuardUnavailableError(f"{error.operation_name}: {code}") from error
        except BotoCoreError as error:
            raise GuardUnavailableError(code_of(error)) from error


class _ConditionFailedError(Exception):
    pass


def _key(address: str) -> dict[str, dict[str, str]]:
    return {"address": {"S": address}}
