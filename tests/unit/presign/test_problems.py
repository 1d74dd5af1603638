"""The problem (RFC 9457) that each error becomes."""

from http import HTTPStatus

import pytest

from presign.models import FieldError, InvalidRequestError
from presign.ports import PasswordsUnavailableError
from presign.problems import Problem, problem_for
from presign.service import FileTooLargeError, UnsupportedTypeError, UploadNotFoundError, WrongPasswordError
from uploads.errors import LedgerError
from uploads.media_types import MEDIA_TYPES


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidRequestError(FieldError("fileSize", "must be 1")), 400, "invalid_request"),
        (WrongPasswordError(), 401, "wrong_password"),
        (UploadNotFoundError(), 404, "not_found"),
        (FileTooLargeError(10), 413, "file_too_large"),
        (UnsupportedTypeError(), 415, "unsupported_type"),
        (PasswordsUnavailableError("secret arn:aws:x: AccessDenied"), 503, "unavailable"),
        (LedgerError("PutItem: ThrottlingException"), 503, "unavailable"),
    ],
)
def test_error_has_its_status_and_code(error, status, code):
    problem = problem_for(error)
    assert problem is not None
    content = problem.body()
    assert (
        content | {"type": "about:blank", "status": status, "code": code, "title": HTTPStatus(status).phrase} == content
    )
    assert content["detail"]


@pytest.mark.parametrize("error", [ValueError(), KeyError("x"), LookupError(), Exception(), AssertionError()])
def test_unexpected_error_has_no_problem(error):
    assert problem_for(error) is None


def test_invalid_request_lists_the_fields():
    problem = problem_for(InvalidRequestError(FieldError("fileName", "too long"), FieldError("fileSize", "too small")))
    assert problem is not None
    assert problem.body()["errors"] == [
        {"field": "fileName", "detail": "too long"},
        {"field": "fileSize", "detail": "too small"},
    ]
    assert problem.detail == "Correct the request: fileName: too long; fileSize: too small"


def test_problem_without_fields_has_no_errors_member():
    assert "errors" not in Problem(HTTPStatus.NOT_FOUND, "not_found", "x").body()


def test_unsupported_type_lists_the_accepted_ones():
    problem = problem_for(UnsupportedTypeError())
    assert problem is not None
    assert all(mime in problem.detail for mime in MEDIA_TYPES)
    assert [error.field for error in problem.errors] == ["contentType"]


def test_file_too_large_shows_the_limit():
    problem = problem_for(FileTooLargeError(524_288_000))
    assert problem is not None
    assert "524288000" in problem.detail
    assert [error.field for error in problem.errors] == ["fileSize"]


@pytest.mark.parametrize("error", [PasswordsUnavailableError("secret arn:aws:x"), LedgerError("table y")])
def test_outage_has_retry_after_and_hides_its_cause(error):
    problem = problem_for(error)
    assert problem is not None
    assert problem.headers == {"Retry-After": "5"}
    assert str(error) not in str(problem.body())
