"""The rules: a sign-in is never blocked, and a user that cannot be written now is retried from a queue."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from user_sync.deadline import DeadlineError, call_with_deadline
from user_sync.ports import RetryQueue, UnavailableError, UpsertRefusedError, Users
from user_sync.queue_message import decode_user, encode_user
from user_sync.users import MalformedUserError, User, refused_urls, upsert_variables

SIGN_IN_BUDGET_SECONDS = 2.0
"""Cognito waits 5 seconds; a user should not wait more than 2 of them."""

WRITE_BUDGET_SECONDS = 1.3
"""The part of a sign-in's budget for Hasura; the rest is for the retry queue."""

RETRY_BUDGET_SECONDS = 3.0
"""The time for one message of the queue, within the function's timeout of 5 seconds."""


class Outcome(StrEnum):
    """The result for one user. The metrics UserSyncPutOff, UserSyncGivenUp and UserSyncLost count three of them."""

    WRITTEN = "written"
    STALE = "stale"  # the row holds newer data
    PUT_OFF = "put_off"  # in the retry queue
    GIVEN_UP = "given_up"  # in the dead-letter queue
    LOST = "lost"  # in neither queue: the next sign-in, or a backfill, writes the user


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, with the cause when the user was not written, and the attributes that were left out (names only)."""

    outcome: Outcome
    cause: str | None = None
    refused_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserSync:
    """Writes users to Hasura, or queues them for a retry."""

    users: Users
    retry_queue: RetryQueue
    columns_by_attribute: Mapping[str, str]

    def sync_sign_in(self, user: User) -> Result:
        """Writes or queues the user within SIGN_IN_BUDGET_SECONDS. Handles every error of the ports."""
        started = time.monotonic()
        try:
            return self._write(user, WRITE_BUDGET_SECONDS)
        except UpsertRefusedError as error:
            cause, fallback, outcome = str(error), self._dead_letter_call(user, str(error)), Outcome.GIVEN_UP
        except (UnavailableError, DeadlineError) as error:
            cause, fallback, outcome = str(error), self._enqueue_call(user), Outcome.PUT_OFF
        except Exception as error:  # noqa: BLE001 - a defect must not lose the user; the retry reports it
            cause, fallback, outcome = f"unexpected {type(error).__name__}", self._enqueue_call(user), Outcome.PUT_OFF
        try:
            call_with_deadline(started + SIGN_IN_BUDGET_SECONDS - time.monotonic(), fallback)
        except (UnavailableError, DeadlineError) as error:
            return Result(Outcome.LOST, f"{cause}; {error}")
        return Result(outcome, cause)

    def retry(self, message: str) -> Result:
        """Writes the user of a queued message. Raises UnavailableError or DeadlineError when it needs another retry."""
        try:
            return self._write(decode_user(message), RETRY_BUDGET_SECONDS)
        except (UpsertRefusedError, MalformedUserError) as error:
            self.retry_queue.dead_letter(message, str(error))
            return Result(Outcome.GIVEN_UP, str(error))

    def _write(self, user: User, seconds: float) -> Result:
        deadline = time.monotonic() + seconds
        variables = upsert_variables(user, self.columns_by_attribute)
        written = call_with_deadline(seconds, lambda: self.users.upsert(variables, deadline))
        refused = tuple(refused_urls(user, self.columns_by_attribute)) if written else ()
        return Result(Outcome.WRITTEN if written else Outcome.STALE, refused_urls=refused)

    def _enqueue_call(self, user: User) -> Callable[[], None]:
        message = encode_user(user, self.columns_by_attribute)
        return lambda: self.retry_queue.enqueue(message)

    def _dead_letter_call(self, user: User, reason: str) -> Callable[[], None]:
        message = encode_user(user, self.columns_by_attribute)
        return lambda: self.retry_queue.dead_letter(message, reason)
