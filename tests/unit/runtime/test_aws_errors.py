"""The codes of failed AWS calls."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runtime.aws_errors import code_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "GetObject"), "SlowDown"),
        (ClientError({"Error": {}}, "GetObject"), ""),
        (ClientError({}, "GetObject"), ""),
        (EndpointConnectionError(endpoint_url="https://s3.example"), "EndpointConnectionError"),
    ],
    ids=["answer with a code", "error without a code", "answer without an error", "no answer"],
)
def test_code_of_error(error, code):
    assert code_of(error) == code
