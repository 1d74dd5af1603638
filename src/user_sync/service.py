"""The rules: a sign-in goes on whatever happens here, and what is not written now is written later."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from user_sync import messages
from user_sync.deadline import DeadlineError, within
from user_sync.ports import Later, RefusedError, UnavailableError, Users
from user_sync.users import MalformedUserError, User, variables

# Cognito waits 5 seconds; a person should not wait for more than 2 of them.
SIGN_IN_SECONDS = 2.0
WRITE_SECONDS = 1.3
# Nobody waits for what comes from the queue, but the function itself ends after 5.
RETRY_SECONDS = 3.0


class Outcome(StrEnum):
    """What became of a user."""

    WRITTEN = "written"
    STALE = "stale"  # what stands there is newer
    PUT_OFF = "put_off"
    GIVEN_UP = "given_up"
    LOST = "lost"  # neither written nor noted anywhere: the next sign-in, or a backfill, writes it


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, and why it is no better."""

    outcome: Outcome
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class UserSync:
    """Writes users, or sees to it that they are written later."""

    users: Users
    later: Later
    columns_by_attribute: Mapping[str, str]

    def signed_in(self, user: User) -> Result:
        """Ends within SIGN_IN_SECONDS, whatever hangs. Raises nothing that its ports may raise."""
        started = time.monotonic()
        try:
            return self._write(user, WRITE_SECONDS)
        except RefusedError as error:
            cause, note, noted = str(error), self._giving_up(user, str(error)), Outcome.GIVEN_UP
        except (UnavailableError, DeadlineError) as error:
            cause, note, noted = str(error), self._putting_off(user), Outcome.PUT_OFF
        except Exception as error:  # noqa: BLE001 - a defect must not lose the user; whoever retries tells of it
            cause, note, noted = f"unexpected {type(error).__name__}", self._putting_off(user), Outcome.PUT_OFF
        try:
            within(started + SIGN_IN_SECONDS - time.monotonic(), note)
        except (UnavailableError, DeadlineError) as error:
            return Result(Outcome.LOST, f"{cause}; {error}")
        return Result(noted, cause)

    def retry(self, message: str) -> Result:
        """One more attempt at what was put off. Raises UnavailableError or DeadlineError: it is still to be done."""
        try:
            return self._write(messages.decode(message), RETRY_SECONDS)
        except (RefusedError, MalformedUserError) as error:
            self.later.give_up(message, str(error))
            return Result(Outcome.GIVEN_UP, str(error))

    def _write(self, user: User, seconds: float) -> Result:
        deadline = time.monotonic() + seconds
        content = variables(user, self.columns_by_attribute)
        written = within(seconds, lambda: self.users.upsert(content, deadline))
        return Result(Outcome.WRITTEN if written else Outcome.STALE)

    def _putting_off(self, user: User) -> Callable[[], None]:
        message = messages.encode(user, self.columns_by_attribute)
        return lambda: self.later.put_off(message)

    def _giving_up(self, user: User, reason: str) -> Callable[[], None]:
        message = messages.encode(user, self.columns_by_attribute)
        return lambda: self.later.give_up(message, reason)
