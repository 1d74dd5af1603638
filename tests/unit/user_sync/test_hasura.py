"""What is said to Hasura, and what becomes of whatever it answers. On real connections: tests/integration/user_sync."""

import http.client
import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.user_sync.fakes import ADMIN_SECRET, COLUMNS, FakeCredentials, FakeSocket, ada, http_answer, refusal
from user_sync.hasura import LONGEST_ANSWER_BYTES, LONGEST_SILENCE_SECONDS, Hasura
from user_sync.ports import RefusedError, UnavailableError
from user_sync.users import UPSERT, variables

WRITTEN = {"data": {"insert_users_one": {"id": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}}
DENIED = refusal("access-denied", 'invalid "x-hasura-admin-secret"/"x-hasura-access-key"')
CONTENT = variables(ada(), COLUMNS)


class Wire:
    """Every connection gets the next answer; the last serves for all that follow."""

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
def hasura(wire, credentials) -> Hasura:
    wire.sockets.clear()
    return Hasura(credentials)


def upsert(hasura: Hasura, wire: Wire, *answers: bytes, seconds: float = 30) -> bool:
    wire.answers[:] = answers
    return hasura.upsert(CONTENT, time.monotonic() + seconds)


def test_one_post_carries_the_mutation_the_variables_and_the_secret(hasura, wire):
    assert upsert(hasura, wire, http_answer(WRITTEN))
    (socket,) = wire.sockets
    head, _, body = bytes(socket.sent).partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /v1/graphql HTTP/1.1"
    assert f"x-hasura-admin-secret: {ADMIN_SECRET}".encode() in head.splitlines()
    assert b"Content-Type: application/json" in head.splitlines()
    assert json.loads(body) == {"query": UPSERT, "variables": CONTENT}


def test_null_means_that_a_newer_row_stands(hasura, wire):
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
def test_what_no_repetition_cures_is_refused_with_a_reason_without_a_word_of_the_user(
    hasura, wire, code, message, reason
):
    with pytest.raises(RefusedError) as refused:
        upsert(hasura, wire, http_answer(refusal(code, message)))
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("code", "told"),
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
def test_any_other_error_may_pass(hasura, wire, code, told):
    with pytest.raises(UnavailableError, match=f"^Hasura refused: {told}$"):
        upsert(hasura, wire, http_answer(refusal(code)))


@pytest.mark.parametrize("errors", [["text"], "text", {"a": 1}, [None], [{}], [{"extensions": []}], 7])
def test_errors_of_another_form_may_pass(hasura, wire, errors):
    with pytest.raises(UnavailableError, match="unexpected"):
        upsert(hasura, wire, http_answer({"errors": errors}))


def test_of_several_errors_the_first_counts_even_beside_data(hasura, wire):
    both = {**WRITTEN, "errors": refusal("data-exception")["errors"] + refusal("unexpected")["errors"]}
    with pytest.raises(RefusedError, match="data-exception"):
        upsert(hasura, wire, http_answer(both))


@pytest.mark.parametrize(
    "content", [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"other": 1}}, {"errors": []}]
)
def test_an_answer_without_data_and_errors_may_pass(hasura, wire, content):
    with pytest.raises(UnavailableError, match="neither data nor errors"):
        upsert(hasura, wire, http_answer(content))


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 404, 429, 500, 502, 503, 504])
def test_another_status_is_an_outage_and_nothing_is_followed(hasura, wire, status):
    with pytest.raises(UnavailableError, match=f"status {status}"):
        upsert(hasura, wire, http_answer(WRITTEN, status, "Location: https://elsewhere.example/"))
    assert len(wire.sockets) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 60_000])
def test_what_is_no_object_of_json_is_an_outage(hasura, wire, content):
    with pytest.raises(UnavailableError, match="status 200"):
        upsert(hasura, wire, http_answer(content))


def test_an_answer_is_read_to_a_limit_and_what_has_more_to_say_is_hung_up_on(hasura, wire):
    content = json.dumps(WRITTEN).encode()
    for size in (LONGEST_ANSWER_BYTES * 10, LONGEST_ANSWER_BYTES + 1):
        with pytest.raises(UnavailableError, match="too long"):
            upsert(hasura, wire, http_answer(content.ljust(size)))
    assert wire.sockets[0].closed
    hasura._idle.clear()
    assert upsert(hasura, wire, http_answer(content.ljust(LONGEST_ANSWER_BYTES)))


