"""What is wrong with a request is said in Hasura's form: code, message and path."""

import contextlib
import json

import pytest

from local.hasura import requests, schema, validation
from local.hasura.errors import HasuraError
from tests.unit.local.hasura.test_schema import TABLES, TEXT
from user_sync.users import UPSERT

ADMIN = schema.for_admin(TEXT)
USER = schema.for_role(TEXT, TABLES, "user")
EXPECTED_ENUM = "expected an enum value for type 'order_by'"
KEY = "11111111-1111-4111-8111-111111111111"


def checked(body: object, seen=ADMIN) -> tuple[str, str, str]:
    with pytest.raises(HasuraError) as caught:
        validation.check(requests.read(body if isinstance(body, bytes) else json.dumps(body).encode()), seen)
    return caught.value.code, caught.value.path, caught.value.message


def query(text: str, seen=ADMIN, **variables: object) -> tuple[str, str, str]:
    code, path, message = checked({"query": text, "variables": variables}, seen)
    assert code == "validation-failed"
    return path, message


def sync(**user: object) -> tuple[str, str]:
    content = {"id": KEY, "synced_at": "2026-01-01T00:00:00Z"} | user
    return query(UPSERT, user=content, on_conflict={"constraint": "users_pkey"})


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'{"query": NaN}', b"\xff", b"[" * 100_000, b"\x00", b'{"a" 1}'])
def test_body_that_is_no_json(body):
    assert checked(body)[0] == "invalid-json"


@pytest.mark.parametrize("body", [{}, 1, None, "query", {"query": 1}, {"query": "{a}", "variables": []}])
@pytest.mark.parametrize("name", [None])
def test_json_that_is_no_request(body, name):
    assert checked(body)[0] == "parse-failed"


def test_operation_name_must_be_text():
    assert checked({"query": "{a}", "operationName": 1})[:2] == ("parse-failed", "$.operationName")


def test_batch_is_not_taken():
    assert checked([{"query": "{users{id}}"}])[0] == "not-supported"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{users{id}",
        "users",
        "type users {id: ID}",
        "{" * 500 + "a" + "}" * 500,
        "{a " * 3000,
        "{users{id}} \x00",
    ],
)
def test_text_that_is_no_query(text):
    assert checked({"query": text}) == ("validation-failed", "$.query", "not a valid graphql query")


def test_deep_query_of_few_tokens_is_refused_and_not_a_crash():
    deep = "{users(where:" + "{_not:" * 400 + "{}" + "}" * 400 + "){id}}"
    with contextlib.suppress(HasuraError):
        validation.check(requests.read(json.dumps({"query": deep}).encode()), ADMIN)


def test_deep_variables_are_refused_and_not_a_crash():
    deep: dict = {}
    for _ in range(5000):
        deep = {"_not": deep}
    text = json.dumps({"query": "query($w: users_bool_exp) {users(where: $w) {id}}", "variables": {"w": 0}})
    nested = '{"_not":' * 5000 + "{}" + "}" * 5000
    assert checked(text.replace('"w": 0', f'"w": {nested}').encode())[0] in {"invalid-json", "validation-failed"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (None, "query A{users{id}} query B{users{id}}", "exactly one operation has to be present in the document"),
        ("C", "query A{users{id}} query B{users{id}}", 'no such operation found in the document: "C"'),
        (None, "fragment F on users {id}", "exactly one operation has to be present in the document"),
    ],
)
def test_operation_must_be_clear(name, text, message):
    assert checked({"query": text, "operationName": name})[2].startswith(message)


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{foo}", "$.selectionSet.foo", "field 'foo' not found in type: 'query_root'"),
        ("{users{id foo}}", "$.selectionSet.users.selectionSet.foo", "field 'foo' not found in type: 'users'"),
        ("{u: users{foo}}", "$.selectionSet.u.selectionSet.foo", "field 'foo' not found in type: 'users'"),
        ("{users(x: 1){id}}", "$.selectionSet.users", "'users' has no argument named 'x'"),
        ("{users_by_pk{id}}", "$.selectionSet.users_by_pk.args.id", "missing required field 'id'"),
        ("{users}", "$.selectionSet.users", "missing selection set for 'users'"),
        (
            "{users(where: {foo: {_eq: 1}}){id}}",
            "$.selectionSet.users.args.where.foo",
            "field 'foo' not found in type: 'users_bool_exp'",
        ),
        (
            "{users(order_by: [{email: up}]){id}}",
            "$.selectionSet.users.args.order_by[0].email",
            (
                "expected one of the values ['asc', 'asc_nulls_first', 'asc_nulls_last', 'desc', 'desc_nulls_first', "
                "'desc_nulls_last'] for type 'order_by', but found 'up'"
            ),
        ),
        ('{users(order_by: [{email: "asc"}]){id}}', "$.selectionSet.users.args.order_by[0].email", EXPECTED_ENUM),
        ('{users(limit: "1"){id}}', "$.selectionSet.users.args.limit", "expected a 32-bit integer for type 'Int'"),
        ("{users(limit: $n){id}}", "$.selectionSet.users.args.limit", 'unbound variable "n"'),
        (
            "mutation {insert_users_one(object: {email: 5}){id}}",
            "$.selectionSet.insert_users_one.args.object.email",
            "expected a string for type 'String'",
        ),
        (
            "mutation {insert_users_one(object: 5){id}}",
            "$.selectionSet.insert_users_one.args.object",
            "expected an object for type 'users_insert_input'",
        ),
        (
            "mutation {insert_users_one(object: null){id}}",
            "$.selectionSet.insert_users_one.args.object",
            "unexpected null value for type 'users_insert_input'",
        ),
        (
            "mutation {insert_users_one(object: {}, on_conflict: {}){id}}",
            "$.selectionSet.insert_users_one.args.on_conflict.constraint",
            "missing required field 'constraint'",
        ),
        ("subscription {users{id}}", "$", "no subscriptions exist"),
    ],
)
def test_what_the_schema_does_not_have(text, path, message):
    assert query(text) == (path, message)


