"""The retry policy, and the queue that it depends on."""

import pytest

from tests import template
from validator.retries import ATTEMPTS, backoff_seconds, is_exhausted, visibility_timeout


def test_deliveries_after_the_last_attempt_are_exhausted():
    assert [is_exhausted(attempt) for attempt in (1, ATTEMPTS, ATTEMPTS + 1)] == [False, False, True]


def test_backoff_grows_fourfold_until_the_last_attempt():
    """After the last attempt there is nothing to wait for: the next delivery only holds the object."""
    assert [backoff_seconds(15, attempt) for attempt in range(1, ATTEMPTS + 1)] == [15, 60, 240, 960, 15]


@pytest.mark.parametrize(("seconds", "timeout"), [(-5, 0), (0.2, 1), (200, 200), (90_000, 3600)])
def test_visibility_timeout_is_rounded_up_and_limited(seconds, timeout):
    assert visibility_timeout(seconds) == timeout


def test_queue_allows_several_deliveries_to_hold_an_object():
    """Each of them may fail too, and the message must not reach the dead-letter queue before the object is held."""
    policy = template.properties("ValidatorQueue")["RedrivePolicy"]
    assert policy["maxReceiveCount"] >= ATTEMPTS + 3
