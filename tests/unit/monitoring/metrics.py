"""Metrics that the code of the functions counts, and metrics that alarms read."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from presign.problems import METRICS
from runtime.secrets import SecretError
from validator.pipeline import Outcome

SRC = Path(__file__).parents[3] / "src"
_COUNTING_CALLS = frozenset({"add_metric", "single_metric", "_count"})
_LOOKS_LIKE_A_METRIC = re.compile(r"([A-Z][a-z]+)+(Refused|Unavailable|Unreachable|Failed|Lost|PutOff|GivenUp)")
_ERROR_CODES = frozenset({"PreconditionFailed"})  # of AWS
_SECRET = {SecretError("", refused=refused).metric for refused in (True, False)}
COMPUTED_NAMES: Mapping[str, set[str]] = {
    "presign": _SECRET | set(METRICS),
    "user_sync": _SECRET,
    "validator": {f"Upload{outcome.title().replace('_', '')}" for outcome in Outcome},
}
"""Names that do not stand in the code as text, by package."""
AWS_METRICS: Mapping[str, set[str]] = {  # by namespace, as far as we use them
    "AWS/Lambda": {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
    },
    "AWS/ApiGateway": {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"},
}


class Metric(NamedTuple):
    """A metric in CloudWatch; dimensions in the order of their names."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def watched_by(alarm: Mapping[str, Any]) -> Iterator[Metric]:
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    for metric in stats or [alarm]:
        dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
        yield Metric(metric["Namespace"], metric["MetricName"], tuple(dimensions))


def texts(package: str) -> set[str]:
    """Returns all string literals of a package."""
    return {node.value for node in _nodes(package) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def counted(package: str) -> set[str]:
    """Returns the literals of a package that are passed to a counting call or look like the name of a metric."""
    passed = {
        node.args[0].value
        for node in _nodes(package)
        if isinstance(node, ast.Call) and _name(node.func) in _COUNTING_CALLS and isinstance(node.args[0], ast.Constant)
    }
    named = {text for text in texts(package) if _LOOKS_LIKE_A_METRIC.fullmatch(text)} - _ERROR_CODES
    return {str(each) for each in passed} | named


def _nodes(package: str) -> Iterator[ast.AST]:
    for path in (SRC / package).glob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