def test_a_secret_that_is_wrong_is_read_again_and_the_mutation_repeated_with_the_new_one(hasura, wire, credentials):
    credentials.secrets = ["old", "new"]
    assert upsert(hasura, wire, http_answer(DENIED, 200, "Connection: close"), http_answer(WRITTEN))
    assert [
        f"x-hasura-admin-secret: {secret}\r\n".encode() in s.sent
        for s, secret in zip(wire.sockets, ["old", "new"], strict=True)
    ]
    assert (len(wire.sockets), credentials.renewals) == (2, 1)


@pytest.mark.parametrize("status", [200, 401])
def test_a_secret_that_is_still_wrong_is_tried_once_and_may_pass(hasura, wire, credentials, status):
    with pytest.raises(UnavailableError, match="access-denied"):
        upsert(hasura, wire, http_answer(DENIED, status))
    assert (len(wire.sockets), credentials.renewals) == (1, 1)


def test_a_renewed_secret_that_is_wrong_as_well_is_tried_once(hasura, wire, credentials):
    credentials.secrets = ["old", "new", "newer"]
    with pytest.raises(UnavailableError, match="access-denied"):
        upsert(hasura, wire, http_answer(DENIED))
    assert (len(wire.sockets), credentials.renewals) == (2, 1)


def test_a_secret_that_cannot_be_read_again_is_an_outage(hasura, wire, credentials):
    credentials.down = True
    with pytest.raises(UnavailableError, match="InternalServiceError"):
        upsert(hasura, wire, http_answer(DENIED))


def test_after_the_deadline_nothing_is_sent(hasura, wire):
    with pytest.raises(UnavailableError, match="in time"):
        upsert(hasura, wire, http_answer(WRITTEN), seconds=0)
    assert wire.sockets == []


def test_a_connection_is_used_again_and_not_once_it_was_silent_for_long(hasura, wire, monkeypatch):
    two = http_answer(WRITTEN) * 2
    assert upsert(hasura, wire, two)
    wire.sockets[0].makefile = lambda mode: FakeSocket(http_answer(WRITTEN)).makefile(mode)  # the second answer
    assert upsert(hasura, wire, two)
    assert len(wire.sockets) == 1
    now = time.monotonic()
    monkeypatch.setattr("user_sync.hasura.time.monotonic", lambda: now + LONGEST_SILENCE_SECONDS + 1)
    assert hasura.upsert(CONTENT, now + 1000)
    assert len(wire.sockets) == 2
    assert wire.sockets[0].closed


def test_a_connection_to_another_place_is_not_used(hasura, wire, credentials):
    assert upsert(hasura, wire, http_answer(WRITTEN))
    credentials.secrets = ["another"]
    assert upsert(hasura, wire, http_answer(WRITTEN))
    assert (len(wire.sockets), wire.sockets[0].closed) == (2, True)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "no.such.host.invalid"])
def test_a_host_that_cannot_be_one_is_an_outage(host, monkeypatch):
    credentials = FakeCredentials()
    known = type(credentials.current())(tls=False, host=host, port=80, path="/", admin_secret="x")
    monkeypatch.setattr(FakeCredentials, "current", lambda self: known)
    with pytest.MonkeyPatch.context() as real:
        real.setattr(http.client.HTTPConnection, "connect", CONNECT)
        with pytest.raises(UnavailableError, match="Hasura cannot be reached"):
            Hasura(credentials).upsert(CONTENT, time.monotonic() + 30)


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
def test_any_bytes_are_an_answer_an_outage_or_a_refusal_that_tells_no_secret_and_nothing_of_the_user(
    hasura, wire, answer
):
    told = ""
    try:
        upsert(hasura, wire, answer)
    except (UnavailableError, RefusedError) as error:
        told = f"{error} {error.__cause__}"
    finally:
        hasura._idle.clear()
    for each in (ADMIN_SECRET, "ada@example.org", "Ada Lovelace"):
        assert each not in told
