"""Sample events and what must come of them, for tests, benchmarks, `phenom invoke` and `phenom event`."""

from phenom.event_cases.cases import EVENTS, CaseError, load, names

__all__ = ["EVENTS", "CaseError", "load", "names"]
