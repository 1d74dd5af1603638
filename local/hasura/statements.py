"""SQL for the fields of the schema. Values are always parameters; names come only from the schema and metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from local.hasura.authentication import Session
from local.hasura.errors import VALIDATION_FAILED, HasuraError
from local.hasura.metadata import SelectPermission, Table

_COMPARISONS = {"_eq": "=", "_neq": "<>", "_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<="}
_SESSION_VARIABLE_PREFIX = "x-hasura-"


@dataclass(slots=True)
class Statement:
    """One statement under construction, with the parameters of its placeholders in order."""

    table: Table
    session: Session
    parameters: list[Any] = field(default_factory=list)

    def select(
        self, columns: Sequence[str], arguments: Mapping[str, Any], permission: SelectPermission | None
    ) -> Composed:
        """Returns a SELECT of rows as JSON; the permission applies in addition to the client's arguments."""
        limits = [each for each in (arguments.get("limit"), getattr(permission, "limit", None)) if each is not None]
        conditions = [self._condition(arguments["where"])] if arguments.get("where") is not None else []
        if permission:
            conditions.append(self._condition(self._with_session_variables(permission.filter)))
        return SQL("SELECT row_to_json(found) FROM (SELECT {} FROM {} WHERE {}{}{}) AS found").format(
            SQL(", ").join(map(self._column, columns)),
            self._name,
            SQL(" AND ").join([SQL("TRUE"), *conditions]),
            self._order(arguments.get("order_by") or []),
            SQL(" LIMIT {}").format(Literal(min(limits))) if limits else SQL(""),
        )

    def insert(self, row: Mapping[str, Any], conflict: Mapping[str, Any] | None) -> Composed:
        """Returns an INSERT that yields the written row as JSON, and no row when a conflict kept the old one."""
        return SQL("INSERT INTO {} ({}) VALUES ({}) {} RETURNING row_to_json({})").format(
            self._name,
            SQL(", ").join(map(Identifier, row)),
            SQL(", ").join(map(self._parameter, row.values())),
            self._on_conflict(conflict) if conflict else SQL(""),
            Identifier(self.table.name),
        )

    @property
    def _name(self) -> Identifier:
        return Identifier(self.table.schema, self.table.name)

    def _column(self, name: str) -> Identifier:
        return Identifier(self.table.name, name)

    def _condition(self, expression: Mapping[str, Any]) -> Composable:
        """Returns a boolean expression of the schema or of a permission. All its parts must hold."""
        return _join(" AND ", [self._part(name, value) for name, value in expression.items()], "TRUE")

    def _part(self, name: str, value: Any) -> Composable:
        value = _not_null(value)
        match name:
            case "_and":
                return _join(" AND ", [self._condition(each) for each in value], "TRUE")
            case "_or":
                return _join(" OR ", [self._condition(each) for each in value], "FALSE")
            case "_not":
                return SQL("(NOT {})").format(self._condition(value))
            case _:
                return _join(" AND ", [self._comparison(name, *each) for each in value.items()], "TRUE")

    def _comparison(self, column: str, operator: str, operand: Any) -> Composable:
        name, operand = self._column(column), _not_null(operand)
        match operator:
            case "_is_null":
                return SQL("({} IS {})").format(name, SQL("NULL" if operand else "NOT NULL"))
            case "_in":
                return _join(" OR ", [self._comparison(column, "_eq", each) for each in operand], "FALSE")
            case "_nin":
                return _join(" AND ", [self._comparison(column, "_neq", each) for each in operand], "TRUE")
            case _:
                return SQL("({} {} {})").format(name, SQL(_COMPARISONS[operator]), self._parameter(operand))

    def _order(self, order_by: Sequence[Mapping[str, str | None]]) -> Composable:
        parts = [
            SQL("{} {}").format(self._column(name), SQL(order.replace("_", " ")))  # such as desc_nulls_last
            for each in order_by
            for name, order in each.items()
            if order is not None
        ]
        return SQL(" ORDER BY {}").format(SQL(", ").join(parts)) if parts else SQL("")

    def _on_conflict(self, conflict: Mapping[str, Any]) -> Composable:
        target = SQL("ON CONFLICT ON CONSTRAINT {} ").format(Identifier(conflict["constraint"]))
        columns = [Identifier(each) for each in conflict.get("update_columns", [])]
        if not columns:
            return target + SQL("DO NOTHING")
        changes = SQL(", ").join(SQL("{} = EXCLUDED.{}").format(each, each) for each in columns)
        where = conflict.get("where")
        guard = SQL(" WHERE {}").format(self._condition(where)) if where is not None else SQL("")
        return target + SQL("DO UPDATE SET {}{}").format(changes, guard)

    def _parameter(self, value: Any) -> Composable:
        """Sends the value as a string: PostgreSQL converts it to the column's type, or raises a data exception."""
        self.parameters.append(value if value is None or isinstance(value, bool) else str(value))
        return SQL("%s")

    def _with_session_variables(self, expression: Any) -> Any:
        """Returns a permission's filter with the values of the session in place of its X-Hasura-… strings."""
        if isinstance(expression, dict):
            return {key: self._with_session_variables(value) for key, value in expression.items()}
        if isinstance(expression, list):
            return [self._with_session_variables(value) for value in expression]
        if isinstance(expression, str) and expression.lower().startswith(_SESSION_VARIABLE_PREFIX):
            return self.session.variable(expression)
        return expression


def _join(separator: str, parts: Sequence[Composable], empty: str) -> Composable:
    return SQL("({})").format(SQL(separator).join(parts)) if parts else SQL(empty)


def _not_null(value: Any) -> Any:
    """Refuses null, as Hasura does: an unset variable must not select the whole table."""
    if value is None:
        raise HasuraError(VALIDATION_FAILED, "unexpected null value in a boolean expression")
    return value
