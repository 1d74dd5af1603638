"""DynamoDB in memory: one table with conditional writes, for the expressions that the ledger uses."""
# ruff: noqa: N803 - arguments have the names of botocore

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.faults.programs import refusal

type Item = dict[str, dict[str, Any]]
type Term = Callable[[Item], bool]

TOKENS = re.compile(r"\s*(attribute_not_exists|attribute_exists|AND|OR|[()<=]|[#:]?[A-Za-z_]\w*)")


class Condition:
    """A condition expression, parsed by recursive descent. All names and values given must be used, as in AWS."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, dict[str, str]]) -> None:
        self._names, self._values = names, values
        self.used: set[str] = set()
        self._tokens = TOKENS.findall(text)
        assert "".join(self._tokens) == re.sub(r"\s", "", text), f"not understood: {text}"
        self._term = self._any()
        assert not self._tokens, f"not understood: {text}"

    def holds(self, item: Item) -> bool:
        return self._term(item)

    def _any(self) -> Term:
        terms = [self._all()]
        while self._tokens[:1] == ["OR"]:
            self._take("OR")
            terms.append(self._all())
        return lambda item: any(term(item) for term in terms)

    def _all(self) -> Term:
        terms = [self._one()]
        while self._tokens[:1] == ["AND"]:
            self._take("AND")
            terms.append(self._one())
        return lambda item: all(term(item) for term in terms)

    def _one(self) -> Term:
        first = self._tokens.pop(0)
        if first == "(":
            inner = self._any()
            self._take(")")
            return inner
        if first in {"attribute_not_exists", "attribute_exists"}:
            self._take("(")
            name = self._name(self._tokens.pop(0))
            self._take(")")
            return lambda item: (name in item) == (first == "attribute_exists")
        name, comparison, operand = self._name(first), self._tokens.pop(0), self._tokens.pop(0)
        self.used.add(operand)
        value = self._values[operand]
        return lambda item: name in item and _compare(item[name], comparison, value)

    def _take(self, token: str) -> None:
        assert self._tokens.pop(0) == token

    def _name(self, token: str) -> str:
        if not token.startswith("#"):
            return token
        self.used.add(token)
        return self._names[token]


def _compare(stored: dict[str, str], comparison: str, value: dict[str, str]) -> bool:
    (kind, left), (other, right) = *stored.items(), *value.items()
    if kind != other:
        return False
    pair: tuple[Any, Any] = (Decimal(left), Decimal(right)) if kind == "N" else (left, right)
    return bool(pair[0] == pair[1] if comparison == "=" else pair[0] < pair[1])


class DynamoDb:
    """The ledger's table. `history` contains all past states of each item."""

    def __init__(self, table: str) -> None:
        self.items: dict[str, Item] = {}
        self.history: dict[str, list[Item]] = {}
        self._table = table

    def put_item(self, *, TableName: str, Item: Item, ConditionExpression: str) -> dict[str, Any]:
        assert TableName == self._table
        key = Item["uploadId"]["S"]
        if not Condition(ConditionExpression, {}, {}).holds(self.items.get(key, {})):
            raise refusal(400, "ConditionalCheckFailedException", "PutItem")
        self._write(key, dict(Item))
        return {}

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> dict[str, Any]:
        assert (TableName, ConsistentRead) == (self._table, True)
        item = self.items.get(Key["uploadId"]["S"])
        return {"Item": dict(item)} if item else {}

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        UpdateExpression: str,
        ConditionExpression: str,
        ExpressionAttributeNames: dict[str, str],
        ExpressionAttributeValues: dict[str, dict[str, str]],
        ReturnValues: str,
        ReturnValuesOnConditionCheckFailure: str,
    ) -> dict[str, Any]:
        assert (TableName, ReturnValues, ReturnValuesOnConditionCheckFailure) == (self._table, "ALL_NEW", "ALL_OLD")
        key = Key["uploadId"]["S"]
        condition = Condition(ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues)
        sets = [part.strip().split(" = ") for part in UpdateExpression.removeprefix("SET ").split(",")]
        used = condition.used | {token for pair in sets for token in pair}
        assert used == ExpressionAttributeNames.keys() | ExpressionAttributeValues.keys(), "a ValidationException"
        item = self.items.get(key, {})
        if not condition.holds(item):
            more = {"Item": dict(item)} if item else {}
            raise refusal(400, "ConditionalCheckFailedException", "UpdateItem", **more)
        changes = {ExpressionAttributeNames[name]: ExpressionAttributeValues[value] for name, value in sets}
        self._write(key, {**Key, **item, **changes})
        return {"Attributes": dict(self.items[key])}

    def _write(self, key: str, item: Item) -> None:
        self.items[key] = item
        self.history.setdefault(key, []).append(item)
