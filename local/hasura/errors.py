"""Errors in Hasura v2's form: HTTP 200 and `{"errors": [{"message", "extensions": {"path", "code"}}]}`."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

ACCESS_DENIED = "access-denied"
DATA_EXCEPTION = "data-exception"
INVALID_HEADERS = "invalid-headers"
INVALID_JWT = "invalid-jwt"
JWT_INVALID_CLAIMS = "jwt-invalid-claims"
JWT_MISSING_ROLE_CLAIMS = "jwt-missing-role-claims"
NOT_FOUND = "not-found"
PARSE_FAILED = "parse-failed"
POSTGRES_ERROR = "postgres-error"
UNEXPECTED = "unexpected"
VALIDATION_FAILED = "validation-failed"

# SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) → code, and the start of Hasura's message.
_CONSTRAINTS = {
    "23502": ("constraint-violation", "Not-NULL violation. "),
    "23503": ("constraint-violation", "Foreign key violation. "),
    "23505": ("constraint-violation", "Uniqueness violation. "),
    "23514": ("permission-error", "Check constraint violation. "),
}


@dataclass(eq=False)
class HasuraError(Exception):
    """The message may repeat what the client sent: it is for the client and never logged."""

    code: str
    message: str

    def answer(self) -> dict[str, Any]:
        return {"errors": [{"message": self.message, "extensions": {"path": "$", "code": self.code}}]}


def from_database_error(error: Exception) -> HasuraError:
    """Returns Hasura's error for an exception of psycopg, its pool, or the encoding of a string."""
    if isinstance(error, PoolTimeout | PoolClosed):
        return HasuraError(POSTGRES_ERROR, "connection error")
    if not isinstance(error, psycopg.Error):
        return HasuraError(DATA_EXCEPTION, "a string contains characters that PostgreSQL cannot store")
    state, message = error.sqlstate or "", error.diag.message_primary or str(error)
    if state in _CONSTRAINTS:
        code, prefix = _CONSTRAINTS[state]
        return HasuraError(code, prefix + message)
    if state.startswith("22") or (isinstance(error, psycopg.DataError) and not state):
        return HasuraError(DATA_EXCEPTION, message)
    if isinstance(error, psycopg.OperationalError) and state != "57014":  # 57014: statement timeout
        return HasuraError(POSTGRES_ERROR, "connection error")
    return HasuraError(UNEXPECTED, "database query error")
