"""Requests to Hasura and the meaning of its answers. tests/integration/user_sync uses real connections."""

import http.client
import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.user_sync.fakes import ADMIN_SECRET, COLUMNS, FakeCredentials, FakeSocket, ada, http_answer, refusal
from user_sync.hasura_client import MAX_ANSWER_BYTES, MAX_IDLE_SECONDS, HasuraClient
from user_sync.ports import UnavailableError, UpsertRefusedError
from user_sync.users import UPSERT, upsert_variables

WRITTEN = {"data": {"insert_users_one": {"id": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}}
DENIED = refusal("access-denied", 'invalid "x-hasura-admin-secret"/"x-hasura-access-key"')
CONTENT = upsert_variables(ada(), COLUMNS)


class Wire:
    """Gives each connection the next answer; the last answer is repeated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[bytes] = []
        self.sockets: list[FakeSocket] = []
        wire = self

        def connect(connection: http.client.HTTPConnection) -> None:
            answer = wire.answers.pop(0) if len(wire.answers) > 1 else wire.answers[0]
            wire.sockets.append(FakeSocket(answer))
            connection.sock = wire.sockets[-1]  # type: ignore[assignment]

        monkeypatch.setattr(http.client.HTTPConnection, "connect", connect)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Wire(monkeypatch)


@pytest.fixture
def credentials() -> FakeCredentials:
    return FakeCredentials()


@pytest.fixture
def hasura(wire, credentials) -> HasuraClient:
    wire.sockets.clear()
    return HasuraClient(credentials)


def upsert(hasura: HasuraClient, wire: Wire, *answers: bytes, seconds: float = 30) -> bool:
    wire.answers[:] = answers
    return hasura.upsert(CONTENT, time.monotonic() + seconds)


def test_request_carries_mutation_variables_and_secret(hasura, wire):
    assert upsert(hasura, wire, http_answer(WRITTEN))
    (socket,) = wire.sockets
    head, _, body = bytes(socket.sent).partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /v1/graphql HTTP/1.1"
    assert f"x-hasura-admin-secret: {ADMIN_SECRET}".encode() in head.splitlines()
    assert b"Content-Type: application/json" in head.splitlines()
    assert json.loads(body) == {"query": UPSERT, "variables": CONTENT}


def test_null_means_that_the_row_is_newer(hasura, wire):
    assert not upsert(hasura, wire, http_answer({"data": {"insert_users_one": None}}))


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (
            "constraint-violation",
            'Uniqueness violation. duplicate key value violates unique constraint "users_email_key"',
            "constraint-violation: users_email_key",
        ),
        (
            "constraint-violation",
            'Not-NULL violation. null value in column "tenant" of relation "users" violates not-null constraint',
            "constraint-violation: tenant",
        ),
        ("validation-failed", "field 'colour' not found in type: 'users_insert_input'", "validation-failed: colour"),
        ("validation-failed", "unexpected value \"ada@example.org\" for enum: 'x'", "validation-failed"),
        ("data-exception", 'invalid input syntax for type uuid: "ada@example.org"', "data-exception"),
        ("parse-failed", "ada@example.org", "parse-failed"),
        ("permission-error", {"no": "text"}, "permission-error"),
    ],
)
def test_permanent_error_is_refused_without_personal_data(hasura, wire, code, message, reason):
    with pytest.raises(UpsertRefusedError) as refused:
        upsert(hasura, wire, http_answer(refusal(code, message)))
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("unexpected", "unexpected"),
        ("postgres-error", "postgres-error"),
        ("invalid-headers", "invalid-headers"),
        (None, "unexpected"),
        (7, "unexpected"),
        ("Ada Lovelace", "unexpected"),
        ("x" * 41, "unexpected"),
        ("", "unexpected"),
    ],
)
def test_other_error_is_temporary(hasura, wire, code, cause):
    with pytest.raises(UnavailableError, match=f"^Hasura refused: {cause}$"):
        upsert(hasura, wire, http_answer(refusal(code)))


@pytest.mark.parametrize("errors", [["text"], "text", {"a": 1}, [None], [{}], [{"extensions": []}], 7])
def test_malformed_errors_are_temporary(hasura, wire, errors):
    with pytest.raises(UnavailableError, match="unexpected"):
        upsert(hasura, wire, http_answer({"errors": errors}))


def test_first_of_several_errors_decides_even_with_data(hasura, wire):
    both = {**WRITTEN, "errors": refusal("data-exception")["errors"] + refusal("unexpected")["errors"]}
    with pytest.raises(UpsertRefusedError, match="data-exception"):
        upsert(hasura, wire, http_answer(both))


@pytest.mark.parametrize(
    "content", [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"other": 1}}, {"errors": []}]
)
def test_answer_without_data_and_errors_is_temporary(hasura, wire, content):
    with pytest.raises(UnavailableError, match="neither data nor errors"):
        upsert(hasura, wire, http_answer(content))


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 404, 429, 500, 502, 503, 504])
def test_other_status_is_an_outage_and_redirects_are_not_followed(hasura, wire, status):
    with pytest.raises(UnavailableError, match=f"status {status}"):
        upsert(hasura, wire, http_answer(WRITTEN, status, "Location: https://elsewhere.example/"))
    assert len(wire.sockets) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 60_000])
def test_answer_that_is_not_a_json_object_is_an_outage(hasura, wire, content):
    with pytest.raises(UnavailableError, match="status 200"):
        upsert(hasura, wire, http_answer(content))


def test_answer_over_the_limit_closes_the_connection(hasura, wire):
    content = json.dumps(WRITTEN).encode()
    for size in (MAX_ANSWER_BYTES * 10, MAX_ANSWER_BYTES + 1):
        with pytest.raises(UnavailableError, match="too long"):
            upsert(hasura, wire, http_answer(content.ljust(size)))
    assert wire.sockets[0].closed
    hasura._idle.clear()
    assert upsert(hasura, wire, http_answer(content.ljust(MAX_ANSWER_BYTES)))


def test_refused_secret_is_refreshed_and_the_mutation_repeated(hasura, wire, credentials):
    credentials.secrets = ["old", "new"]
    assert upsert(hasura, wire, http_answer(DENIED, 200, "Connection: close"), http_answer(WRITTEN))
    assert [
        f"x-hasura-admin-secret: {secret}\r\n".encode() in s.sent
        for s, secret in zip(wire.sockets, ["old", "new"], strict=True)
    ]
    assert (len(wire.sockets), credentials.refreshes) == (2, 1)


@pytest.mark.parametrize("status", [200, 401])
def test_unchanged_secret_is_not_tried_again(hasura, wire, credentials, status):
    with pytest.raises(UnavailableError, match="access-denied"):
        upsert(hasura, wire, http_answer(DENIED, status))
    assert [bytes(socket.sent).count(b"POST ") for socket in wire.sockets] == [1]
    assert credentials.refreshes == 1


def test_refreshed_secret_is_tried_once(hasura, wire, credentials):
    credentials.secrets = ["old", "new", "newer"]
    with pytest.raises(UnavailableError, match="access-denied"):
        upsert(hasura, wire, http_answer(DENIED))
    assert (len(wire.sockets), credentials.refreshes) == (2, 1)


def test_failed_refresh_is_an_outage(hasura, wire, credentials):
    credentials.down = True
    with pytest.raises(UnavailableError, match="InternalServiceError"):
        upsert(hasura, wire, http_answer(DENIED))


def test_nothing_is_sent_after_the_deadline(hasura, wire):
    with pytest.raises(UnavailableError, match="in time"):
        upsert(hasura, wire, http_answer(WRITTEN), seconds=0)
    assert wire.sockets == []


def test_connection_is_reused_until_it_was_idle_too_long(hasura, wire, monkeypatch):
    two = http_answer(WRITTEN) * 2
    assert upsert(hasura, wire, two)
    wire.sockets[0].makefile = lambda mode: FakeSocket(http_answer(WRITTEN)).makefile(mode)  # the second answer
    assert upsert(hasura, wire, two)
    assert len(wire.sockets) == 1
    now = time.monotonic()
    monkeypatch.setattr("user_sync.hasura_client.time.monotonic", lambda: now + MAX_IDLE_SECONDS + 1)
    assert hasura.upsert(CONTENT, now + 1000)
    assert len(wire.sockets) == 2
    assert wire.sockets[0].closed


def test_connection_with_other_credentials_is_not_reused(hasura, wire, credentials):
    assert upsert(hasura, wire, http_answer(WRITTEN))
    credentials.secrets = ["another"]
    assert upsert(hasura, wire, http_answer(WRITTEN))
    assert (len(wire.sockets), wire.sockets[0].closed) == (2, True)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "no.such.host.invalid"])
def test_invalid_host_is_an_outage(host, monkeypatch):
    credentials = FakeCredentials()
    known = type(credentials.current())(tls=False, host=host, port=80, path="/", admin_secret="x")
    monkeypatch.setattr(FakeCredentials, "current", lambda self: known)
    with pytest.MonkeyPatch.context() as real:
        real.setattr(http.client.HTTPConnection, "connect", CONNECT)
        with pytest.raises(UnavailableError, match="Hasura cannot be reached"):
            HasuraClient(credentials).upsert(CONTENT, time.monotonic() + 30)


CONNECT = http.client.HTTPConnection.connect
hostile = st.sampled_from([ADMIN_SECRET, "ada@example.org", "Ada Lovelace", *refusal("data-exception")["errors"]])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | hostile,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "errors", "message", "extensions", "code", "insert_users_one"]), inner
        )
    ),
    max_leaves=8,
)
bytes_of_a_server = (
    st.binary()
    | st.binary().map(http_answer)
    | st.binary().map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest)
    | st.binary().map(lambda rest: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + rest)
    | st.builds(lambda content, cut: http_answer(content)[:cut], json_values, st.integers(0, 200))
    | st.builds(http_answer, json_values, st.sampled_from([200, 400, 401, 500]))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bytes_of_a_server)
def test_any_answer_is_handled_without_revealing_secret_or_user(hasura, wire, answer):
    message = ""
    try:
        upsert(hasura, wire, answer)
    except (UnavailableError, UpsertRefusedError) as error:
        message = f"{error} {error.__cause__}"
    finally:
        hasura._idle.clear()
    for each in (ADMIN_SECRET, "ada@example.org", "Ada Lovelace"):
        assert each not in message
