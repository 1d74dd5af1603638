"""From the body and the headers of a request to Hasura's answer."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from local.hasura import metadata, requests, resolvers, schema, validation
from local.hasura.errors import UNEXPECTED, VALIDATION_FAILED, HasuraError, of_database
from local.hasura.sessions import ADMIN, Authentication, Session
from local.hasura.settings import Settings

CONNECT_SECONDS = 2.0
_OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c idle_in_transaction_session_timeout=30s"

_log = logging.getLogger(__name__)


class Engine:
    """Threads may share it."""

    def __init__(self, settings: Settings, project: Path) -> None:
        """`project` is the directory with schema.graphql and metadata/. Raises OSError, ValueError."""
        self._authentication = Authentication(settings)
        self._tables = metadata.read(project / "metadata")
        self._text = (project / "schema.graphql").read_text()
        self._schemas = {ADMIN: self._attached(schema.for_admin(self._text))}
        known = {role for table in self._tables.values() for role in table.select} - {ADMIN}
        self._schemas |= {role: self._attached(schema.for_role(self._text, self._tables, role)) for role in known}
        self._without_permissions = schema.for_role(self._text, {}, "")
        self._pool = ConnectionPool(
            settings.database_url,
            min_size=1,
            max_size=10,
            timeout=CONNECT_SECONDS,
            reconnect_timeout=CONNECT_SECONDS,
            check=ConnectionPool.check_connection,
            kwargs={"options": _OPTIONS, "connect_timeout": int(CONNECT_SECONDS)},
            open=False,
        )

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def healthy(self) -> bool:
        """Whether the database answers."""
        try:
            with self._pool.connection(CONNECT_SECONDS / 2) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout, PoolClosed):
            return False
        return True

    def answer(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """`headers` by names in lower case. Errors are answers, too."""
        begun, role = time.monotonic(), "-"
        try:
            session = self._authentication.session(headers)
            role = session.role
            content, outcome = self._answer(body, session), "ok"
        except HasuraError as error:
            content, outcome = error.answer(), error.code
        except Exception as error:  # noqa: BLE001 - the client gets an answer; a traceback could hold its data
            _log.error("%s in a request", type(error).__name__)
            content, outcome = HasuraError(UNEXPECTED, "internal error").answer(), UNEXPECTED
        known = role if role in self._schemas else "another role"
        _log.info("%s: %s, %.0f ms", known, outcome, (time.monotonic() - begun) * 1000)
        return content

    def _answer(self, body: bytes, session: Session) -> dict[str, Any]:
        request = requests.read(body)
        seen = self._schemas.get(session.role, self._without_permissions)
        validation.check(request, seen)
        try:
            with self._pool.connection() as connection:  # a transaction: what fails, fails whole
                return self._executed(seen, request, resolvers.Context(connection, session))
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            raise of_database(error, "$") from error

    def _executed(self, seen: GraphQLSchema, request: requests.Request, context: resolvers.Context) -> dict[str, Any]:
        name = request.operation.name.value if request.operation.name else None
        result = execute(
            seen, request.document, context_value=context, variable_values=request.variables, operation_name=name
        )
        assert isinstance(result, ExecutionResult), "no resolver is asynchronous"
        if result.errors:
            raise _cause(result.errors[0])
        return {"data": result.data}

    def _attached(self, seen: GraphQLSchema) -> GraphQLSchema:
        for table in self._tables.values():
            resolvers.attach(seen, table)
        return seen


def _cause(error: GraphQLError) -> Exception:
    """What a resolver raised; what graphql-core itself found wrong is about the request."""
    if isinstance(error.original_error, RecursionError):
        return HasuraError(VALIDATION_FAILED, "the request is nested too deeply")
    return error.original_error or HasuraError(VALIDATION_FAILED, error.message)
