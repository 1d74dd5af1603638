"""Computes the part of CloudWatch's metric math that our alarms use. None is a missing data point.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

type Point = float | None

_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
}


def compute(expression: str, points: Mapping[str, Point]) -> Point:
    """Returns the value of the expression for one data point of each series."""
    return _point(ast.parse(expression, mode="eval").body, points)


def _point(node: ast.expr, points: Mapping[str, Point]) -> Point:
    match node:
        case ast.Constant(int(value) | float(value)):
            return value
        case ast.Name(name):
            return points[name]
        case ast.Call(ast.Name("SUM"), [ast.List(series)]):
            there = [point for each in series if (point := _point(each, points)) is not None]
            return sum(there) if there else None
        case ast.Call(ast.Name("IF"), [condition, then, otherwise]):
            holds = _point(condition, points)
            return None if holds is None else _point(then if holds else otherwise, points)
        case ast.Compare(left, [comparison], [right]):
            return _apply(type(comparison), _point(left, points), _point(right, points))
        case ast.BinOp(left, operation, right):
            return _apply(type(operation), _point(left, points), _point(right, points))
    raise AssertionError(f"not supported by this test: {ast.unparse(node)}")


def _apply(operation: type[ast.AST], left: Point, right: Point) -> Point:
    if left is None or right is None or (operation is ast.Div and right == 0):
        return None
    return float(_OPERATORS[operation](left, right))
