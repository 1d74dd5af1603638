"""SQL for the fields of Hasura's generated schema. Values are parameters, always; names come from the schema alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Identifier

from local.hasura.errors import PARSE_FAILED, VALIDATION_FAILED, HasuraError
from local.hasura.sessions import Session

POSTGRES_TYPES = {"uuid": "uuid", "timestamptz": "timestamptz", "String": "text", "Boolean": "boolean"}
_COMPARISONS = {
    "_eq": "=", "_neq": "<>", "_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<=",
    "_like": "LIKE", "_nlike": "NOT LIKE", "_ilike": "ILIKE", "_nilike": "NOT ILIKE",
    "_similar": "SIMILAR TO", "_nsimilar": "NOT SIMILAR TO",
    "_regex": "~", "_iregex": "~*", "_nregex": "!~", "_niregex": "!~*",
}  # fmt: skip
_LISTS = {"_in": "= ANY", "_nin": "<> ALL"}
_ORDERS = {
    "asc": "ASC NULLS LAST", "asc_nulls_first": "ASC NULLS FIRST", "asc_nulls_last": "ASC NULLS LAST",
    "desc": "DESC NULLS FIRST", "desc_nulls_first": "DESC NULLS FIRST", "desc_nulls_last": "DESC NULLS LAST",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, and its columns with their GraphQL scalars; `required` are those that cannot be null."""

    schema: str
    name: str
    columns: Mapping[str, str]
    required: frozenset[str]

    @property
    def identifier(self) -> Identifier:
        return Identifier(self.schema, self.name)

    def column(self, name: str) -> Identifier:
        return Identifier(self.name, name)


