"""Prints a sample event for `sam local invoke`, or the names of a function's cases."""

import json

from phenom import event_cases
from phenom.errors import DONE


def print_event(function: str, case: str | None) -> int:
    """Prints the complete event of a case as JSON; without a case, the names. Raises CaseError."""
    if case is None:
        print(*event_cases.names(function), sep="\n")
    else:
        print(json.dumps(event_cases.load(function, case)[0], indent=2))
    return DONE
