"""Builds the schema that a role sees: the permitted part of hasura/schema.graphql."""

from collections.abc import Container, Mapping
from typing import Any

from graphql import GraphQLSchema, build_schema

from local.hasura.metadata import Table

_OPERATORS = {"_and", "_or", "_not"}


def for_role(text: str, tables: Mapping[str, Table], role: str) -> GraphQLSchema:
    """Returns the tables and columns that the role may select, without mutations and the types that only they use."""
    full = build_schema(text)
    permissions = {name: table.select[role] for name, table in tables.items() if role in table.select}
    _remove_fields(full.query_type, permissions)
    for name, permission in permissions.items():
        for suffix in ("", "_bool_exp", "_order_by"):
            _remove_fields(full.type_map[name + suffix], permission.columns | _OPERATORS)
    return GraphQLSchema(query=full.query_type)


def _remove_fields(kind: Any, kept: Container[str]) -> None:
    for name in [name for name in kind.fields if name not in kept]:
        del kind.fields[name]
