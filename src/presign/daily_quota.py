"""The daily quota: counts the uploads that are started with each password, in DynamoDB."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from presign.attempt_limiter import DynamoDbClient
from presign.ports import QuotaExceededError, QuotaUnavailableError, UploadPassword
from runtime.aws_errors import code_of

_COUNT_KEPT = timedelta(days=7)
"""How long after its day an item stays, so that operators can look back."""


class DailyQuota:
    """Counts in `table`, whose items are `counter`, `uploads` and `expiresAt` (docs/operations/quotas.md).

    `counter` is the day in UTC and the password's own name. `on_count` is called with the password and the uploads of
    the day, this one included; a refused one leaves the count at the limit.
    """

    def __init__(
        self,
        client: DynamoDbClient,
        table: str,
        *,
        limit: int,
        on_count: Callable[[UploadPassword, int], None] = lambda *_: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._table = table
        self._limit = limit
        self._on_count = on_count
        self._clock = clock

    def count(self, password: UploadPassword) -> None:
        """Counts one upload; concurrent calls are all counted. Raises QuotaExceededError or QuotaUnavailableError."""
        now = self._clock()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        used = self._add(f"{now:%Y-%m-%d}#{password.counter}", midnight + _COUNT_KEPT)
        self._on_count(password, self._limit if used is None else used)
        if used is None:
            raise QuotaExceededError(self._limit, math.ceil((midnight - now).total_seconds()), password.label)

    def _add(self, counter: str, expires_at: datetime) -> int | None:
        """Returns the count after adding one, None when it has reached the limit already."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key={"counter": {"S": counter}},
                UpdateExpression="SET expiresAt = :end ADD uploads :one",
                ConditionExpression="attribute_not_exists(uploads) OR uploads < :limit",
                ExpressionAttributeValues={
                    ":end": {"N": str(math.ceil(expires_at.timestamp()))},
                    ":one": {"N": "1"},
                    ":limit": {"N": str(self._limit)},
                },
                ReturnValues="UPDATED_NEW",
            )
        except ClientError as error:
            code = code_of(error)
            if code == "ConditionalCheckFailedException":
                return None
            raise QuotaUnavailableError(f"{error.operation_name}: {code}") from error
        except BotoCoreError as error:
            raise QuotaUnavailableError(code_of(error)) from error
        return int(answer["Attributes"]["uploads"]["N"])
