"""The errors of a request body."""

import pytest

from presign.models import InvalidRequestError, UploadRequest, parse_as


def complaints(text: str) -> dict[str, str]:
    """Returns the error of each invalid field of a body, which must be invalid."""
    with pytest.raises(InvalidRequestError) as refused:
        parse_as(UploadRequest, text)
    return {error.field: error.detail for error in refused.value.errors}


def outcome(text: str) -> UploadRequest | set[str]:
    """Returns the parsed request, or the names of the invalid fields. Other errors fail the test."""
    try:
        return parse_as(UploadRequest, text)
    except InvalidRequestError as refused:
        return {error.field.partition(".")[0] for error in refused.errors}
