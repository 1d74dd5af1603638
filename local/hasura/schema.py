"""The schema that a role sees: hasura/schema.graphql for `admin`, what the permissions leave of it for others."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    OperationType,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    build_ast_schema,
    build_schema,
    parse,
)

from local.hasura.metadata import SelectPermission, Table

QUERY, MUTATION = "query_root", "mutation_root"
_OF_COLUMNS = ("bool_exp", "order_by", "select_column", "max_fields", "min_fields")
_OPERATORS = {"_and", "_or", "_not"}
_NOTHING = f'''
schema {{ query: {QUERY} }}
type {QUERY} {{
  """
  There are no queries available to the current role. Either there are no sources or remote schemas configured, or the
  current role doesn't have the required permissions.
  """
  no_queries_available: String!
}}
'''


def for_admin(text: str) -> GraphQLSchema:
    return build_schema(text)


def for_role(text: str, tables: dict[str, Table], role: str) -> GraphQLSchema:
    """Queries on the tables and columns that the role may select, and no mutation."""
    document = parse(text)
    permissions = {name: table.select[role] for name, table in tables.items() if role in table.select}
    if not permissions:
        return build_schema(_NOTHING)
    kept = [_permitted(each, permissions) for each in document.definitions if not _is_mutation(each)]
    return build_ast_schema(_reachable(DocumentNode(definitions=tuple(kept))))


def _is_mutation(definition: Node) -> bool:
    return isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == MUTATION


def _permitted(definition: Node, permissions: dict[str, SelectPermission]) -> Any:
    if isinstance(definition, SchemaDefinitionNode):
        queries = (each for each in definition.operation_types if each.operation is OperationType.QUERY)
        return _with(definition, operation_types=tuple(queries))
    if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == QUERY:
        roots = {root for name, permission in permissions.items() for root in _roots(name, permission)}
        return _with(definition, fields=tuple(each for each in definition.fields or () if each.name.value in roots))
    for name, permission in permissions.items():
        if definition_name(definition) in {name, *(f"{name}_{suffix}" for suffix in _OF_COLUMNS)}:
            return _with_columns(definition, permission.columns | _OPERATORS)
    return definition


def _roots(table: str, permission: SelectPermission) -> Iterator[str]:
    yield table
    if "id" in permission.columns:
        yield f"{table}_by_pk"
    if permission.allow_aggregations:
        yield f"{table}_aggregate"


def definition_name(definition: Node) -> str:
    return definition.name.value if isinstance(definition, TypeDefinitionNode) else ""


def _with_columns(definition: Node, columns: frozenset[str] | set[str]) -> Any:
    if isinstance(definition, EnumTypeDefinitionNode):
        return _with(definition, values=tuple(each for each in definition.values or () if each.name.value in columns))
    assert isinstance(definition, ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode)
    return _with(definition, fields=tuple(each for each in definition.fields or () if each.name.value in columns))


def _with(node: Node, **changed: Any) -> Any:
    return type(node)(**{key: getattr(node, key, None) for key in node.keys} | changed)


def _reachable(document: DocumentNode) -> DocumentNode:
    """Without types that nothing refers to any more: they would tell what is withheld."""
    types = {definition_name(each): each for each in document.definitions if definition_name(each)}
    seen: set[str] = set()
    waiting = {QUERY}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= {each for each in _names(types[name]) if each in types} - seen
    kept = (each for each in document.definitions if not definition_name(each) or definition_name(each) in seen)
    return DocumentNode(definitions=tuple(kept))


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, NamedTypeNode):
        yield node.name.value
    for key in node.keys:
        value = getattr(node, key, None)
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, Node):
                yield from _names(each)
