"""Answers GraphQL requests: authenticates, validates against the role's schema, and runs the SQL."""

import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphql
import psycopg
from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema
from psycopg.sql import Composed
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from local.hasura import metadata, schema
from local.hasura.authentication import ADMIN, Authenticator, Session
from local.hasura.errors import PARSE_FAILED, UNEXPECTED, VALIDATION_FAILED, HasuraError, from_database_error
from local.hasura.metadata import Table
from local.hasura.settings import Settings
from local.hasura.statements import Statement

CONNECT_TIMEOUT_SECONDS = 2.0
_OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c idle_in_transaction_session_timeout=30s"
# graphql-core's words for a field that an input type does not have; user_sync reports the name that Hasura quotes.
_UNKNOWN_FIELD = re.compile(r".*type '(\w+)' not to include unknown field '(\w+)'", re.DOTALL)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Context:
    connection: psycopg.Connection
    session: Session


class Engine:
    """Thread-safe."""

    def __init__(self, settings: Settings, project: Path) -> None:
        """`project` is the folder of schema.graphql and metadata/. Raises OSError or ValueError."""
        self._authenticator = Authenticator(settings)
        self._tables = metadata.read(project / "metadata")
        text = (project / "schema.graphql").read_text()
        roles = {role for table in self._tables.values() for role in table.select} - {ADMIN}
        self._schemas = {role: schema.for_role(text, self._tables, role) for role in roles}
        self._schemas[ADMIN] = build_schema(text)
        for role_schema in self._schemas.values():
            for table in self._tables.values():
                _attach_resolvers(role_schema, table)
        self._pool = ConnectionPool(
            settings.database_url,
            min_size=1,
            max_size=10,
            timeout=CONNECT_TIMEOUT_SECONDS,
            reconnect_timeout=CONNECT_TIMEOUT_SECONDS,
            check=ConnectionPool.check_connection,
            kwargs={"options": _OPTIONS, "connect_timeout": int(CONNECT_TIMEOUT_SECONDS)},
            open=False,
        )

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def is_healthy(self) -> bool:
        """Returns True when the database answers."""
        try:
            with self._pool.connection(CONNECT_TIMEOUT_SECONDS / 2) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout, PoolClosed):
            return False
        return True

    def answer(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """Returns the answer, data or errors. `headers` have names in lower case."""
        started, role = time.monotonic(), "-"
        try:
            session = self._authenticator.authenticate(headers)
            role = session.role if session.role in self._schemas else "another role"
            answer, outcome = self._execute(body, session), "ok"
        except HasuraError as error:
            answer, outcome = error.answer(), error.code
        except Exception as error:  # noqa: BLE001 - the client gets an answer; a traceback could log personal data
            _log.error("%s in a request", type(error).__name__)
            answer, outcome = HasuraError(UNEXPECTED, "internal error").answer(), UNEXPECTED
        _log.info("%s: %s, %.0f ms", role, outcome, (time.monotonic() - started) * 1000)
        return answer

    def _execute(self, body: bytes, session: Session) -> dict[str, Any]:
        query, variables, operation = _parse_body(body)
        if session.role not in self._schemas:
            raise HasuraError(VALIDATION_FAILED, "the role has no permissions")
        role_schema = self._schemas[session.role]
        try:
            document = graphql.parse(query)
            errors = graphql.validate(role_schema, document, max_errors=1, hide_suggestions=True)
            if errors:
                raise _validation_error(errors[0])
            with self._pool.connection() as connection:  # one transaction: an error rolls everything back
                context = _Context(connection, session)
                result = graphql.execute(role_schema, document, None, context, variables, operation)
                assert isinstance(result, ExecutionResult), "no resolver is asynchronous"
                if result.errors:
                    raise result.errors[0].original_error or _validation_error(result.errors[0])
        except GraphQLError as error:
            raise _validation_error(error) from None
        except (psycopg.Error, PoolTimeout, PoolClosed, UnicodeEncodeError) as error:
            raise from_database_error(error) from error
        return {"data": result.data}


def _parse_body(body: bytes) -> tuple[str, dict[str, Any], str | None]:
    """Returns query, variables and operation name. Raises HasuraError."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    match content:
        case {"query": str(query)}:
            variables, operation = content.get("variables"), content.get("operationName")
            if isinstance(variables, dict | None) and isinstance(operation, str | None):
                return query, variables or {}, operation
    raise HasuraError(PARSE_FAILED, "parsing GQLReq failed, expected a JSON object with query and variables")


def _validation_error(error: GraphQLError) -> HasuraError:
    unknown = _UNKNOWN_FIELD.match(error.message)
    message = f"field '{unknown[2]}' not found in type: '{unknown[1]}'" if unknown else error.message
    return HasuraError(VALIDATION_FAILED, message)


def _attach_resolvers(role_schema: GraphQLSchema, table: Table) -> None:
    """Gives the fields of the table, where the role's schema has them, their SQL."""

    def select(_: None, info: GraphQLResolveInfo[_Context], **arguments: Any) -> list[Any]:
        context = info.context
        columns = [*role_schema.type_map[table.name].fields]  # type: ignore[attr-defined]  # an object type
        statement = Statement(table, context.session)
        return _run(context, statement, statement.select(columns, arguments, table.select.get(context.session.role)))

    def insert_one(_: None, info: GraphQLResolveInfo[_Context], **arguments: Any) -> Any:
        statement = Statement(table, info.context.session)
        rows = _run(info.context, statement, statement.insert(arguments["object"], arguments.get("on_conflict")))
        return next(iter(rows), None)

    resolvers = {table.name: select, f"insert_{table.name}_one": insert_one}
    for root in filter(None, (role_schema.query_type, role_schema.mutation_type)):
        for name in root.fields.keys() & resolvers.keys():
            root.fields[name].resolve = resolvers[name]


def _run(context: _Context, statement: Statement, text: Composed) -> list[Any]:
    """Returns the first column of all rows."""
    return [value for (value,) in context.connection.execute(text, statement.parameters)]
