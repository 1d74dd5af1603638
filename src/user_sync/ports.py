"""Protocols of Hasura and the retry queue as the rules use them, and their errors."""

from typing import Any, Protocol


class UnavailableError(Exception):
    """Hasura, Secrets Manager or SQS is not available; a retry may succeed. The message holds no secret."""


class UpsertRefusedError(Exception):
    """Hasura will never accept the user. The message is a reason without personal data."""


class Users(Protocol):
    """Hasura's table of users."""

    def upsert(self, variables: dict[str, Any], deadline: float) -> bool:
        """Returns False when the row holds newer data and stays. `deadline` is a time of the monotonic clock.

        Raises UnavailableError or UpsertRefusedError.
        """


class RetryQueue(Protocol):
    """Holds messages about users that could not be written. Both methods raise UnavailableError."""

    def enqueue(self, message: str) -> None:
        """Schedules a retry."""

    def dead_letter(self, message: str, reason: str) -> None:
        """Moves the message to the dead-letter queue, for an operator."""
