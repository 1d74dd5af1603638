"""Errors in the form and, as far as they are known, in the words of Hasura v2.

Each answers with HTTP 200 and `{"errors": [{"message", "extensions": {"path", "code"}}]}`; nothing else is in it.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

ACCESS_DENIED = "access-denied"
DATA_EXCEPTION = "data-exception"
INVALID_HEADERS = "invalid-headers"
INVALID_JSON = "invalid-json"
INVALID_JWT = "invalid-jwt"
JWT_INVALID_CLAIMS = "jwt-invalid-claims"
JWT_MISSING_ROLE_CLAIMS = "jwt-missing-role-claims"
NOT_FOUND = "not-found"
NOT_SUPPORTED = "not-supported"
PARSE_FAILED = "parse-failed"
POSTGRES_ERROR = "postgres-error"
UNEXPECTED = "unexpected"
VALIDATION_FAILED = "validation-failed"

# SQLSTATE → code and what Hasura says before PostgreSQL's own message
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONSTRAINTS = {
    "23001": ("constraint-violation", "Can not delete or update due to data being referred. "),
    "23502": ("constraint-violation", "Not-NULL violation. "),
    "23503": ("constraint-violation", "Foreign key violation. "),
    "23505": ("constraint-violation", "Uniqueness violation. "),
    "23514": ("permission-error", "Check constraint violation. "),
    "23P01": ("constraint-violation", "Exclusion violation. "),
}


@dataclass(eq=False)
class HasuraError(Exception):
    """`path` is a JSONPath into the request. The message may repeat what the client sent: it is for its eyes alone."""

    code: str
    message: str
    path: str = "$"

    def answer(self) -> dict[str, Any]:
        return {"errors": [{"message": self.message, "extensions": {"path": self.path, "code": self.code}}]}


def of_database(error: Exception, path: str) -> HasuraError:
    """What Hasura says of an error that psycopg raised."""
    if isinstance(error, PoolTimeout | PoolClosed):
        return HasuraError(POSTGRES_ERROR, "connection error", path)
    if not isinstance(error, psycopg.Error):
        return HasuraError(DATA_EXCEPTION, "a string holds what PostgreSQL cannot take", path)
    state, message = error.sqlstate or "", error.diag.message_primary or "database query error"
    if state in _CONSTRAINTS:
        code, before = _CONSTRAINTS[state]
        return HasuraError(code, before + message, path)
    if state.startswith("22"):
        return HasuraError("bad-request" if state == "22025" else DATA_EXCEPTION, message, path)
    if state == "42P10":
        return HasuraError("constraint-error", "there is no unique or exclusion constraint on target column(s)", path)
    if isinstance(error, psycopg.DataError) and not state:  # found by psycopg itself, such as NUL in a text
        return HasuraError(DATA_EXCEPTION, str(error), path)
    if isinstance(error, psycopg.OperationalError) and (not state or state[:2] in {"08", "57"}) and state != "57014":
        return HasuraError(POSTGRES_ERROR, "connection error", path)
    return HasuraError(UNEXPECTED, "database query error", path)
