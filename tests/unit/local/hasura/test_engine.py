"""Requests that are refused before they reach the database: code and message in Hasura's form."""

import json

import pytest

from local.hasura.engine import Engine
from local.hasura.settings import Settings
from local.paths import ROOT
from user_sync.users import UPSERT

SECRET = "the admin secret"
KEY = "11111111-1111-4111-8111-111111111111"
USER = {"id": KEY, "synced_at": "2026-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """An engine without a database."""
    engine = Engine(Settings("postgresql://127.0.0.1:1/none", SECRET, None), ROOT / "hasura")
    engine._pool = NoDatabase()
    return engine


def refusal(engine: Engine, body: object, role: str = "admin") -> tuple[str, str]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = engine.answer(content, {"x-hasura-admin-secret": SECRET, "x-hasura-role": role})
    ((error,),) = answer.values()
    assert error["extensions"].keys() == {"path", "code"}
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff", b"[" * 100_000, b"\x00"),
        *({}, 1, None, "query", [{"query": "{users{id}}"}], {"query": 1}),
        *({"query": "{a}", "variables": []}, {"query": "{a}", "operationName": 1}),
    ],
)
def test_body_that_is_not_a_request_is_refused(engine, body):
    assert refusal(engine, body)[0] == "parse-failed"


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "{users{id}", "users", "type users {id: ID}", "{users{id}} \x00"),
        *("{foo}", "{users{foo}}", "{users(x: 1){id}}", "{users}", "{users(where: {foo: {_eq: 1}}){id}}"),
        *("{users(order_by: [{email: up}]){id}}", '{users(limit: "1"){id}}', "{users(limit: $n){id}}"),
        *("mutation {insert_users_one(object: {email: 5}){id}}", "mutation {insert_users_one(object: null){id}}"),
        *("mutation {insert_users_one(object: {}, on_conflict: {}){id}}", "subscription {users{id}}"),
        *("query A{users{id}} query B{users{id}}", "fragment F on users {id}"),
    ],
)
def test_query_that_the_schema_does_not_allow_is_refused(engine, text):
    assert refusal(engine, {"query": text})[0] == "validation-failed"


def test_deeply_nested_query_is_refused(engine):
    assert refusal(engine, {"query": "{" * 5000 + "a" + "}" * 5000})[0] in {"validation-failed", "unexpected"}


@pytest.mark.parametrize("depth", [400, 5000])
def test_deeply_nested_variables_are_refused(engine, depth):
    nested = '{"_not":' * depth + '{"foo":1}' + "}" * depth
    query = "query($w: users_bool_exp) {users(where: $w) {id}}"
    body = f'{{"query": "{query}", "variables": {{"w": {nested}}}}}'.encode()
    assert refusal(engine, body)[0] in {"parse-failed", "validation-failed", "unexpected"}


@pytest.mark.parametrize(
    ("user", "conflict"),
    [
        (USER | {"email": 5}, {"constraint": "users_pkey"}),
        (USER | {"email_verified": "yes"}, {"constraint": "users_pkey"}),
        (USER, {}),
        (USER, {"constraint": "users_id_key"}),
        (USER, {"constraint": "users_pkey", "update_columns": [None]}),
    ],
)
def test_variables_that_the_schema_does_not_allow_are_refused(engine, user, conflict):
    body = {"query": UPSERT, "variables": {"user": user, "on_conflict": conflict}}
    assert refusal(engine, body)[0] == "validation-failed"


def test_unknown_column_is_named_in_the_words_that_user_sync_reports(engine):
    variables = {"user": USER | {"colour": "blue"}, "on_conflict": {"constraint": "users_pkey"}}
    code, message = refusal(engine, {"query": UPSERT, "variables": variables})
    assert (code, message) == ("validation-failed", "field 'colour' not found in type: 'users_insert_input'")


@pytest.mark.parametrize("query", ["{users{synced_at}}", "{users(where: {synced_at: {}}){id}}", UPSERT])
def test_role_user_cannot_use_hidden_columns_and_mutations(engine, query):
    assert refusal(engine, {"query": query}, role="user")[0] == "validation-failed"


def test_error_suggests_no_hidden_column(engine):
    code, message = refusal(engine, {"query": "{users{synced_a}}"}, role="user")
    assert code == "validation-failed"
    assert "synced_at" not in message


def test_role_without_permissions_is_refused(engine):
    assert refusal(engine, {"query": "{users{id}}"}, role="guest") == (
        "validation-failed",
        "the role has no permissions",
    )


class NoDatabase:
    """A pool whose connection must not be used."""

    def connection(self) -> "NoDatabase":
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass
