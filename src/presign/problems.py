"""Errors as the client sees them: application/problem+json (RFC 9457) with a stable `code`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from presign.models import FieldError, InvalidRequestError
from presign.multipart import ConflictError, StagingUnavailableError
from presign.service import (
    FileTooLargeError,
    GuardUnavailableError,
    PasswordsUnavailableError,
    TooManyWrongPasswordsError,
    UnsupportedTypeError,
    UploadNotFoundError,
    WrongPasswordError,
)
from uploads.errors import LedgerError, UnknownUploadError
from uploads.media_types import MEDIA_TYPES

RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer that is not the one the client hoped for. `detail` says what to do about it."""

    status: HTTPStatus
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

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


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error of the service means to the client; None for one that nobody expected."""
    match error:
        case InvalidRequestError():
            return Problem(HTTPStatus.BAD_REQUEST, "invalid_request", f"Correct the request: {error}", error.errors)
        case WrongPasswordError():
            return Problem(HTTPStatus.UNAUTHORIZED, "wrong_password", "The upload password is not right.")
        case TooManyWrongPasswordsError():
            return Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "throttled",
                f"Too many wrong passwords came from this address. Try again in {error.seconds} seconds.",
                headers={"Retry-After": str(error.seconds)},
            )
        case UnsupportedTypeError():
            return Problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_type",
                f"contentType must be one of: {', '.join(MEDIA_TYPES)}.",
                [FieldError("contentType", "is not an accepted type")],
            )
        case FileTooLargeError():
            return Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "file_too_large",
                f"fileSize must be at most {error.max_bytes} bytes.",
                [FieldError("fileSize", f"must be at most {error.max_bytes}")],
            )
        case UploadNotFoundError() | UnknownUploadError():
            return Problem(HTTPStatus.NOT_FOUND, "not_found", "There is no upload with this id.")
        case ConflictError():
            return Problem(HTTPStatus.CONFLICT, "conflict", str(error), error.errors)
        case PasswordsUnavailableError() | GuardUnavailableError() | LedgerError() | StagingUnavailableError():
            return Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "unavailable",
                f"Try again in {RETRY_AFTER_SECONDS} seconds.",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        case _:
            return None
