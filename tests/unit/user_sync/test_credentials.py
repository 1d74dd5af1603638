"""Where Hasura is and what opens it: how the secret is read, and for how long it serves."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS
from tests.unit.presign.fakes import FakeClock, FakeSecrets, client_error
from tests.unit.user_sync.fakes import ADMIN_SECRET
from user_sync.credentials import Credentials, SecretCredentials
from user_sync.ports import UnavailableError

DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")


def content(**changes: Any) -> str:
    return json.dumps(
        {"hasuraEndpoint": "https://hasura.example.org/v1/graphql", "hasuraAdminSecret": ADMIN_SECRET} | changes
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def secrets(clock) -> FakeSecrets:
    return FakeSecrets(clock, content())


@pytest.fixture
def credentials(clock, secrets) -> SecretCredentials:
    return SecretCredentials(secrets, "the-secret", clock)


def test_the_endpoint_is_taken_apart(credentials):
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
def test_an_endpoint_may_have_a_port_a_query_or_no_path(credentials, secrets, endpoint, parts):
    secrets.value = content(hasuraEndpoint=endpoint)
    known = credentials.current()
    assert (known.tls, known.host, known.port, known.path) == parts


@pytest.mark.parametrize(
    "endpoint", ["http://hasura.example.org/", "http://10.0.0.7/", "http://localhost/", "http://127.1/"]
)
def test_the_secret_never_leaves_the_machine_in_the_clear(credentials, secrets, endpoint):
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
def test_an_endpoint_that_is_none_is_told_of_with_an_example_of_one(credentials, secrets, endpoint):
    secrets.value = content(hasuraEndpoint=endpoint)
    with pytest.raises(UnavailableError, match=r"hasuraEndpoint must be a URL such as https://host/v1/graphql"):
        credentials.current()


@pytest.mark.parametrize("admin_secret", [None, 7, "", "two words", "line\r\nX-Injected: yes", "geheim-ü", "x" * 5000])
def test_an_admin_secret_that_no_header_can_carry_is_told_of_and_not_shown(credentials, secrets, admin_secret):
    secrets.value = content(hasuraAdminSecret=admin_secret)
    with pytest.raises(UnavailableError, match="hasuraAdminSecret must be printable ASCII") as refused:
        credentials.current()
    assert not admin_secret or str(admin_secret) not in str(refused.value)


@pytest.mark.parametrize(
    "value", [None, "", "text", "[]", "{}", "7", "null", '{"hasuraEndpoint": "https://h"}', "[" * 100_000]
)
def test_a_secret_of_another_shape_is_told_of_by_its_name(credentials, secrets, value):
    secrets.value = value
    with pytest.raises(UnavailableError, match="secret the-secret must be"):
        credentials.current()


@given(st.text() | st.dictionaries(st.sampled_from(["hasuraEndpoint", "hasuraAdminSecret"]), st.text()).map(json.dumps))
def test_any_secret_is_read_or_told_of(value):
    clock = FakeClock()
    credentials = SecretCredentials(FakeSecrets(clock, value), "the-secret", clock)
    told = "secret the-secret"
    try:
        credentials.current()
    except UnavailableError as error:
        told = str(error)
    assert told.startswith("secret the-secret")


def test_the_admin_secret_is_in_no_repr(credentials):
    assert ADMIN_SECRET not in repr(credentials.current())


def test_the_secret_is_read_once_while_it_is_fresh_and_then_again(credentials, secrets, clock):
    for _ in range(3):
        credentials.current()
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    credentials.current()
    assert secrets.reads == 1
    secrets.value = content(hasuraAdminSecret="rotated")
    clock.sleep(1)
    assert credentials.current().admin_secret == "rotated"
    assert secrets.reads == 2


def test_a_renewal_reads_at_once_and_is_fresh_itself(credentials, secrets, clock):
    credentials.current()
    secrets.value = content(hasuraAdminSecret="rotated")
    assert credentials.refresh().admin_secret == "rotated"
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert credentials.current().admin_secret == "rotated"
    assert secrets.reads == 2


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (client_error("AccessDeniedException"), "secret the-secret: AccessDeniedException"),
        (DOWN, "secret the-secret: EndpointConnectionError"),
        (NoCredentialsError(), "secret the-secret: NoCredentialsError"),
    ],
)
def test_without_the_secret_hasura_is_unavailable_and_it_is_told_why(credentials, secrets, broken, told):
    secrets.value = broken
    for read in (credentials.current, credentials.refresh):
        with pytest.raises(UnavailableError, match=f"^{told}$"):
            read()


def test_until_it_is_known_each_sign_in_asks_for_it(credentials, secrets):
    secrets.value = DOWN
    for _ in range(2):
        with pytest.raises(UnavailableError):
            credentials.current()
    secrets.value = content()
    assert credentials.current().admin_secret == ADMIN_SECRET


@pytest.mark.parametrize("broken", [DOWN, "no secret at all"])
def test_what_was_known_goes_on_to_serve_and_the_read_is_not_tried_by_everybody(credentials, secrets, clock, broken):
    credentials.current()
    secrets.value = broken
    clock.sleep(SECRET_REFRESH_SECONDS)
    assert [credentials.current().admin_secret for _ in range(5)] == [ADMIN_SECRET] * 5
    assert secrets.reads == 2
    clock.sleep(SECRET_RETRY_SECONDS)
    assert credentials.current().admin_secret == ADMIN_SECRET
    assert secrets.reads == 3


def test_while_one_read_hangs_another_sign_in_goes_on_with_what_is_known(credentials, secrets, clock):
    """The one that hangs has been abandoned by then; here the other comes in its midst."""
    credentials.current()
    clock.sleep(SECRET_REFRESH_SECONDS)
    among = []
    clock.sleep = lambda seconds: among.append(credentials.current())  # what FakeSecrets does while it takes its time
    credentials.current()
    assert [each.admin_secret for each in among] == [ADMIN_SECRET]
    assert secrets.reads == 2


def test_each_failed_read_is_told_at_once_while_what_was_known_still_serves(secrets, clock):
    told = []
    credentials = SecretCredentials(secrets, "the-secret", clock, on_failure=told.append)
    credentials.current()
    for value in (content(hasuraEndpoint="http://in.the.clear/"), DOWN):
        secrets.value = value
        clock.sleep(SECRET_REFRESH_SECONDS)
        assert credentials.current().admin_secret == ADMIN_SECRET
    assert [each.metric for each in told] == ["SecretRefused", "SecretUnreachable"]
