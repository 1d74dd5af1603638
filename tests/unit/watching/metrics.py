"""Which metrics there are: those that the functions' code emits, and those that are looked at."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from presign import problems
from runtime.secrets import SecretError
from tests import template
from validator.pipeline import Outcome

SRC = Path(__file__).parents[3] / "src"
_CALLS = frozenset({"add_metric", "single_metric", "_count"})


class Metric(NamedTuple):
    """A metric of CloudWatch; dimensions in order of their names."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def emitted(environment: str) -> set[tuple[str, str]]:
    """Service and name of each metric in the namespace Phenom: what the code counts, and what is counted from logs."""
    deployed = template.deployed(environment)
    found = {
        (function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"], name)
        for function in deployed.of_type("AWS::Serverless::Function").values()
        for name in _counted_by(function["Handler"].partition(".")[0])
    }
    for each in deployed.of_type("AWS::Logs::MetricFilter").values():
        for made in each["MetricTransformations"]:
            found.add((f"phenom-{environment}-upload-api", made["MetricName"]))
    return found


def looked_at(alarm: Mapping[str, Any]) -> Iterator[Metric]:
    """By an alarm."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    for metric in stats or [alarm]:
        dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
        yield Metric(metric["Namespace"], metric["MetricName"], tuple(dimensions))


def drawn(widget: Mapping[str, Any]) -> Iterator[Metric]:
    """By a widget of a dashboard."""
    for row in widget["properties"].get("metrics", []):
        namespace, name, *words = [word for word in row if isinstance(word, str)]
        yield Metric(namespace, name, tuple(sorted(zip(words[::2], words[1::2], strict=True))))


def _counted_by(package: str) -> set[str]:
    return {name for path in (SRC / package).glob("*.py") for name in _in_module(ast.parse(path.read_text()))}


def _in_module(tree: ast.Module) -> Iterator[str]:
    tables = {
        node.target.id: _values(node.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Dict)
    }
    loops = {
        name.id: tables.get(node.iter.func.value.id, set())
        for node in ast.walk(tree)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Tuple)
        and isinstance(name := node.target.elts[-1], ast.Name)
        and isinstance(node.iter, ast.Call)
        and isinstance(node.iter.func, ast.Attribute)
        and isinstance(node.iter.func.value, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in _CALLS:
            yield from _names(node.args[0], tables | loops)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _values(table: ast.Dict) -> set[str]:
    return {value.value for value in table.values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def _names(argument: ast.expr, tables: Mapping[str, set[str]]) -> set[str]:
    """What the first argument of a counting call may be. Fails where that cannot be seen: teach it then."""
    match argument:
        case ast.Constant(str(name)):
            return {name}
        case ast.JoinedStr([ast.Constant("Upload"), _]):
            return {f"Upload{result.title().replace('_', '')}" for result in Outcome}
        case ast.Call(ast.Attribute(ast.Name(table), "get"), [_, ast.Constant(str(default))]):
            return tables[table] | {default}
        case ast.Subscript(ast.Name(table)):
            return tables[table]
        case ast.Attribute(ast.Name("error"), "metric"):
            return {SecretError("", refused=refused).metric for refused in (True, False)}
        case ast.Attribute(ast.Name("problem"), "metric"):
            return set(problems.METRICS)
        case ast.Name(name) if name in tables:
            return tables[name]
        case ast.Name("name"):  # the parameter of a function that is counted by its own calls
            return set()
    raise AssertionError(f"which metric is this? {ast.unparse(argument)}")
