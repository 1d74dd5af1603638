"""A limit on the whole of a call."""

import threading

import pytest

from user_sync.deadline import DeadlineError, within


def test_what_the_call_returns_is_returned():
    assert within(10, lambda: "result") == "result"
    assert within(10, lambda: None) is None


def test_what_the_call_raises_is_raised():
    def fail():
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        within(10, fail)


def test_even_an_exit_is_raised_where_it_is_waited_for():
    def leave():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        within(10, leave)


@pytest.mark.parametrize("seconds", [0.01, 0, -5])
def test_a_call_that_takes_too_long_is_left_alone_and_may_yet_come_to_its_end(seconds):
    go_on, done = threading.Event(), threading.Event()

    def call():
        go_on.wait(30)
        done.set()

    with pytest.raises(DeadlineError, match="no answer within"):
        within(seconds, call)
    assert not done.is_set()
    go_on.set()
    assert done.wait(30)
