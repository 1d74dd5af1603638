"""The rules: a sign-in goes on whatever happens, and what is not written now is written later."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.user_sync.fakes import COLUMNS, NOON, SUB, FakeLater, FakeUsers, ada
from user_sync import service as module
from user_sync.deadline import DeadlineError
from user_sync.ports import RefusedError, UnavailableError
from user_sync.service import Outcome, Result, UserSync

DOWN = UnavailableError("Hasura cannot be reached: ConnectionRefusedError")
REFUSED = RefusedError("constraint-violation: users_email_key")


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def later() -> FakeLater:
    return FakeLater()


@pytest.fixture
def sync(users, later) -> UserSync:
    return UserSync(users, later, COLUMNS)


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Something to wait for in vain, until the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def hurry(monkeypatch) -> None:
    """What takes too long does so at once."""
    monkeypatch.setattr(module, "WRITE_SECONDS", 0.01)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(module, "SIGN_IN_SECONDS", 0.02)


def test_who_signs_in_is_written(sync, users, later):
    assert sync.signed_in(ada()) == Result(Outcome.WRITTEN)
    assert users.rows[SUB]["email"] == "ada@example.org"
    assert (later.messages, later.given_up) == ([], [])


def test_a_row_that_is_newer_stands(sync, users):
    sync.signed_in(ada(NOON + timedelta(seconds=1), name="Countess"))
    assert sync.signed_in(ada()) == Result(Outcome.STALE)
    assert users.rows[SUB]["display_name"] == "Countess"


def test_the_budget_of_a_sign_in_leaves_time_to_put_it_off():
    assert module.WRITE_SECONDS < module.SIGN_IN_SECONDS <= 2


def test_who_cannot_be_written_now_is_put_off_and_written_later_as_they_were_then(sync, users, later):
    users.broken = DOWN
    assert sync.signed_in(ada()) == Result(Outcome.PUT_OFF, str(DOWN))
    users.broken = None
    (message,) = later.messages
    assert sync.retry(message) == Result(Outcome.WRITTEN)
    written_later, users.rows = users.rows, {}
    sync.signed_in(ada())
    assert users.rows == written_later


def test_retries_in_any_order_and_any_number_leave_the_newest(sync, users, later):
    users.broken = DOWN
    for second in range(3):
        sync.signed_in(ada(NOON + timedelta(seconds=second), name=f"Ada {second}"))
    users.broken = None
    for order in (2, 0, 1, 2, 0):
        sync.retry(later.messages[order])
    assert users.rows[SUB]["display_name"] == "Ada 2"


def test_who_can_never_be_written_is_given_up_with_the_reason(sync, users, later):
    users.broken = REFUSED
    assert sync.signed_in(ada()) == Result(Outcome.GIVEN_UP, "constraint-violation: users_email_key")
    ((_, reason),) = later.given_up
    assert (reason, later.messages) == ("constraint-violation: users_email_key", [])


def test_a_write_that_hangs_is_put_off(sync, users, later, never, hurry):
    users.broken = lambda: never.wait(30)
    result = sync.signed_in(ada())
    assert (result.outcome, len(later.messages)) == (Outcome.PUT_OFF, 1)
    assert "no answer within" in str(result.cause)


def test_a_defect_puts_off_as_well_and_is_told_by_its_type_alone(sync, users, later):
    users.broken = LookupError("ada@example.org")
    assert sync.signed_in(ada()) == Result(Outcome.PUT_OFF, "unexpected LookupError")
    assert len(later.messages) == 1


@pytest.mark.parametrize("broken", [DOWN, REFUSED])
def test_when_the_queue_is_down_too_the_user_is_lost_and_both_causes_are_told(sync, users, later, broken):
    users.broken, later.broken = broken, UnavailableError("SQS: ServiceUnavailable")
    assert sync.signed_in(ada()) == Result(Outcome.LOST, f"{broken}; SQS: ServiceUnavailable")


def test_when_everything_hangs_the_sign_in_goes_on_all_the_same(sync, users, later, never, hurry):
    users.broken = later.broken = lambda: never.wait(30)
    result = sync.signed_in(ada())
    assert result.outcome is Outcome.LOST
    assert str(result.cause).count("no answer within") == 2


def test_hasura_is_told_the_deadline(sync, users, monkeypatch):
    monkeypatch.setattr(module.time, "monotonic", lambda: 1000.0)
    sync.signed_in(ada())
    assert users.deadlines == [1000.0 + module.WRITE_SECONDS]


def test_a_retry_that_fails_is_still_to_be_done(sync, users, later):
    users.broken = DOWN
    sync.signed_in(ada())
    with pytest.raises(UnavailableError):
        sync.retry(later.messages[0])
    assert (len(later.messages), later.given_up) == (1, [])


def test_a_retry_that_hangs_is_still_to_be_done(sync, users, later, never, hurry):
    users.broken = DOWN
    sync.signed_in(ada())
    users.broken = lambda: never.wait(30)
    with pytest.raises(DeadlineError):
        sync.retry(later.messages[0])


def test_a_retry_that_can_never_succeed_is_given_up_as_it_came(sync, users, later):
    users.broken = DOWN
    sync.signed_in(ada())
    users.broken = REFUSED
    assert sync.retry(later.messages[0]) == Result(Outcome.GIVEN_UP, str(REFUSED))
    assert later.given_up == [(later.messages[0], str(REFUSED))]


def test_what_is_no_message_is_given_up_as_it_came(sync, later):
    assert sync.retry("no message").outcome is Outcome.GIVEN_UP
    assert later.given_up == [("no message", "the message is not one of ours")]


def test_what_cannot_be_given_up_is_still_to_be_done(sync, later):
    later.broken = UnavailableError("SQS: ServiceUnavailable")
    with pytest.raises(UnavailableError):
        sync.retry("no message")
