"""What the rules ask of the outside, and how it may fail."""

from typing import Any, Protocol


class UnavailableError(Exception):
    """Hasura, or what leads to it, is not there now; trying again later helps. The message holds no secret."""


class RefusedError(Exception):
    """Hasura will never take this. The message is a reason without a word of the user's own."""


class Users(Protocol):
    """Hasura's table of users."""

    def upsert(self, variables: dict[str, Any], deadline: float) -> bool:
        """Whether the row was written; it is not where a newer one stands. `deadline` is of the monotonic clock.

        Raises UnavailableError or RefusedError.
        """


class Later(Protocol):
    """Where the message about a user goes that could not be written at once. Both raise UnavailableError."""

    def put_off(self, message: str) -> None:
        """To be tried again."""

    def give_up(self, message: str, reason: str) -> None:
        """For an operator to look at."""
