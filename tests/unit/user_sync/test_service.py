"""The rules: a sign-in is never blocked, and a user that cannot be written now is queued."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.user_sync.fakes import COLUMNS, NOON, SUB, FakeRetryQueue, FakeUsers, ada
from user_sync import service as module
from user_sync.deadline import DeadlineError
from user_sync.ports import UnavailableError, UpsertRefusedError
from user_sync.service import Outcome, Result, UserSync

DOWN = UnavailableError("Hasura cannot be reached: ConnectionRefusedError")
REFUSED = UpsertRefusedError("constraint-violation: users_email_key")


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def retry_queue() -> FakeRetryQueue:
    return FakeRetryQueue()


@pytest.fixture
def sync(users, retry_queue) -> UserSync:
    return UserSync(users, retry_queue, COLUMNS)


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """An event that is not set until the test ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def short_budgets(monkeypatch) -> None:
    """Shortens all time budgets."""
    monkeypatch.setattr(module, "WRITE_BUDGET_SECONDS", 0.01)
    monkeypatch.setattr(module, "RETRY_BUDGET_SECONDS", 0.01)
    monkeypatch.setattr(module, "SIGN_IN_BUDGET_SECONDS", 0.02)


def test_sign_in_is_written(sync, users, retry_queue):
    assert sync.sync_sign_in(ada()) == Result(Outcome.WRITTEN)
    assert users.rows[SUB]["email"] == "ada@example.org"
    assert (retry_queue.messages, retry_queue.dead_letters) == ([], [])


def test_newer_row_is_kept(sync, users):
    sync.sync_sign_in(ada(NOON + timedelta(seconds=1), name="Countess"))
    assert sync.sync_sign_in(ada()) == Result(Outcome.STALE)
    assert users.rows[SUB]["display_name"] == "Countess"


def test_sign_in_budget_leaves_time_to_queue_the_user():
    assert module.WRITE_BUDGET_SECONDS < module.SIGN_IN_BUDGET_SECONDS <= 2


def test_queued_user_is_written_later_as_at_the_sign_in(sync, users, retry_queue):
    users.broken = DOWN
    assert sync.sync_sign_in(ada()) == Result(Outcome.PUT_OFF, str(DOWN))
    users.broken = None
    (message,) = retry_queue.messages
    assert sync.retry(message) == Result(Outcome.WRITTEN)
    written_later, users.rows = users.rows, {}
    sync.sync_sign_in(ada())
    assert users.rows == written_later


def test_retries_in_any_order_leave_the_newest_data(sync, users, retry_queue):
    users.broken = DOWN
    for second in range(3):
        sync.sync_sign_in(ada(NOON + timedelta(seconds=second), name=f"Ada {second}"))
    users.broken = None
    for order in (2, 0, 1, 2, 0):
        sync.retry(retry_queue.messages[order])
    assert users.rows[SUB]["display_name"] == "Ada 2"


def test_refused_user_goes_to_the_dead_letter_queue_with_the_reason(sync, users, retry_queue):
    users.broken = REFUSED
    assert sync.sync_sign_in(ada()) == Result(Outcome.GIVEN_UP, "constraint-violation: users_email_key")
    ((_, reason),) = retry_queue.dead_letters
    assert (reason, retry_queue.messages) == ("constraint-violation: users_email_key", [])


def test_hanging_write_is_queued(sync, users, retry_queue, never, short_budgets):
    users.broken = lambda: never.wait(30)
    result = sync.sync_sign_in(ada())
    assert (result.outcome, len(retry_queue.messages)) == (Outcome.PUT_OFF, 1)
    assert "no answer within" in str(result.cause)


def test_unexpected_error_is_queued_and_reported_by_type_only(sync, users, retry_queue):
    users.broken = LookupError("ada@example.org")
    assert sync.sync_sign_in(ada()) == Result(Outcome.PUT_OFF, "unexpected LookupError")
    assert len(retry_queue.messages) == 1


@pytest.mark.parametrize("broken", [DOWN, REFUSED])
def test_user_is_lost_with_both_causes_when_the_queue_is_down(sync, users, retry_queue, broken):
    users.broken, retry_queue.broken = broken, UnavailableError("SQS: ServiceUnavailable")
    assert sync.sync_sign_in(ada()) == Result(Outcome.LOST, f"{broken}; SQS: ServiceUnavailable")


def test_sign_in_ends_in_time_when_everything_hangs(sync, users, retry_queue, never, short_budgets):
    users.broken = retry_queue.broken = lambda: never.wait(30)
    result = sync.sync_sign_in(ada())
    assert result.outcome is Outcome.LOST
    assert str(result.cause).count("no answer within") == 2


def test_upsert_gets_the_deadline(sync, users, monkeypatch):
    monkeypatch.setattr(module.time, "monotonic", lambda: 1000.0)
    sync.sync_sign_in(ada())
    assert users.deadlines == [1000.0 + module.WRITE_BUDGET_SECONDS]


def test_failed_retry_raises(sync, users, retry_queue):
    users.broken = DOWN
    sync.sync_sign_in(ada())
    with pytest.raises(UnavailableError):
        sync.retry(retry_queue.messages[0])
    assert (len(retry_queue.messages), retry_queue.dead_letters) == (1, [])


def test_hanging_retry_raises(sync, users, retry_queue, never, short_budgets):
    users.broken = DOWN
    sync.sync_sign_in(ada())
    users.broken = lambda: never.wait(30)
    with pytest.raises(DeadlineError):
        sync.retry(retry_queue.messages[0])


def test_refused_retry_goes_to_the_dead_letter_queue_unchanged(sync, users, retry_queue):
    users.broken = DOWN
    sync.sync_sign_in(ada())
    users.broken = REFUSED
    assert sync.retry(retry_queue.messages[0]) == Result(Outcome.GIVEN_UP, str(REFUSED))
    assert retry_queue.dead_letters == [(retry_queue.messages[0], str(REFUSED))]


def test_malformed_message_goes_to_the_dead_letter_queue_unchanged(sync, retry_queue):
    assert sync.retry("no message").outcome is Outcome.GIVEN_UP
    assert retry_queue.dead_letters == [("no message", "the message is malformed")]


def test_retry_raises_when_the_dead_letter_queue_is_down(sync, retry_queue):
    retry_queue.broken = UnavailableError("SQS: ServiceUnavailable")
    with pytest.raises(UnavailableError):
        sync.retry("no message")
