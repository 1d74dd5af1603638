"""What is said about a request body."""

import pytest

from presign.models import InvalidRequestError, UploadRequest, parse


def complaints(text: str) -> dict[str, str]:
    """What is wrong with each field of a body that is refused."""
    with pytest.raises(InvalidRequestError) as refused:
        parse(text)
    return {error.field: error.detail for error in refused.value.errors}


def outcome(text: str) -> UploadRequest | set[str]:
    """The request, or the names of the fields that are wrong; any other error is for the test to fail with."""
    try:
        return parse(text)
    except InvalidRequestError as refused:
        return {error.field.partition(".")[0] for error in refused.errors}
