"""Failed reads of a secret: which need an operator, and which pass."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS, CachedSecret, SecretError, read_secret
from tests.secrets_manager import FakeMonotonicClock, FakeSecrets, client_error


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",  # by the role, the secret's policy or the key's policy
        "ResourceNotFoundException",  # no secret, or no value yet
        "InvalidRequestException",  # scheduled for deletion
        "DecryptionFailure",
    ],
)
def test_error_that_a_retry_cannot_fix_is_refused(code):
    with pytest.raises(SecretError, match=f"^secret the-secret: {code}$") as failed:
        read_secret(FakeSecrets(FakeMonotonicClock(), client_error(code)), "the-secret")
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
def test_transient_error_is_an_outage(failure):
    with pytest.raises(SecretError) as failed:
        read_secret(FakeSecrets(FakeMonotonicClock(), failure), "the-secret")
    assert (failed.value.refused, failed.value.metric) == (False, "SecretUnreachable")


@pytest.mark.parametrize(("value", "text"), [("text", "text"), ("", ""), (None, "")])
def test_value_is_text_and_empty_for_a_binary_secret(value, text):
    assert read_secret(FakeSecrets(FakeMonotonicClock(), value), "the-secret") == text


@dataclass
class Source:
    """A secret in memory; raises `broken` when it is set."""

    value: str = "first"
    broken: SecretError | None = None
    reads: int = 0

    def read(self) -> str:
        self.reads += 1
        if self.broken:
            raise self.broken
        return self.value


@pytest.fixture
def clock() -> FakeMonotonicClock:
    return FakeMonotonicClock()


def cached(source: Source, clock: FakeMonotonicClock, **options: Any) -> CachedSecret[str]:
    return CachedSecret("the-secret", source.read, **{"stale_seconds": 100, "clock": clock} | options)


def test_cached_value_is_read_again_when_it_is_due(clock):
    source = Source()
    secret = cached(source, clock)
    assert not secret.is_known
    assert [secret.current() for _ in range(3)] == ["first"] * 3
    source.value = "second"
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert secret.current() == "first"
    clock.sleep(1)
    assert secret.current() == "second"
    assert (source.reads, secret.is_known) == (2, True)


def test_refresh_reads_at_once_and_restarts_the_interval(clock):
    source = Source()
    secret = cached(source, clock)
    secret.current()
    source.value = "second"
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert secret.refresh() == "second"
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert secret.current() == "second"
    assert source.reads == 2


def test_stale_value_serves_until_its_limit(clock):
    source, failures = Source(), []
    secret = cached(source, clock, on_failure=failures.append)
    secret.current()
    source.broken = SecretError("secret the-secret: Throttling", refused=False)
    clock.sleep(SECRET_REFRESH_SECONDS + 100)
    assert secret.current() == "first"
    assert failures == [source.broken]
    clock.sleep(1)
    with pytest.raises(SecretError, match="could not be read a moment ago"):
        secret.current()
    clock.sleep(SECRET_RETRY_SECONDS)
    with pytest.raises(SecretError, match="Throttling"):
        secret.current()


def test_failing_read_is_retried_after_the_pause(clock):
    source = Source(broken=SecretError("secret the-secret: Throttling", refused=False))
    secret = cached(source, clock)
    for _ in range(SECRET_RETRY_SECONDS):
        with pytest.raises(SecretError):
            secret.current()
        clock.sleep(1)
    assert source.reads == 1
    source.broken = None
    assert secret.current() == "first"