@dataclass(slots=True)
class Statement:
    """One statement under construction, with the parameters that its placeholders stand for, in order."""

    relation: Relation
    session: Session
    parameters: list[Any] = field(default_factory=list)

    def select(self, columns: Sequence[str], limits: Sequence[int], arguments: Mapping[str, Any]) -> Composed:
        """Rows as JSON. `limits`: permissions' own; `arguments`: those of the field, `filters` beside them."""
        return SQL("SELECT row_to_json(found) FROM ({}) AS found").format(self._rows(columns, limits, arguments))

    def aggregate(
        self, function: str, columns: Sequence[str], arguments: Mapping[str, Any], *, distinct: bool
    ) -> Composed:
        """`function` (count, max, min) of the columns, or of whole rows, over the rows that the arguments tell."""
        rows = self._rows([*self.relation.columns], [], arguments)
        return SQL("SELECT to_json({}({}{})) FROM ({}) AS matching").format(
            SQL(function),
            SQL("DISTINCT " if distinct and columns else ""),
            SQL(", ").join(map(Identifier, columns)) if columns else SQL("*"),
            rows,
        )

    def insert(self, objects: Sequence[Mapping[str, Any]], conflict: Mapping[str, Any] | None, path: str) -> Composed:
        """Returns the rows that were inserted or updated, as JSON; not those that a conflict left alone."""
        columns = [*self.relation.columns]
        values = SQL(", ").join(self._values(each, columns, path) for each in objects)
        return SQL(
            "WITH written AS (INSERT INTO {} ({}) VALUES {} {} RETURNING *) SELECT row_to_json(written) FROM written"
        ).format(
            self.relation.identifier,
            SQL(", ").join(map(Identifier, columns)),
            values,
            self._on_conflict(conflict) if conflict else SQL(""),
        )

    def condition(self, expression: Mapping[str, Any]) -> Composable:
        """A boolean expression of the schema or of a permission. All its parts must hold."""
        parts = [self._part(name, value) for name, value in expression.items()]
        return SQL("({})").format(SQL(" AND ").join(parts)) if parts else SQL("TRUE")

    def _rows(self, columns: Sequence[str], limits: Sequence[int], arguments: Mapping[str, Any]) -> Composed:
        limit, offset = arguments.get("limit"), arguments.get("offset")
        smallest = min([*limits, *([_natural(limit)] if limit is not None else [])], default=None)
        conditions = [each for each in (arguments.get("where"), *arguments.get("filters", ())) if each is not None]
        return SQL("SELECT {}{} FROM {} WHERE {}{}{}{}").format(
            self._distinct(arguments.get("distinct_on") or []),
            SQL(", ").join(self.relation.column(each) for each in columns),
            self.relation.identifier,
            SQL(" AND ").join([SQL("TRUE"), *map(self.condition, conditions)]),
            self._order(arguments.get("order_by") or []),
            SQL("") if smallest is None else SQL(" LIMIT {}").format(sql.Literal(smallest)),
            SQL("") if offset is None else SQL(" OFFSET {}").format(sql.Literal(_natural(offset))),
        )

    def _distinct(self, names: Sequence[str]) -> Composable:
        columns = SQL(", ").join(self.relation.column(each) for each in names)
        return SQL("DISTINCT ON ({}) ").format(columns) if names else SQL("")

    def _order(self, wishes: Sequence[Mapping[str, str | None]]) -> Composable:
        parts = [
            SQL("{} {}").format(self.relation.column(name), SQL(_ORDERS[order]))
            for wish in wishes
            for name, order in wish.items()
            if order is not None
        ]
        return SQL(" ORDER BY {}").format(SQL(", ").join(parts)) if parts else SQL("")

    def _part(self, name: str, value: Any) -> Composable:
        if name in {"_and", "_or"}:
            parts = [self.condition(each) for each in _given(value, f"{self.relation.name}_bool_exp")]
            neutral = "TRUE" if name == "_and" else "FALSE"
            return SQL("({})").format(SQL(" AND " if name == "_and" else " OR ").join(parts or [SQL(neutral)]))
        if name == "_not":
            return SQL("(NOT {})").format(self.condition(_given(value, f"{self.relation.name}_bool_exp")))
        scalar = self.relation.columns[name]
        comparisons = _given(value, f"{scalar}_comparison_exp").items()
        parts = [self._comparison(name, scalar, operator, operand) for operator, operand in comparisons]
        return SQL("({})").format(SQL(" AND ").join(parts or [SQL("TRUE")]))

    def _comparison(self, name: str, scalar: str, operator: str, operand: Any) -> Composable:
        column, given = self.relation.column(name), _given(operand, scalar)
        if operator == "_is_null":
            return SQL("({} IS {})").format(column, SQL("NULL" if given else "NOT NULL"))
        if operator in _LISTS:
            values = [_scalar(each, scalar) for each in given]
            return SQL("({} {} ({}))").format(column, SQL(_LISTS[operator]), self._bound(values, scalar, "[]"))
        value = self._bound(_scalar(self._resolved(given), scalar), scalar)
        return SQL("({} {} {})").format(column, SQL(_COMPARISONS[operator]), value)

    def _resolved(self, value: Any) -> Any:
        return self.session.variable(value.name) if isinstance(value, SessionVariable) else value

    def _values(self, content: Mapping[str, Any], columns: Sequence[str], path: str) -> Composable:
        for name in self.relation.required & content.keys():
            if content[name] is None:
                message = f"unexpected null value for type '{self.relation.columns[name]}'"
                raise HasuraError(VALIDATION_FAILED, message, f"{path}.{name}")
        each = (self._value(content[name], name) if name in content else SQL("DEFAULT") for name in columns)
        return SQL("({})").format(SQL(", ").join(each))

    def _value(self, value: Any, name: str) -> Composable:
        scalar = self.relation.columns[name]
        return SQL("NULL") if value is None else self._bound(_scalar(value, scalar), scalar)

    def _on_conflict(self, conflict: Mapping[str, Any]) -> Composable:
        target = SQL("ON CONFLICT ON CONSTRAINT {} ").format(Identifier(conflict["constraint"]))
        columns = [Identifier(each) for each in conflict.get("update_columns", [])]
        if not columns:
            return target + SQL("DO NOTHING")
        changes = SQL(", ").join(SQL("{} = EXCLUDED.{}").format(each, each) for each in columns)
        where = conflict.get("where")
        guard = SQL(" WHERE {}").format(self.condition(where)) if where is not None else SQL("")
        return target + SQL("DO UPDATE SET {}{}").format(changes, guard)

    def _bound(self, value: Any, scalar: str, suffix: str = "") -> Composable:
        self.parameters.append(value)
        return SQL("%s::{}").format(SQL(POSTGRES_TYPES[scalar] + suffix))


@dataclass(frozen=True, slots=True)
class SessionVariable:
    """Stands in a permission for what the session says."""

    name: str


def with_session_variables(expression: Any) -> Any:
    """A permission's filter, with its X-Hasura-… strings told from other strings."""
    if isinstance(expression, dict):
        return {key: with_session_variables(value) for key, value in expression.items()}
    if isinstance(expression, list):
        return [with_session_variables(value) for value in expression]
    if isinstance(expression, str) and expression.lower().startswith("x-hasura-"):
        return SessionVariable(expression)
    return expression


def _given(value: Any, type_name: str) -> Any:
    """Null is no condition that always holds: Hasura refuses it, lest a missing variable open the whole table."""
    if value is None:
        raise HasuraError(VALIDATION_FAILED, f"unexpected null value for type '{type_name}'")
    return value


def _scalar(value: Any, scalar: str) -> Any:
    if not isinstance(value, str | bool | int | float):
        kind = "Array" if isinstance(value, list) else "Object"
        raise HasuraError(PARSE_FAILED, f"parsing {scalar} failed, expected String, but encountered {kind}")
    return str(value) if not isinstance(value, str | bool) else value


def _natural(number: int) -> int:
    if number < 0:
        raise HasuraError(VALIDATION_FAILED, "unexpected negative value")
    return number