def test_errors_suggest_nothing_that_a_role_does_not_see():
    assert query("{users{synced_a}}", USER) == (
        "$.selectionSet.users.selectionSet.synced_a",
        "field 'synced_a' not found in type: 'users'",
    )
    assert query("{users(where: {synced_a: {}}){id}}", USER) == (
        "$.selectionSet.users.args.where.synced_a",
        "field 'synced_a' not found in type: 'users_bool_exp'",
    )


def test_user_has_no_mutations():
    assert query(UPSERT, USER) == ("$", "no mutations exist")


def test_variables_must_be_those_of_the_operation():
    assert query("{users{id}}", b=1, a=1) == ("$", "unexpected variables in variableValues: a, b")
    assert query("query($id: uuid!) {users_by_pk(id: $id){id}}") == (
        "$",
        'expecting a value for non-nullable variable: "id"',
    )
    assert query("query($id: uuid!) {users_by_pk(id: $id){id}}", id=None) == (
        "$.selectionSet.users_by_pk.args.id",
        "unexpected null value for type 'uuid'",
    )


@pytest.mark.parametrize(
    ("user", "where", "message"),
    [
        ({"foo": 1}, ".foo", "field 'foo' not found in type: 'users_insert_input'"),
        ({"email": 5}, ".email", "expected a string for type 'String', but found a number"),
        ({"email": {}}, ".email", "expected a string for type 'String', but found an object"),
        ({"email_verified": "yes"}, ".email_verified", "expected a boolean for type 'Boolean', but found a string"),
    ],
)
def test_values_of_variables_are_told_where_they_are_used_and_not_repeated(user, where, message):
    assert sync(**user) == ("$.selectionSet.insert_users_one.args.object" + where, message)


@pytest.mark.parametrize(
    ("conflict", "where", "message"),
    [
        ({}, ".constraint", "missing required field 'constraint'"),
        (
            {"constraint": "users_id_key"},
            ".constraint",
            (
                "expected one of the values ['users_email_key', 'users_pkey'] for type 'users_constraint', "
                "but found 'users_id_key'"
            ),
        ),
        ({"constraint": "users_pkey", "update_columns": [None]}, ".update_columns[0]", None),
        ([], "", "expected an object for type 'users_on_conflict', but found a list"),
    ],
)
def test_conflict_clause_is_checked(conflict, where, message):
    user = {"id": KEY, "synced_at": "2026-01-01T00:00:00Z"}
    path, said = query(UPSERT, user=user, on_conflict=conflict)
    assert path == "$.selectionSet.insert_users_one.args.on_conflict" + where
    assert message is None or said == message


@pytest.mark.parametrize("limit", ["1", 1.5, True, 2**31])
def test_numbers_are_numbers(limit):
    path, message = query("query($n: Int) {users(limit: $n){id}}", n=limit)
    assert path == "$.selectionSet.users.args.limit"
    assert message.startswith("expected a 32-bit integer for type 'Int'")
