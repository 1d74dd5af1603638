"""Users see their own row alone: with tokens of the pool, through every way that the schema offers."""

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


def test_user_sees_the_own_row_with_its_columns(hasura):
    (row,) = hasura.data(f"{{users {{{SHOWN}}}}}", **hasura.as_user(OWN))["users"]
    assert row.keys() == set(SHOWN.split())
    assert (row["id"], row["email"], row["email_verified"]) == (OWN, "own@example.com", False)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '(where: {email: {_eq: "other@example.com"}})',
        '(where: {_or: [{}, {email: {_like: "%"}}]})',
        "(where: {_not: {id: {_is_null: true}}})",
        '(where: {_not: {id: {_eq: "11111111-1111-4111-8111-111111111111"}}})',
        "(where: {_or: []})",
        "(limit: 100)",
        "(limit: 100, offset: 1)",
        "(order_by: {email: desc}, limit: 2)",
        "(distinct_on: email, order_by: {email: asc})",
    ],
)
def test_no_argument_shows_another_row(hasura, arguments):
    for row in hasura.data(f"{{users{arguments} {{id}}}}", **hasura.as_user(OWN))["users"]:
        assert row == {"id": OWN}


def test_row_of_another_user_is_not_there_by_its_key_either(hasura):
    data = hasura.data(
        f'{{own: users_by_pk(id: "{OWN}") {{id}} other: users_by_pk(id: "{OTHER}") {{id}}}}', **hasura.as_user(OWN)
    )
    assert data == {"own": {"id": OWN}, "other": None}


def test_user_without_a_row_sees_none(hasura):
    assert hasura.data("{users {id}}", **hasura.as_user("33333333-3333-4333-8333-333333333333")) == {"users": []}


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        (
            "{users {synced_at}}",
            "$.selectionSet.users.selectionSet.synced_at",
            "field 'synced_at' not found in type: 'users'",
        ),
        (
            '{users(where: {synced_at: {_gt: "2000-01-01"}}) {id}}',
            "$.selectionSet.users.args.where.synced_at",
            "field 'synced_at' not found in type: 'users_bool_exp'",
        ),
        (
            "{users_aggregate {aggregate {count}}}",
            "$.selectionSet.users_aggregate",
            "field 'users_aggregate' not found in type: 'query_root'",
        ),
        ("mutation {insert_users_one(object: {}) {id}}", "$", "no mutations exist"),
        ("mutation {delete_users(where: {}) {affected_rows}}", "$", "no mutations exist"),
    ],
)
def test_what_a_user_may_not_is_not_in_the_schema(hasura, query, path, message):
    assert hasura.error(query, **hasura.as_user(OWN)) == ("validation-failed", path, message)


def test_introspection_hides_what_a_user_may_not(hasura):
    data = hasura.data(
        "{__schema {types {name fields {name} inputFields {name} enumValues {name}}}}", **hasura.as_user(OWN)
    )
    assert "synced_at" not in str(data)
    assert "insert" not in str(data)


def test_admin_sees_all_rows_and_counts_them(hasura):
    query = """
    {
      users(order_by: {email: asc}) { id synced_at }
      users_aggregate(where: {email: {_ilike: "O%"}}) {
        aggregate { count named: count(columns: [locale]) distinct: count(columns: [locale], distinct: true)
                    max { email synced_at } min { email } }
        nodes { email }
      }
    }
    """
    data = hasura.data(query)
    assert [each["id"] for each in data["users"]] == [OTHER, OWN]
    assert data["users_aggregate"]["aggregate"] == {
        "count": 2,
        "named": 0,
        "distinct": 0,
        "max": {"email": "own@example.com", "synced_at": "2026-01-01T00:00:00+00:00"},
        "min": {"email": "other@example.com"},
    }
    assert len(data["users_aggregate"]["nodes"]) == 2


def test_admin_may_act_as_a_user(hasura):
    headers = {"x_hasura_admin_secret": SECRET, "x_hasura_role": "user", "x_hasura_user_id": OTHER}
    assert hasura.data("{users {id}}", **headers) == {"users": [{"id": OTHER}]}


def test_token_of_an_admin_role_is_an_admin(hasura):
    headers = hasura.as_user(OWN, allowed_roles=["user", "admin"])
    assert len(hasura.data("{users {id}}", **headers)["users"]) == 1
    assert len(hasura.data("{users {synced_at}}", **headers, x_hasura_role="admin")["users"]) == 2


def test_role_that_nothing_is_permitted_sees_nothing(hasura):
    headers = hasura.as_user(OWN, allowed_roles=["guest"], default_role="guest")
    found = hasura.error("{users {id}}", **headers)
    assert found == ("validation-failed", "$.selectionSet.users", "field 'users' not found in type: 'query_root'")


def test_token_without_a_user_id_is_told(hasura):
    found = hasura.error("{users {id}}", **hasura.as_user(None))
    assert found == ("not-found", "$", 'missing session variable: "x-hasura-user-id"')


def test_user_id_that_is_no_uuid_is_a_data_exception(hasura):
    found = hasura.error("{users {id}}", **hasura.as_user("' OR true --"))
    assert found == ("data-exception", "$", 'invalid input syntax for type uuid: "\' OR true --"')


def test_requests_without_credentials_get_nothing(hasura):
    message = "Missing Authorization header in JWT authentication mode"
    assert hasura.error("{users {id}}", accept="*/*") == ("invalid-headers", "$", message)
    assert hasura.error("{__typename}", authorization="Bearer x.y.z")[0] == "invalid-jwt"
    wrong = hasura.error(INSERT, x_hasura_admin_secret="wrong")
    assert wrong == ("access-denied", "$", "invalid x-hasura-admin-secret/x-hasura-access-key")


def test_token_of_another_pool_gets_nothing(hasura):
    hasura.pool.keys["other"] = new_key()
    token = hasura.pool.token(payload(), key_id="other")
    del hasura.pool.keys["other"]
    assert hasura.error("{users {id}}", authorization=f"Bearer {token}")[0] == "invalid-jwt"
