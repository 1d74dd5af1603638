"""Evaluates IAM policies: explicit deny, wildcards, and the condition operators that our policies use.

test_iam.py has the rules of AWS's documentation that it follows.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Statement = Mapping[str, Any]


def statements(*documents: str) -> list[Statement]:
    """Returns the statements of policy documents in JSON."""
    return [statement for document in documents for statement in as_list(json.loads(document)["Statement"])]


def is_allowed(policies: Iterable[Statement], action: str, resource: str, **context: str | list[str]) -> bool:
    """Returns True if the policies allow the action. `context` has condition keys: `iam_PassedToService="…"`.

    A list is a key with several values, such as lambda:SubnetIds.
    """
    keys = {name.replace("_", ":", 1): value for name, value in context.items()}
    effects = [s["Effect"] for s in policies if _covers(s, action, resource) and _holds(s.get("Condition", {}), keys)]
    return "Allow" in effects and "Deny" not in effects


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.IGNORECASE if ignore_case else 0) is not None


def _covers(statement: Statement, action: str, resource: str) -> bool:
    listed = as_list(statement.get("Action", statement.get("NotAction")))
    named = any(matches(each, action, ignore_case=True) for each in listed)
    return named is ("Action" in statement) and any(matches(each, resource) for each in as_list(statement["Resource"]))


def _holds(conditions: Mapping[str, Mapping[str, Any]], keys: Mapping[str, str | list[str]]) -> bool:
    return all(
        _one(operator, as_list(values), keys.get(key))
        for operator, wanted in conditions.items()
        for key, values in wanted.items()
    )


def _one(operator: str, values: list[str], found: str | list[str] | None) -> bool:
    if operator.startswith("ForAnyValue:"):  # false without the key
        return any(_one(operator.removeprefix("ForAnyValue:"), values, each) for each in as_list(found or []))
    if operator.endswith("IfExists"):
        return found is None or _one(operator.removesuffix("IfExists"), values, found)
    match operator:
        case "StringEquals":
            return found in values
        case "StringNotEquals":
            return found not in values
        case "StringLike" | "ArnLike" | "ArnEquals":
            return isinstance(found, str) and any(matches(value, found) for value in values)
        case "ArnNotLike":
            return not _one("ArnLike", values, found)
        case "Bool":
            return found is not None and found in values
        case "Null":
            return (found is None) == (values == ["true"])
    raise AssertionError(f"{operator} is not known here")
