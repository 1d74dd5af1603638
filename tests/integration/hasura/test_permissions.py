"""Users see only their own row, through every query that the schema offers."""

import psycopg
import pytest

from tests.integration.hasura.conftest import INSERT, SECRET
from tests.pool_tokens import new_key, payload

OWN, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SHOWN = "id email email_verified display_name avatar_url locale last_sign_in_at created_at updated_at"


@pytest.fixture(autouse=True)
def rows(hasura, database: psycopg.Connection) -> None:
    for user_id, name in ((OWN, "own"), (OTHER, "other")):
        user = {
            "id": user_id,
            "email": f"{name}@example.com",
            "display_name": name,
            "synced_at": "2026-01-01T00:00:00Z",
        }
        hasura.sync(user)


def test_user_sees_the_visible_columns_of_their_row(hasura):
    (row,) = hasura.data(f"{{users {{{SHOWN}}}}}", **hasura.as_user(OWN))["users"]
    assert row.keys() == set(SHOWN.split())
    assert (row["id"], row["email"], row["email_verified"]) == (OWN, "own@example.com", False)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '(where: {email: {_eq: "other@example.com"}})',
        '(where: {_or: [{}, {email: {_gt: ""}}]})',
        "(where: {_not: {id: {_is_null: true}}})",
        '(where: {_not: {id: {_eq: "11111111-1111-4111-8111-111111111111"}}})',
        "(where: {_or: []})",
        "(limit: 100)",
        "(order_by: {email: desc}, limit: 2)",
    ],
)
def test_no_argument_shows_another_row(hasura, arguments):
    for row in hasura.data(f"{{users{arguments} {{id}}}}", **hasura.as_user(OWN))["users"]:
        assert row == {"id": OWN}


def test_user_cannot_select_another_row_by_key(hasura):
    query = "query($id: uuid!) {users(where: {id: {_eq: $id}}) {id}}"
    assert hasura.data(query, {"id": OWN}, **hasura.as_user(OWN)) == {"users": [{"id": OWN}]}
    assert hasura.data(query, {"id": OTHER}, **hasura.as_user(OWN)) == {"users": []}


def test_user_without_a_row_sees_no_row(hasura):
    assert hasura.data("{users {id}}", **hasura.as_user("33333333-3333-4333-8333-333333333333")) == {"users": []}


@pytest.mark.parametrize(
    "query",
    [
        "{users {synced_at}}",
        '{users(where: {synced_at: {_gt: "2000-01-01"}}) {id}}',
        "{users(order_by: {synced_at: asc}) {id}}",
        "mutation {insert_users_one(object: {}) {id}}",
    ],
)
def test_hidden_column_or_mutation_is_refused(hasura, query):
    assert hasura.error(query, **hasura.as_user(OWN))[0] == "validation-failed"


def test_introspection_hides_columns_and_mutations_from_a_user(hasura):
    query = "{__schema {types {name fields {name} inputFields {name} enumValues {name}}}}"
    schema = str(hasura.data(query, **hasura.as_user(OWN)))
    assert "display_name" in schema
    assert "synced_at" not in schema
    assert "insert" not in schema


def test_admin_sees_all_rows_in_the_requested_order(hasura):
    assert hasura.data("{users(order_by: {email: asc}) {id synced_at}}")["users"] == [
        {"id": OTHER, "synced_at": "2026-01-01T00:00:00+00:00"},
        {"id": OWN, "synced_at": "2026-01-01T00:00:00+00:00"},
    ]
    assert hasura.data("{users(order_by: {email: desc_nulls_last}, limit: 1) {id}}")["users"] == [{"id": OWN}]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('{email: {_eq: "own@example.com"}}', [OWN]),
        ('{email: {_neq: "own@example.com"}}', [OTHER]),
        ('{email: {_gte: "own@example.com"}, email_verified: {_eq: false}}', [OWN]),
        (f'{{id: {{_in: ["{OWN}", "{OTHER}"]}}, _not: {{id: {{_eq: "{OWN}"}}}}}}', [OTHER]),
        (f'{{_or: [{{id: {{_nin: ["{OWN}"]}}}}, {{locale: {{_is_null: false}}}}]}}', [OTHER]),
        ('{synced_at: {_lt: "2026-01-01T00:00:00+01:00"}}', []),
    ],
)
def test_where_condition_selects_matching_rows(hasura, condition, found):
    assert [each["id"] for each in hasura.data(f"{{users(where: {condition}) {{id}}}}")["users"]] == found


def test_admin_may_act_as_a_user(hasura):
    headers = {"x_hasura_admin_secret": SECRET, "x_hasura_role": "user", "x_hasura_user_id": OTHER}
    assert hasura.data("{users {id}}", **headers) == {"users": [{"id": OTHER}]}


def test_token_with_the_allowed_role_admin_sees_all_rows(hasura):
    headers = hasura.as_user(OWN, allowed_roles=["user", "admin"])
    assert len(hasura.data("{users {id}}", **headers)["users"]) == 1
    assert len(hasura.data("{users {synced_at}}", **headers, x_hasura_role="admin")["users"]) == 2


def test_role_without_permissions_is_refused(hasura):
    headers = hasura.as_user(OWN, allowed_roles=["guest"], default_role="guest")
    assert hasura.error("{users {id}}", **headers)[0] == "validation-failed"


def test_token_without_a_user_id_is_refused(hasura):
    found = hasura.error("{users {id}}", **hasura.as_user(None))
    assert found == ("not-found", 'missing session variable: "x-hasura-user-id"')


def test_user_id_that_is_not_a_uuid_is_a_data_exception(hasura):
    found = hasura.error("{users {id}}", **hasura.as_user("' OR true --"))
    assert found == ("data-exception", 'invalid input syntax for type uuid: "\' OR true --"')


def test_request_without_valid_credentials_is_refused(hasura):
    message = "Missing Authorization header in JWT authentication mode"
    assert hasura.error("{users {id}}", accept="*/*") == ("invalid-headers", message)
    assert hasura.error("{__typename}", authorization="Bearer x.y.z")[0] == "invalid-jwt"
    wrong = hasura.error(INSERT, x_hasura_admin_secret="wrong")
    assert wrong == ("access-denied", "invalid x-hasura-admin-secret")


def test_token_of_another_pool_is_refused(hasura):
    hasura.pool.keys["other"] = new_key()
    token = hasura.pool.token(payload(), key_id="other")
    del hasura.pool.keys["other"]
    assert hasura.error("{users {id}}", authorization=f"Bearer {token}")[0] == "invalid-jwt"
