"""Holds a request against the schema of its role, and says in Hasura's words what is wrong with it."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    OperationType,
    VariableNode,
    get_named_type,
    is_input_type,
    is_required_input_field,
    type_from_ast,
    validate,
)

from local.hasura.errors import VALIDATION_FAILED, HasuraError
from local.hasura.requests import Request

# What graphql-core says, what Hasura says instead, and where: relative to the node that graphql-core names.
_WORDS = [
    (re.compile(pattern), words, where)
    for pattern, words, where in (
        (r"Cannot query field '(\w+)' on type '(\w+)'", "field '{0}' not found in type: '{1}'", ""),
        (r"Unknown argument '(\w+)' on field '\w+\.(\w+)'", "'{1}' has no argument named '{0}'", "its field"),
        (r"Argument '\w+\.\w+\((\w+):\)' of type '.+' is required", "missing required field '{0}'", ".args.{0}"),
        (r"Expected value of type '(\w+)' not to .+ field '(\w+)'", "field '{1}' not found in type: '{0}'", ""),
        (r"Expected value of type '\w+' to include .+ field '(\w+)'", "missing required field '{0}'", ".{0}"),
        (r"Expected value of type '(\w+)' to be an object", "expected an object for type '{0}'", ""),
        (r"Expected value of non-null type '\[?(\w+)", "unexpected null value for type '{0}'", ""),
        (r"Enum '(\w+)' cannot represent", "expected an enum value for type '{0}'", ""),
        (r"String cannot represent", "expected a string for type 'String'", ""),
        (r"Boolean cannot represent", "expected a boolean for type 'Boolean'", ""),
        (r"Int cannot represent", "expected a 32-bit integer for type 'Int'", ""),
        (r"Variable '\$(\w+)' is not defined", 'unbound variable "{0}"', ""),
        (r"Field '(\w+)' of type '.+' must have a selection of subfields", "missing selection set for '{0}'", ""),
    )
]
_NO_SUCH_VALUE = re.compile(r"Value '(\w+)' does not exist in '(\w+)' enum")
_SCALARS: dict[str, tuple[type, str]] = {
    "String": (str, "a string"),
    "Boolean": (bool, "a boolean"),
    "Int": (int, "a 32-bit integer"),
}


def check(request: Request, schema: GraphQLSchema) -> None:
    """Raises HasuraError for the first thing that is wrong."""
    kind = request.operation.operation
    root = {OperationType.QUERY: schema.query_type, OperationType.MUTATION: schema.mutation_type}.get(kind)
    if root is None:
        raise HasuraError(VALIDATION_FAILED, f"no {kind.value}s exist")
    try:
        errors = validate(schema, request.document, max_errors=1, hide_suggestions=True)
        if errors:
            raise _in_hasuras_words(errors[0], request.document, schema)
        _check_variables(request, schema)
    except RecursionError:
        raise HasuraError(VALIDATION_FAILED, "the request is nested too deeply") from None


def _in_hasuras_words(error: GraphQLError, document: DocumentNode, schema: GraphQLSchema) -> HasuraError:
    path = _path(document, error.nodes[0]) if error.nodes else "$"
    if found := _NO_SUCH_VALUE.match(error.message):
        return HasuraError(VALIDATION_FAILED, _no_such_value(schema.type_map[found[2]], found[1]), path)
    for pattern, words, where in _WORDS:
        if found := pattern.match(error.message):
            there = path.rpartition(".args.")[0] if where == "its field" else path + where.format(*found.groups())
            return HasuraError(VALIDATION_FAILED, words.format(*found.groups()), there)
    return HasuraError(VALIDATION_FAILED, error.message, path)


def _no_such_value(enum: Any, value: object) -> str:
    known = ", ".join(f"'{each}'" for each in enum.values)
    return f"expected one of the values [{known}] for type '{enum.name}', but found '{value}'"


def _check_variables(request: Request, schema: GraphQLSchema) -> None:
    definitions = {each.variable.name.value: each for each in request.operation.variable_definitions or ()}
    if unexpected := request.variables.keys() - definitions.keys():
        names = ", ".join(sorted(unexpected))
        raise HasuraError(VALIDATION_FAILED, f"unexpected variables in variableValues: {names}")
    for name, definition in definitions.items():
        wanted = type_from_ast(schema, definition.type)
        assert is_input_type(wanted)
        if name in request.variables:
            _check_value(request.variables[name], wanted, _use(request.document, name))
        elif isinstance(wanted, GraphQLNonNull) and definition.default_value is None:
            raise HasuraError(VALIDATION_FAILED, f'expecting a value for non-nullable variable: "{name}"')


def _check_value(value: Any, wanted: GraphQLInputType, path: str) -> None:
    """A variable's value, its lists and objects. What a column's own scalar can hold is for PostgreSQL to say."""
    if isinstance(wanted, GraphQLNonNull):
        if value is None:
            raise HasuraError(
                VALIDATION_FAILED, f"unexpected null value for type '{get_named_type(wanted).name}'", path
            )
        _check_value(value, wanted.of_type, path)
    elif value is None:
        return
    elif isinstance(wanted, GraphQLList):
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            _check_value(each, wanted.of_type, f"{path}[{index}]" if isinstance(value, list) else path)
    elif isinstance(wanted, GraphQLInputObjectType):
        _check_object(value, wanted, path)
    elif isinstance(wanted, GraphQLEnumType):
        if not isinstance(value, str) or value not in wanted.values:
            raise HasuraError(VALIDATION_FAILED, _no_such_value(wanted, value), path)
    elif wanted.name in _SCALARS and not _is_scalar(value, wanted.name):
        raise _mismatch(_SCALARS[wanted.name][1], wanted.name, value, path)


def _check_object(value: Any, wanted: GraphQLInputObjectType, path: str) -> None:
    if not isinstance(value, dict):
        raise _mismatch("an object", wanted.name, value, path)
    for name, field in wanted.fields.items():
        if name not in value and is_required_input_field(field):
            raise HasuraError(VALIDATION_FAILED, f"missing required field '{name}'", f"{path}.{name}")
    for name, each in value.items():
        if name not in wanted.fields:
            text = f"field '{name}' not found in type: '{wanted.name}'"
            raise HasuraError(VALIDATION_FAILED, text, f"{path}.{name}")
        _check_value(each, wanted.fields[name].type, f"{path}.{name}")


def _is_scalar(value: Any, name: str) -> bool:
    if name == "Int":
        return type(value) is int and -(2**31) <= value < 2**31
    return type(value) is _SCALARS[name][0]


def _mismatch(expected: str, name: str, value: Any, path: str) -> HasuraError:
    found = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}.get(type(value), "a number")
    return HasuraError(VALIDATION_FAILED, f"expected {expected} for type '{name}', but found {found}", path)


def _path(document: DocumentNode, node: Node) -> str:
    """Where a node of the document is, as Hasura writes it: $.selectionSet.users.args.where.id."""
    return next((path for path, each in _walk(document, "$") if each is node), "$")


def _use(document: DocumentNode, variable: str) -> str:
    """Where a variable is used first."""
    uses = (
        path for path, each in _walk(document, "$") if isinstance(each, VariableNode) and each.name.value == variable
    )
    return next((path for path in uses if path != "$"), "$")


def _walk(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    yield path, node
    for key in node.keys:
        value = getattr(node, key, None)
        for index, each in enumerate(value if isinstance(value, tuple | list) else (value,)):
            if isinstance(each, Node):
                step = f"[{index}]" if key == "values" else _step(each)
                yield from _walk(each, path + step)


def _step(node: Node) -> str:
    match node:
        case FieldNode():
            return f".selectionSet.{(node.alias or node.name).value}"
        case ArgumentNode():
            return f".args.{node.name.value}"
        case ObjectFieldNode():
            return f".{node.name.value}"
        case _:
            return ""
