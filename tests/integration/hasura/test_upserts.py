"""The mutation of user_sync on a real PostgreSQL: older data never overwrites newer data, in any order of calls."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.hasura.conftest import INSERT

FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def user(seconds: float, *, user_id: str = FIRST, **columns: object) -> dict:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {"id": user_id, "email": "first@example.com", "synced_at": at} | columns


def row(database) -> dict:
    (found,) = database.execute("SELECT * FROM users").fetchall()
    return found


def test_new_user_gets_a_row_with_default_values(hasura, database):
    assert hasura.sync(user(0, display_name="Ö'Neil \U0001f4f7")) == {"data": {"insert_users_one": {"id": FIRST}}}
    found = row(database)
    assert found["display_name"] == "Ö'Neil \U0001f4f7"
    assert found["email_verified"] is False
    assert found["created_at"] == found["updated_at"]


def test_newer_data_overwrites_only_the_named_columns(hasura, database):
    hasura.sync(user(0, display_name="before", locale="de"))
    before = row(database)
    assert hasura.sync(user(1, display_name=None))["data"]["insert_users_one"] == {"id": FIRST}
    after = row(database)
    assert (after["display_name"], after["locale"]) == (None, "de")
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize("seconds", [0, -0.000001, -3600])
def test_older_or_repeated_data_changes_nothing_and_returns_null(hasura, database, seconds):
    hasura.sync(user(0, display_name="newer"))
    before = row(database)
    assert hasura.sync(user(seconds, display_name="older")) == {"data": {"insert_users_one": None}}
    assert row(database) == before


def test_times_are_compared_as_times(hasura, database):
    hasura.sync(user(0) | {"synced_at": "2026-01-01T12:00:00Z"})
    hasura.sync(user(0, locale="x") | {"synced_at": "2026-01-01T13:00:00+02:00"})
    assert row(database)["locale"] is None
    hasura.sync(user(0, locale="y") | {"synced_at": "2026-01-01T12:00:00.5Z"})
    assert row(database)["locale"] == "y"


def test_concurrent_calls_leave_the_newest_data(hasura, database):
    calls = [user(number, display_name=str(number)) for number in range(40)]
    random.Random(1).shuffle(calls)

    def sync_each(part: list[dict]) -> None:
        for each in part:
            hasura.sync(each)

    threads = [threading.Thread(target=sync_each, args=(calls[first::4],)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row(database)["display_name"] == "39"


def test_second_row_of_a_user_is_a_constraint_violation(hasura, database):
    hasura.sync(user(0))
    answer = hasura.ask("mutation($u: users_insert_input!) {insert_users_one(object: $u) {id}}", {"u": user(1)})
    assert answer == {
        "errors": [
            {
                "message": 'Uniqueness violation. duplicate key value violates unique constraint "users_pkey"',
                "extensions": {
                    "path": "$",
                    "code": "constraint-violation",
                },
            }
        ]
    }
    assert row(database)["id"].hex == FIRST.replace("-", "")


def test_users_without_an_address_do_not_conflict(hasura, database):
    hasura.sync(user(0, email=None))
    hasura.sync(user(0, email=None, user_id=SECOND))
    assert database.execute("SELECT count(*) FROM users").fetchone() == {"count": 2}


def test_conflict_without_update_columns_keeps_the_row(hasura, database):
    hasura.sync(user(0, locale="de"))
    assert hasura.sync(user(1, locale="fr"), columns=[]) == {"data": {"insert_users_one": None}}
    assert row(database)["locale"] == "de"


def test_partial_index_is_no_target_of_a_conflict(hasura, database):
    """As in Hasura, which lists constraints only."""
    conflict = {"constraint": "users_verified_email", "update_columns": ["locale"]}
    assert hasura.error(INSERT, {"user": user(0), "on_conflict": conflict})[0] == "validation-failed"


def test_mutation_that_fails_in_one_field_is_rolled_back(hasura, database):
    text = """
    mutation($a: users_insert_input!, $b: users_insert_input!) {
      a: insert_users_one(object: $a) { id }
      b: insert_users_one(object: $b) { id }
    }
    """
    assert hasura.error(text, {"a": user(0), "b": user(1)})[0] == "constraint-violation"
    assert database.execute("SELECT count(*) FROM users").fetchone() == {"count": 0}


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"id": "zz"}, "data-exception", 'invalid input syntax for type uuid: "zz"'),
        ({"id": 7}, "data-exception", 'invalid input syntax for type uuid: "7"'),
        ({"synced_at": "soon"}, "data-exception", 'invalid input syntax for type timestamp with time zone: "soon"'),
        ({"last_sign_in_at": "2026-13-01"}, "data-exception", 'date/time field value out of range: "2026-13-01"'),
        ({"email": "a\0b"}, "data-exception", "PostgreSQL text fields cannot contain NUL (0x00) bytes"),
        ({"email": "\ud800"}, "data-exception", "a string contains characters that PostgreSQL cannot store"),
    ],
)
def test_value_that_the_column_cannot_hold_is_refused(hasura, changed, code, message):
    found = hasura.error(INSERT, {"user": user(0) | changed, "on_conflict": {"constraint": "users_pkey"}})
    assert found == (code, message)


def test_row_without_sync_time_is_a_constraint_violation(hasura):
    code, message = hasura.error(f'mutation {{insert_users_one(object: {{id: "{FIRST}"}}) {{id}}}}')
    assert code == "constraint-violation"
    assert message.startswith('Not-NULL violation. null value in column "synced_at"')
