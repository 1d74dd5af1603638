"""Hasura's credentials: how the secret is parsed, and for how long it is cached."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS
from tests.secrets_manager import FakeMonotonicClock, FakeSecrets, client_error
from tests.unit.user_sync.fakes import ADMIN_SECRET
from user_sync.credentials import Credentials, SecretCredentials
from user_sync.ports import UnavailableError

DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")


def content(**changes: Any) -> str:
    return json.dumps(
        {"hasuraEndpoint": "https://hasura.example.org/v1/graphql", "hasuraAdminSecret": ADMIN_SECRET} | changes
    )


@pytest.fixture
def clock() -> FakeMonotonicClock:
    return FakeMonotonicClock()


@pytest.fixture
def secrets(clock) -> FakeSecrets:
    return FakeSecrets(clock, content())


@pytest.fixture
def credentials(clock, secrets) -> SecretCredentials:
    return SecretCredentials(secrets, "the-secret", clock)


def test_endpoint_is_split_into_parts(credentials):
    assert credentials.current() == Credentials(True, "hasura.example.org", 443, "/v1/graphql", ADMIN_SECRET)


@pytest.mark.parametrize(
    ("endpoint", "parts"),
    [
        ("https://h:8443/v1/graphql?x=1", (True, "h", 8443, "/v1/graphql?x=1")),
        ("https://h", (True, "h", 443, "/")),
        ("http://127.0.0.1:8080/v1/graphql", (False, "127.0.0.1", 8080, "/v1/graphql")),
        ("http://[::1]/v1/graphql", (False, "::1", 80, "/v1/graphql")),
    ],
)
def test_endpoint_may_have_a_port_a_query_or_no_path(credentials, secrets, endpoint, parts):
    secrets.value = content(hasuraEndpoint=endpoint)
    known = credentials.current()
    assert (known.tls, known.host, known.port, known.path) == parts


@pytest.mark.parametrize(
    "endpoint", ["http://hasura.example.org/", "http://10.0.0.7/", "http://localhost/", "http://127.1/"]
)
def test_plain_http_is_refused_except_to_loopback(credentials, secrets, endpoint):
    secrets.value = content(hasuraEndpoint=endpoint)
    with pytest.raises(UnavailableError, match="hasuraEndpoint must be https"):
        credentials.current()


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            None,
            7,
            "",
            "hasura.example.org",
            "ftp://h/",
            "https://",
            "https:///v1/graphql",
            "https://h:port/",
            "https://[",
        ),
        *(
            "https://user:password@h/",
            "https://h/#part",
            "https://h/a b",
            "https://h/\r\nX: y",
            "https://h:99999/",
            "https://ü/",
        ),
    ],
)
def test_invalid_endpoint_is_refused_with_an_example(credentials, secrets, endpoint):
    secrets.value = content(hasuraEndpoint=endpoint)
    with pytest.raises(UnavailableError, match=r"hasuraEndpoint must be a URL such as https://host/v1/graphql"):
        credentials.current()


@pytest.mark.parametrize("admin_secret", [None, 7, "", "two words", "line\r\nX-Injected: yes", "geheim-ü", "x" * 5000])
def test_invalid_admin_secret_is_refused_and_not_shown(credentials, secrets, admin_secret):
    secrets.value = content(hasuraAdminSecret=admin_secret)
    with pytest.raises(UnavailableError, match="hasuraAdminSecret must be printable ASCII") as refused:
        credentials.current()
    assert not admin_secret or str(admin_secret) not in str(refused.value)


@pytest.mark.parametrize(
    "value", [None, "", "text", "[]", "{}", "7", "null", '{"hasuraEndpoint": "https://h"}', "[" * 100_000]
)
def test_malformed_secret_is_named(credentials, secrets, value):
    secrets.value = value
    with pytest.raises(UnavailableError, match="secret the-secret must be"):
        credentials.current()


@given(st.text() | st.dictionaries(st.sampled_from(["hasuraEndpoint", "hasuraAdminSecret"]), st.text()).map(json.dumps))
def test_any_secret_is_parsed_or_named_in_the_error(value):
    clock = FakeMonotonicClock()
    credentials = SecretCredentials(FakeSecrets(clock, value), "the-secret", clock)
    message = "secret the-secret"
    try:
        credentials.current()
    except UnavailableError as error:
        message = str(error)
    assert message.startswith("secret the-secret")


def test_repr_omits_the_admin_secret(credentials):
    assert ADMIN_SECRET not in repr(credentials.current())


def test_secret_is_cached_until_it_is_due_for_refresh(credentials, secrets, clock):
    for _ in range(3):
        credentials.current()
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    credentials.current()
    assert secrets.reads == 1
    secrets.value = content(hasuraAdminSecret="rotated")
    clock.sleep(1)
    assert credentials.current().admin_secret == "rotated"
    assert secrets.reads == 2


def test_refresh_reads_at_once_and_restarts_the_cache(credentials, secrets, clock):
    credentials.current()
    secrets.value = content(hasuraAdminSecret="rotated")
    assert credentials.refresh().admin_secret == "rotated"
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert credentials.current().admin_secret == "rotated"
    assert secrets.reads == 2


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (client_error("AccessDeniedException"), "secret the-secret: AccessDeniedException"),
        (DOWN, "secret the-secret: EndpointConnectionError"),
        (NoCredentialsError(), "secret the-secret: NoCredentialsError"),
    ],
)
def test_unreadable_secret_raises_unavailable_with_the_cause(credentials, secrets, broken, cause):
    secrets.value = broken
    for read in (credentials.current, credentials.refresh):
        with pytest.raises(UnavailableError, match=f"^{cause}$"):
            read()


def test_every_call_reads_until_the_first_success(credentials, secrets):
    secrets.value = DOWN
    for _ in range(2):
        with pytest.raises(UnavailableError):
            credentials.current()
    secrets.value = content()
    assert credentials.current().admin_secret == ADMIN_SECRET


@pytest.mark.parametrize("broken", [DOWN, "no secret at all"])
def test_cached_secret_is_used_while_reads_fail_and_retries_are_rare(credentials, secrets, clock, broken):
    credentials.current()
    secrets.value = broken
    clock.sleep(SECRET_REFRESH_SECONDS)
    assert [credentials.current().admin_secret for _ in range(5)] == [ADMIN_SECRET] * 5
    assert secrets.reads == 2
    clock.sleep(SECRET_RETRY_SECONDS)
    assert credentials.current().admin_secret == ADMIN_SECRET
    assert secrets.reads == 3


def test_hanging_read_does_not_block_another_sign_in(credentials, secrets, clock):
    """In Lambda the hanging read has been abandoned; here the second call happens during the first."""
    credentials.current()
    clock.sleep(SECRET_REFRESH_SECONDS)
    during = []
    clock.sleep = lambda seconds: during.append(credentials.current())  # FakeSecrets sleeps during a read
    credentials.current()
    assert [each.admin_secret for each in during] == [ADMIN_SECRET]
    assert secrets.reads == 2


def test_failed_read_is_reported_while_the_cached_secret_is_used(secrets, clock):
    failures = []
    credentials = SecretCredentials(secrets, "the-secret", clock, on_failure=failures.append)
    credentials.current()
    for value in (content(hasuraEndpoint="http://in.the.clear/"), DOWN):
        secrets.value = value
        clock.sleep(SECRET_REFRESH_SECONDS)
        assert credentials.current().admin_secret == ADMIN_SECRET
    assert [each.metric for each in failures] == ["SecretRefused", "SecretUnreachable"]
