"""Why a secret cannot be had: what somebody has to put right, and what passes."""

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from runtime.secrets import SecretError, read_secret
from tests.unit.presign.fakes import FakeClock, FakeSecrets, client_error


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",  # of the role, the secret's own policy, or its key's
        "ResourceNotFoundException",  # no such secret, or none that has a value yet
        "InvalidRequestException",  # marked for deletion
        "DecryptionFailure",
    ],
)
def test_what_no_waiting_cures_is_a_refusal(code):
    with pytest.raises(SecretError, match=f"^secret the-secret: {code}$") as failed:
        read_secret(FakeSecrets(FakeClock(), client_error(code)), "the-secret")
    assert (failed.value.refused, failed.value.metric) == (True, "SecretRefused")


@pytest.mark.parametrize(
    "failure",
    [
        client_error("ThrottlingException"),
        client_error("InternalServiceError"),
        client_error("ServiceUnavailable"),
        client_error(""),
        EndpointConnectionError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
        NoCredentialsError(),
    ],
    ids=repr,
)
def test_what_passes_is_an_outage(failure):
    with pytest.raises(SecretError) as failed:
        read_secret(FakeSecrets(FakeClock(), failure), "the-secret")
    assert (failed.value.refused, failed.value.metric) == (False, "SecretUnreachable")


@pytest.mark.parametrize(("value", "text"), [("text", "text"), ("", ""), (None, "")])
def test_the_value_is_text_and_a_binary_one_is_empty(value, text):
    assert read_secret(FakeSecrets(FakeClock(), value), "the-secret") == text
