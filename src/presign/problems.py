"""Errors as clients see them: application/problem+json (RFC 9457) with a stable `code`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from presign.models import FieldError, InvalidRequestError
from presign.multipart import ConflictError
from presign.origins import ForeignOriginError
from presign.ports import (
    LimiterUnavailableError,
    PasswordsUnavailableError,
    QuotaExceededError,
    QuotaUnavailableError,
    StagingUnavailableError,
)
from presign.service import (
    FileTooLargeError,
    TooManyAttemptsError,
    UnsupportedTypeError,
    UploadNotFoundError,
    WrongPasswordError,
)
from uploads.errors import LedgerError, UnknownUploadError
from uploads.media_types import MEDIA_TYPES

RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """An error answer. `detail` tells the client what to do; `metric` counts the problem, None for no count."""

    status: HTTPStatus
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    retry_after: int | None = None
    metric: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

    def body(self) -> dict[str, object]:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            content["errors"] = [{"field": error.field, "detail": error.detail} for error in self.errors]
        return content


def _unavailable(metric: str) -> Problem:
    detail = f"Try again in {RETRY_AFTER_SECONDS} seconds."
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, retry_after=RETRY_AFTER_SECONDS, metric=metric
    )


_NO_UPLOAD = Problem(HTTPStatus.NOT_FOUND, "not_found", "There is no upload with this id.")
_PROBLEMS: Mapping[type[Exception], Problem] = {
    InvalidRequestError: Problem(HTTPStatus.BAD_REQUEST, "invalid_request", "Correct the request: {error}"),
    WrongPasswordError: Problem(
        HTTPStatus.UNAUTHORIZED, "wrong_password", "The upload password is not right.", metric="WrongPassword"
    ),
    TooManyAttemptsError: Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "throttled",
        "Too many wrong passwords came from this address. Try again in {error.retry_after} seconds.",
        metric="GuardRefused",
    ),
    QuotaExceededError: Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "quota_exceeded",
        "The {error.limit} uploads that this password allows in a day are used up. Try again after midnight UTC, in "
        "{error.retry_after} seconds; if you need more every day, ask for a higher quota.",
        metric="DailyQuotaExceeded",
    ),
    ForeignOriginError: Problem(
        HTTPStatus.FORBIDDEN,
        "forbidden",
        "Pages of this origin may not call the API. Its operator can add the origin to AllowedOrigins.",
    ),
    UnsupportedTypeError: Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported_type",
        f"contentType must be one of: {', '.join(MEDIA_TYPES)}.",
        [FieldError("contentType", "is not an accepted type")],
    ),
    FileTooLargeError: Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "file_too_large",
        "fileSize must be at most {error.max_bytes} bytes.",
        [FieldError("fileSize", "must be at most {error.max_bytes}")],
    ),
    UploadNotFoundError: _NO_UPLOAD,
    UnknownUploadError: _NO_UPLOAD,
    ConflictError: Problem(HTTPStatus.CONFLICT, "conflict", "{error}"),
    PasswordsUnavailableError: _unavailable("PasswordsUnavailable"),
    LimiterUnavailableError: _unavailable("GuardUnavailable"),
    QuotaUnavailableError: _unavailable("QuotaUnavailable"),
    LedgerError: _unavailable("LedgerUnavailable"),
    StagingUnavailableError: _unavailable("StagingUnavailable"),
}
"""The problem for each type of error; `{error}` in its texts is replaced by the error."""

CODES = tuple(dict.fromkeys(problem.code for problem in _PROBLEMS.values()))
"""The codes of all problems, in the order of the table."""

METRICS = frozenset(problem.metric for problem in _PROBLEMS.values() if problem.metric)
"""The names of all metrics that count problems."""


def problem_for(error: Exception) -> Problem | None:
    """Returns the problem to answer with, None for an unexpected error."""
    problem = next((problem for kind, problem in _PROBLEMS.items() if isinstance(error, kind)), None)
    if problem is None:
        return None
    errors = [FieldError(each.field, each.detail.format(error=error)) for each in problem.errors]
    return replace(
        problem,
        detail=problem.detail.format(error=error),
        # An error's own fields are more precise than the table's.
        errors=getattr(error, "errors", errors),
        retry_after=getattr(error, "retry_after", problem.retry_after),
    )
