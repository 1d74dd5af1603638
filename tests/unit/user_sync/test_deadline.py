"""Time limit of a call."""

import threading

import pytest

from user_sync.deadline import DeadlineError, call_with_deadline


def test_return_value_is_returned():
    assert call_with_deadline(10, lambda: "result") == "result"
    assert call_with_deadline(10, lambda: None) is None


def test_exception_is_raised():
    def fail():
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        call_with_deadline(10, fail)


def test_system_exit_is_raised_in_the_waiting_thread():
    def leave():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        call_with_deadline(10, leave)


@pytest.mark.parametrize("seconds", [0.01, 0, -5])
def test_slow_call_raises_and_finishes_in_the_background(seconds):
    go_on, done = threading.Event(), threading.Event()

    def call():
        go_on.wait(30)
        done.set()

    with pytest.raises(DeadlineError, match="no answer within"):
        call_with_deadline(seconds, call)
    assert not done.is_set()
    go_on.set()
    assert done.wait(30)
