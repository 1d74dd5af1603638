"""Compares results with expectations, as events/README.md describes."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def outcome(function: Callable[[Any, Any], Any], event: Any, context: object) -> dict[str, Any]:
    """Calls the function and returns its `result`, or the `error` that it raised, as Lambda reports it."""
    try:
        return {"result": function(event, context)}
    except Exception as error:  # noqa: BLE001 - Lambda takes them all
        return {"error": {"errorType": type(error).__name__, "errorMessage": str(error)}}


def failures(expected: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """Returns the differences between the outcome of a call and its expectation."""
    (ending,) = expected.keys() - {"given"}
    if ending not in outcome:
        return [f"{ending} is missing: {outcome!r}"]
    return list(mismatches(expected[ending], outcome[ending], ending))


def mismatches(expected: object, result: object, where: str = "result") -> Iterator[str]:
    """Yields where `result` does not contain what is expected."""
    if isinstance(expected, Mapping) and list(expected) == ["$matches"]:
        if not (isinstance(result, str) and re.search(expected["$matches"], result)):
            yield f"{where}: {result!r} does not match {expected['$matches']!r}"
    elif isinstance(expected, Mapping):
        yield from _mapping(expected, json.loads(result) if isinstance(result, str) else result, where)
    elif isinstance(expected, list):
        yield from _list(expected, result, where)
    elif expected != result or isinstance(expected, bool) is not isinstance(result, bool):
        yield f"{where}: {result!r} is not {expected!r}"


def _mapping(expected: Mapping[str, Any], result: object, where: str) -> Iterator[str]:
    if not isinstance(result, Mapping):
        yield f"{where}: {result!r} is no object"
        return
    for name, value in expected.items():
        if name in result:
            yield from mismatches(value, result[name], f"{where}.{name}")
        else:
            yield f"{where}.{name} is missing"


def _list(expected: list[Any], result: object, where: str) -> Iterator[str]:
    if not isinstance(result, list) or len(result) != len(expected):
        yield f"{where}: {result!r} is no list of {len(expected)}"
        return
    for number, (want, have) in enumerate(zip(expected, result, strict=True)):
        yield from mismatches(want, have, f"{where}[{number}]")
