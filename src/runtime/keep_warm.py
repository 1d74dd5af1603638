"""The event of the schedule that keeps an execution environment warm (docs/adr/0016-keep-warm.md)."""

from collections.abc import Mapping

WARM_UP: Mapping[str, str] = {"phenom": "keep warm"}
"""The whole event: `Input` of the schedule's targets."""


def is_warm_up(event: object) -> bool:
    """Returns True for the schedule's event.

    Callers cannot send it: API Gateway, Cognito and SQS put what callers send into certain fields of larger events.
    """
    return event == WARM_UP
