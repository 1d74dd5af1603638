"""`phenom event`: prints a sample event for `sam local invoke`, or the names of a function's cases."""

import json

from phenom import event_cases


def print_names(function: str) -> None:
    """Prints the names of a function's cases, one per line. Raises CaseError."""
    print(*event_cases.names(function), sep="\n")


def print_event(function: str, case: str) -> None:
    """Prints the complete event of a case as JSON. Raises CaseError."""
    event, _ = event_cases.load(function, case)
    print(json.dumps(event, indent=2))
