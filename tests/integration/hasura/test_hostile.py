"""Hostile requests: none becomes SQL, stops the server, or appears in the log."""

import json
import socket

import pytest

from local.hasura.server import MAX_BODY_BYTES
from local.hasura.statements import Statement
from tests.integration.hasura.conftest import INSERT, SECRET

USER_ID = "11111111-1111-4111-8111-111111111111"
SQL = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    '"; SELECT 1; --',
    "%s",
    "%(name)s",
    "{}",
    "$1",
    "\\'; DROP TABLE users; --",
    "x-hasura-user-id",
    "X-Hasura-User-Id",
    "\u2019; DROP TABLE users",
    "/*",
]
TEXTS = ("email", "display_name", "avatar_url", "locale")
OPERATORS = ("_eq", "_neq", "_gt", "_in", "_nin")


@pytest.mark.parametrize("text", SQL)
def test_sql_in_a_value_is_stored_as_text(hasura, database, text):
    user = {"id": USER_ID, "synced_at": "2026-01-01T00:00:00Z"} | dict.fromkeys(TEXTS, text)
    assert "errors" not in hasura.sync(user)
    assert "errors" not in hasura.sync(user | {"synced_at": "2026-01-02T00:00:00Z"})
    (row,) = hasura.data(f"{{users {{{' '.join(TEXTS)}}}}}")["users"]
    assert row == dict.fromkeys(TEXTS, text)


@pytest.mark.parametrize("text", SQL)
@pytest.mark.parametrize("operator", OPERATORS)
def test_sql_in_a_condition_is_compared_as_text(hasura, database, operator, text):
    hasura.sync({"id": USER_ID, "email": "ada@example.org", "synced_at": "2026-01-01T00:00:00Z"})
    where = {"email": {operator: [text] if operator == "_in" else text}}
    hasura.data("query($w: users_bool_exp) {users(where: $w) {id}}", {"w": where})
    assert database.execute("SELECT count(*) FROM users").fetchone() == {"count": 1}


@pytest.mark.parametrize("text", SQL)
def test_sql_in_a_name_is_refused(hasura, database, text):
    literal = json.dumps(text)
    for query in (
        f"{{users(where: {{{literal}: 1}}) {{id}}}}",
        f"{{users(order_by: {{email: {literal}}}) {{id}}}}",
        f"{{{literal}}}",
    ):
        assert hasura.error(query)[0] == "validation-failed"
    conflict = {"constraint": text, "update_columns": [text]}
    user = {"id": USER_ID, "synced_at": "2026-01-01T00:00:00Z"}
    assert hasura.error(INSERT, {"user": user, "on_conflict": conflict})[0] == "validation-failed"
    assert (
        hasura.error(INSERT, {"user": user | {text: 1}, "on_conflict": {"constraint": "users_pkey"}})[0]
        == "validation-failed"
    )
    for wrong in ("id", "synced_at"):
        assert "errors" in hasura.sync(user | {wrong: text}, columns=[])
    assert database.execute("SELECT count(*) FROM users").fetchone() == {"count": 0}


def test_null_condition_is_refused(hasura):
    hasura.sync({"id": USER_ID, "synced_at": "2026-01-01T00:00:00Z"})
    query = "query($w: users_bool_exp) {users(where: $w) {id}}"
    for where in ({"id": None}, {"id": {"_eq": None}}, {"id": {"_in": None}}, {"_not": None}, {"_and": None}):
        assert hasura.error(query, {"w": where})[1].startswith("unexpected null value")
    assert hasura.data(query, {"w": {"id": {"_in": []}}}) == {"users": []}
    assert hasura.data(query, {"w": {"_or": []}}) == {"users": []}


def test_internal_error_is_answered_and_logged_by_type_only(hasura, log, monkeypatch):
    def fail(*_, **__) -> None:
        raise KeyError("person@example.com")

    monkeypatch.setattr(Statement, "select", fail)
    assert hasura.error("{users {id}}") == ("unexpected", "internal error")
    assert "KeyError in a request" in log.text
    assert "person" not in log.text


def test_deeply_nested_condition_is_answered(hasura):
    for depth in (50, 400):
        where: dict = {"email": {"_eq": "x"}}
        for _ in range(depth):
            where = {"_not": where}
        answer = hasura.ask("query($w: users_bool_exp) {users(where: $w) {id}}", {"w": where})
        assert answer.keys() in ({"data"}, {"errors"})
    assert hasura.data("{users {id}}") == {"users": []}


def test_body_over_the_limit_is_refused(hasura):
    body = json.dumps({"query": "{users {id}}"}).encode()
    largest = body + b" " * (MAX_BODY_BYTES - len(body))
    assert hasura.post(largest, {"x-hasura-admin-secret": SECRET}) == {"data": {"users": []}}
    answer = hasura.http.request("POST", hasura.url, body=largest + b" ", retries=False)
    assert answer.status == 413
    assert answer.json()["code"] == "bad-request"


def raw(hasura, request: bytes) -> bytes:
    host, port = hasura.url.removeprefix("http://").partition("/")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /v1/graphql HTTP/1.1\r\nHost: x\r\n\r\n", b"413"),
        (b"POST /v1/graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"413"),
        (b"POST /v1/graphql HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n", b"413"),
        (b"POST /v1/graphql HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /v1/graphql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"413"),
        (b"POST /v1/other HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"404"),
        (b"GET /v1/graphql HTTP/1.1\r\n\r\n", b"404"),
        (b"PUT /v1/graphql HTTP/1.1\r\n\r\n", b"501"),
        (b"\x16\x03\x01 garbage\r\n\r\n", b"400"),
    ],
)
def test_malformed_request_is_refused_and_the_next_one_served(hasura, request_, status):
    assert status in raw(hasura, request_)
    assert hasura.data("{users {id}}") == {"users": []}


def test_disconnecting_client_does_not_affect_others(hasura):
    raw(hasura, b"POST /v1/graphql HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{")
    assert hasura.data("{users {id}}") == {"users": []}


def test_connection_stays_open_after_an_error(hasura):
    for _ in range(3):
        hasura.ask("{nonsense}")
        hasura.ask("{users {id}}")
    host = hasura.http.connection_from_url(hasura.url)
    assert host.num_connections == 1
    assert host.num_requests == 6


def test_log_holds_no_secret_token_or_personal_data(hasura, log):
    person = {
        "id": USER_ID,
        "email": "person@example.com",
        "display_name": "A Person",
        "synced_at": "2026-01-01T00:00:00Z",
    }
    headers = hasura.as_user(USER_ID)
    hasura.sync(person)
    hasura.error("mutation($p: users_insert_input!) {insert_users_one(object: $p) {id}}", {"p": person})
    hasura.sync(person | {"id": "person@example.com"})
    hasura.ask("{users {email}}", **headers)
    hasura.ask("{person}", x_hasura_admin_secret="wrong person")
    hasura.ask("{users {id}}", x_hasura_admin_secret=SECRET, x_hasura_role="person")
    assert "admin: ok" in log.text
    assert "admin: constraint-violation" in log.text
    assert "user: ok" in log.text
    own = "\n".join(each.getMessage() for each in log.records if not each.name.startswith("urllib3"))
    for secret in ("erson", USER_ID, SECRET, headers["authorization"].split()[1]):
        assert secret not in own
