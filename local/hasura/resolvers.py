"""Ties the fields of the schema to statements. Each runs on the connection and for the session of its request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, get_named_type
from psycopg.sql import Composed

from local.hasura.errors import of_database
from local.hasura.metadata import Table
from local.hasura.sessions import Session
from local.hasura.statements import POSTGRES_TYPES, Relation, Statement, with_session_variables

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    connection: psycopg.Connection
    session: Session


Info = GraphQLResolveInfo[Context]


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The rows that an aggregate is over, and on the way down the function that is asked for."""

    arguments: Arguments
    function: str = "count"


def attach(schema: GraphQLSchema, table: Table) -> None:
    """Gives the table's fields, as far as the schema has them, something to do."""
    TableResolvers(schema, table).attach()


class TableResolvers:
    """Resolvers for one table in one role's schema."""

    def __init__(self, schema: GraphQLSchema, table: Table) -> None:
        self._schema, self._table = schema, table
        rows = schema.type_map.get(table.name)
        fields = rows.fields if isinstance(rows, GraphQLObjectType) else {}
        self._visible = Relation(
            table.schema,
            table.name,
            {name: get_named_type(field.type).name for name, field in fields.items()},
            frozenset(name for name, field in fields.items() if isinstance(field.type, GraphQLNonNull)),
        )
        assert set(self._visible.columns.values()) <= POSTGRES_TYPES.keys(), "a scalar without a PostgreSQL type"

    def attach(self) -> None:
        name = self._table.name
        for owner, field, resolve in (
            ("query_root", name, self._select),
            ("query_root", f"{name}_by_pk", self._select_one),
            ("query_root", f"{name}_aggregate", lambda _, __, **arguments: Aggregated(arguments)),
            (f"{name}_aggregate", "nodes", lambda over, info: self._select(None, info, **over.arguments)),
            (f"{name}_aggregate", "aggregate", lambda over, _: over),
            (f"{name}_aggregate_fields", "count", self._count),
            (f"{name}_aggregate_fields", "max", lambda over, _: Aggregated(over.arguments, "max")),
            (f"{name}_aggregate_fields", "min", lambda over, _: Aggregated(over.arguments, "min")),
            ("mutation_root", f"insert_{name}", self._insert),
            ("mutation_root", f"insert_{name}_one", self._insert_one),
        ):
            self._set(owner, field, resolve)
        for owner in (f"{name}_max_fields", f"{name}_min_fields"):
            for column in self._visible.columns:
                self._set(owner, column, self._extreme)

    def _set(self, owner: str, field: str, resolve: Callable[..., Any]) -> None:
        kind = self._schema.type_map.get(owner)
        if isinstance(kind, GraphQLObjectType) and field in kind.fields:
            kind.fields[field].resolve = resolve

    def _select(self, _: Any, info: Info, **arguments: Any) -> list[Any]:
        context = info.context
        statement = Statement(self._visible, context.session)
        limits = self._limits(context.session)
        return _run(
            context, statement, statement.select([*self._visible.columns], limits, self._permitted(info, arguments))
        )

    def _select_one(self, _: Any, info: Info, **key: Any) -> Any:
        where = {name: {"_eq": value} for name, value in key.items()}
        return next(iter(self._select(None, info, where=where)), None)

    def _count(self, over: Aggregated, info: Info, columns: Sequence[str] = (), *, distinct: bool = False) -> Any:
        return self._aggregate(over, info, columns or (), distinct=bool(distinct))

    def _extreme(self, over: Aggregated, info: Info) -> Any:
        return self._aggregate(over, info, [info.field_name], distinct=False)

    def _aggregate(self, over: Aggregated, info: Info, columns: Sequence[str], *, distinct: bool) -> Any:
        statement = Statement(self._visible, info.context.session)
        arguments = self._permitted(info, over.arguments)
        text = statement.aggregate(over.function, columns, arguments, distinct=distinct)
        return _run(info.context, statement, text)[0]

    def _insert(
        self, _: Any, info: Info, objects: Sequence[Arguments], on_conflict: Arguments | None = None
    ) -> dict[str, Any]:
        written = self._write(info, objects, on_conflict, "objects") if objects else []
        return {"affected_rows": len(written), "returning": written}

    def _insert_one(self, _: Any, info: Info, **given: Any) -> Any:
        """None where a conflict left the row alone."""
        return next(iter(self._write(info, [given["object"]], given.get("on_conflict"), "object")), None)

    def _write(
        self, info: Info, objects: Sequence[Arguments], on_conflict: Arguments | None, argument: str
    ) -> list[Any]:
        path = f"$.selectionSet.{info.path.key}.args.{argument}"
        statement = Statement(self._visible, info.context.session)
        return _run(info.context, statement, statement.insert(objects, on_conflict, path), path)

    def _permitted(self, info: Info, arguments: Arguments) -> Arguments:
        """The permission's filter beside the field's own, whichever way the rows are asked for."""
        permission = self._table.select.get(info.context.session.role)
        return {**arguments, "filters": [with_session_variables(permission.filter)] if permission else []}

    def _limits(self, session: Session) -> list[int]:
        permission = self._table.select.get(session.role)
        return [permission.limit] if permission and permission.limit is not None else []


def _run(context: Context, statement: Statement, text: Composed, path: str = "$") -> list[Any]:
    """The first column of all rows. Raises HasuraError."""
    try:
        return [value for (value,) in context.connection.execute(text, statement.parameters)]
    except (psycopg.Error, UnicodeEncodeError) as error:
        raise of_database(error, path) from error
