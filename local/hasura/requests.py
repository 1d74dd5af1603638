"""A request as it comes over the wire: JSON, the query, its operation."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSyntaxError, OperationDefinitionNode, parse

from local.hasura.errors import INVALID_JSON, NOT_SUPPORTED, PARSE_FAILED, VALIDATION_FAILED, HasuraError

MOST_TOKENS = 2_000  # the introspection query of the tools has some 300


@dataclass(frozen=True, slots=True)
class Request:
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]


def read(body: bytes) -> Request:
    """Raises HasuraError."""
    content = _object(body)
    if "query" not in content:
        raise HasuraError(PARSE_FAILED, 'key "query" not found')
    query, variables, name = content["query"], content.get("variables"), content.get("operationName")
    if not isinstance(query, str):
        raise HasuraError(PARSE_FAILED, "parsing Text failed, expected String", "$.query")
    if not isinstance(variables, dict | None):
        raise HasuraError(PARSE_FAILED, "parsing HashMap failed, expected Object", "$.variables")
    if not isinstance(name, str | None):
        raise HasuraError(PARSE_FAILED, "parsing Text failed, expected String", "$.operationName")
    document = _document(query)
    return Request(document, _operation(document, name), variables or {})


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise HasuraError(INVALID_JSON, "Error in $: not a valid json value") from None
    if isinstance(content, list):
        raise HasuraError(NOT_SUPPORTED, "this stand-in for Hasura takes one request at a time, no batches")
    if not isinstance(content, dict):
        raise HasuraError(PARSE_FAILED, "parsing GQLReq failed, expected Object")
    return content


def _refuse(text: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(text)


def _document(query: str) -> DocumentNode:
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
    except (GraphQLSyntaxError, RecursionError):
        raise HasuraError(VALIDATION_FAILED, "not a valid graphql query", "$.query") from None
    for each in document.definitions:
        if not isinstance(each, OperationDefinitionNode | FragmentDefinitionNode):
            raise HasuraError(VALIDATION_FAILED, "not a valid graphql query", "$.query")
    return document


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name:
        named = [each for each in operations if each.name and each.name.value == name]
        if not named:
            raise HasuraError(VALIDATION_FAILED, f'no such operation found in the document: "{name}"')
        return named[0]
    if len(operations) != 1:
        rule = "exactly one operation has to be present in the document when operationName is not specified"
        raise HasuraError(VALIDATION_FAILED, rule)
    return operations[0]
