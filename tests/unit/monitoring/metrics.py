"""Metrics that the code of the functions counts, and metrics that alarms read."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from phenom.aws.stacks import LIVE
from presign.problems import METRICS
from runtime.secrets import SecretError
from tests import template
from tools.monitoring.catalogue import our_metrics
from uploads.reasons import Reason
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
AWS_METRICS: Mapping[tuple[str, tuple[str, ...]], set[str]] = {  # by namespace and dimensions, as far as we use them
    ("AWS/Lambda", ("FunctionName",)): {
        "ConcurrentExecutions",
        "Duration",
        "Errors",
        "Invocations",
        "IteratorAge",
        "Throttles",
    },
    ("AWS/Lambda", ("FunctionName", "Resource")): {"Errors"},  # of an alias
    ("AWS/Lambda", ("ExecutedVersion", "FunctionName", "Resource")): {"Errors"},  # of a version behind the alias
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
    },
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"},
    ("AWS/ApiGateway", ("ApiName", "Method", "Resource", "Stage")): {"Count"},  # because of MetricsEnabled
}
_DEPLOYED = template.deployed("dev")
_NAMES_BY_DIMENSION = {
    "FunctionName": _DEPLOYED.names_of("AWS::Serverless::Function"),
    "QueueName": _DEPLOYED.names_of("AWS::SQS::Queue"),
    "ApiName": {api["Name"] for api in _DEPLOYED.of_type("AWS::Serverless::Api").values()},
    "Stage": {api["StageName"] for api in _DEPLOYED.of_type("AWS::Serverless::Api").values()},
}


ROUTES = {
    (each["Properties"]["Method"], each["Properties"]["Path"])
    for each in template.properties("PresignFunction")["Events"].values()
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


def assert_exists(metric: Metric) -> None:
    """Asserts that the metric is published with exactly these dimensions; otherwise it would never have data."""
    dimensions = dict(metric.dimensions)
    if metric.namespace == "Phenom":
        by_reason = {(f"phenom-dev-{each.service}", each.name): each.by_reason for each in our_metrics()}
        assert ("reason" in dimensions) is by_reason[dimensions.pop("service"), metric.name]
        assert dimensions.pop("reason", Reason.MALFORMED) in set(Reason)
        assert not dimensions
        return
    names = tuple(sorted(dimensions))
    assert metric.name in AWS_METRICS[metric.namespace, names], "not in AWS_METRICS with these dimensions"
    if metric.namespace == "AWS/ApiGateway":
        assert (dimensions.pop("Method", None), dimensions.pop("Resource", None)) in {(None, None), *ROUTES}
    assert dimensions.pop("Resource", None) in {None, f"{dimensions.get('FunctionName')}:{LIVE}"}
    dimensions.pop("ExecutedVersion", None)  # known only after the deployment
    assert all(value in _NAMES_BY_DIMENSION[name] for name, value in dimensions.items()), metric


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
