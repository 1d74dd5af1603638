"""Errors as the client sees them (RFC 9457)."""

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
def test_each_error_of_the_service_has_its_status_and_code(error, status, code):
    problem = problem_for(error)
    assert problem is not None
    content = problem.body()
    assert (
        content | {"type": "about:blank", "status": status, "code": code, "title": HTTPStatus(status).phrase} == content
    )
    assert content["detail"]


@pytest.mark.parametrize("error", [ValueError(), KeyError("x"), LookupError(), Exception(), AssertionError()])
def test_an_error_that_nobody_expected_is_no_problem_of_the_clients(error):
    assert problem_for(error) is None


def test_each_wrong_field_is_told_with_what_to_do():
    problem = problem_for(InvalidRequestError(FieldError("fileName", "too long"), FieldError("fileSize", "too small")))
    assert problem is not None
    assert problem.body()["errors"] == [
        {"field": "fileName", "detail": "too long"},
        {"field": "fileSize", "detail": "too small"},
    ]
    assert problem.detail == "Correct the request: fileName: too long; fileSize: too small"


def test_a_problem_without_fields_lists_none():
    assert "errors" not in Problem(HTTPStatus.NOT_FOUND, "not_found", "x").body()


def test_a_refused_type_is_told_with_all_that_are_accepted():
    problem = problem_for(UnsupportedTypeError())
    assert problem is not None
    assert all(mime in problem.detail for mime in MEDIA_TYPES)
    assert [error.field for error in problem.errors] == ["contentType"]


def test_a_refused_size_is_told_with_the_limit():
    problem = problem_for(FileTooLargeError(524_288_000))
    assert problem is not None
    assert "524288000" in problem.detail
    assert [error.field for error in problem.errors] == ["fileSize"]


@pytest.mark.parametrize("error", [PasswordsUnavailableError("secret arn:aws:x"), LedgerError("table y")])
def test_an_outage_is_told_with_when_to_come_back_and_nothing_of_its_cause(error):
    problem = problem_for(error)
    assert problem is not None
    assert problem.headers == {"Retry-After": "5"}
    assert str(error) not in str(problem.body())
