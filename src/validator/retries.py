"""Retry policy: how many deliveries try for a verdict, and how long a failed one waits for the next.

SQS counts the deliveries of a message. The first ATTEMPTS try for a verdict; later ones only hold the object, so that
the dead-letter queue never receives a message whose object could expire. The queue's `maxReceiveCount` (10, see
`ValidatorQueue` in template.yaml) must therefore exceed ATTEMPTS by a few deliveries, each of which may fail too.
"""

import math

ATTEMPTS = 5

LONGEST_WAIT_SECONDS = 3600


def is_exhausted(attempt: int) -> bool:
    """Returns True if the delivery comes after the last attempt: it must hold the object."""
    return attempt > ATTEMPTS


def backoff_seconds(base: int, attempt: int) -> float:
    """Returns the wait after a failed attempt: `base`, then four times longer after each.

    After the last attempt it is `base` again: the next delivery only holds the object, so there is nothing to wait for.
    """
    return float(base * 4 ** (0 if attempt == ATTEMPTS else attempt - 1))


def visibility_timeout(seconds: float) -> int:
    """Returns a wait as SQS takes it: whole seconds, rounded up because an early delivery would cost an attempt."""
    return max(0, min(LONGEST_WAIT_SECONDS, math.ceil(seconds)))
