"""An address belongs to the row of the newest user who verified it, in any order of messages; it keeps no row out."""

import itertools
import random
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
A, B, C = (f"{digit * 8}-1111-4111-8111-111111111111" for digit in "abc")
ADDRESS = "shared@example.org"


def user(
    user_id: str, seconds: float, email: str | None = ADDRESS, *, verified: bool = True, **columns: object
) -> dict:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {"id": user_id, "email": email, "email_verified": verified, "synced_at": at} | columns


def sync(hasura, *users: dict) -> None:
    for each in users:
        assert "errors" not in hasura.sync(each), each


def rows(database) -> dict[str, tuple[str | None, bool]]:
    found = database.execute("SELECT id::text, email, email_verified FROM users").fetchall()
    return {each["id"]: (each["email"], each["email_verified"]) for each in found}


def test_unverified_address_does_not_keep_its_owner_out(hasura, database):
    """The attack: A registers with B's address and never verifies it."""
    sync(hasura, user(A, 0, verified=False), user(B, 1))
    assert rows(database) == {A: (ADDRESS, False), B: (ADDRESS, True)}


def test_unverified_address_takes_nothing_from_its_owner(hasura, database):
    sync(hasura, user(B, 0), user(A, 1, verified=False))
    assert rows(database) == {A: (ADDRESS, False), B: (ADDRESS, True)}


@pytest.mark.parametrize("email", [ADDRESS, ADDRESS.upper(), "Shared@Example.org"])
def test_stale_address_goes_to_the_newer_owner(hasura, database, email):
    sync(hasura, user(A, 0), user(B, 1, email))
    assert rows(database) == {A: (None, False), B: (email, True)}


def test_user_who_loses_an_address_keeps_everything_else(hasura, database):
    sync(hasura, user(A, 0, display_name="Ada", avatar_url="https://x.example/a", locale="en", last_sign_in_at="now"))
    (before,) = database.execute("SELECT * FROM users").fetchall()
    sync(hasura, user(B, 1))
    (after,) = database.execute("SELECT * FROM users WHERE id = %s", [A]).fetchall()
    changed = {"email": None, "email_verified": False, "updated_at": after["updated_at"]}
    assert after == before | changed
    assert after["updated_at"] > before["updated_at"]


def test_user_who_lost_an_address_gets_a_new_one(hasura, database):
    sync(hasura, user(A, 0), user(B, 1), user(A, 2, "new@example.org"))
    assert rows(database) == {A: ("new@example.org", True), B: (ADDRESS, True)}


def test_two_users_can_swap_addresses(hasura, database):
    sync(hasura, user(A, 0, "a@example.org"), user(B, 0, "b@example.org"))
    sync(hasura, user(A, 1, "b@example.org"), user(B, 2, "a@example.org"))
    assert rows(database) == {A: ("b@example.org", True), B: ("a@example.org", True)}


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_messages_in_any_order_and_repeated_end_the_same(hasura, database, order):
    messages = [user(A, 0), user(B, 1, ADDRESS.upper()), user(C, 2, ADDRESS.title())]
    sync(hasura, *(messages[number] for number in order))
    sync(hasura, *(messages[number] for number in order), *messages, *reversed(messages))
    assert rows(database) == {A: (None, False), B: (None, False), C: (ADDRESS.title(), True)}


@pytest.mark.parametrize("order", [*itertools.permutations([A, B, C])])
def test_users_of_one_backfill_page_end_the_same(hasura, database, order):
    """All users of a page have the same time."""
    sync(hasura, *(user(user_id, 0) for user_id in order))
    assert rows(database) == {A: (None, False), B: (None, False), C: (ADDRESS, True)}


def test_late_message_of_the_older_owner_writes_the_row_without_it(hasura, database):
    sync(hasura, user(B, 1), user(A, 0, display_name="Ada"))
    assert rows(database) == {A: (None, False), B: (ADDRESS, True)}
    assert database.execute("SELECT display_name FROM users WHERE id = %s", [A]).fetchone() == {"display_name": "Ada"}


def test_outdated_message_takes_no_address_from_a_newer_owner(hasura, database):
    sync(hasura, user(B, 5, "b@example.org"), user(A, 4), user(B, 3))
    assert rows(database) == {A: (ADDRESS, True), B: ("b@example.org", True)}


def test_address_changed_by_hand_follows_the_same_rule(hasura, database):
    sync(hasura, user(A, 0), user(B, 1, verified=False))
    database.execute("UPDATE users SET email_verified = true WHERE id = %s", [B])
    assert rows(database) == {A: (None, False), B: (ADDRESS, True)}


@pytest.mark.parametrize("seed", range(8))
def test_concurrent_owners_all_get_a_row_and_the_newest_the_address(hasura, database, seed):
    ids = [f"{number:08d}-1111-4111-8111-111111111111" for number in range(12)]
    messages = [user(user_id, number, random.choice([ADDRESS, ADDRESS.upper()])) for number, user_id in enumerate(ids)]
    answers: list[dict] = []
    start = threading.Barrier(len(ids))

    def send(message: dict) -> None:
        start.wait()
        answers.append(hasura.sync(message))
        answers.append(hasura.sync(message))

    random.Random(seed).shuffle(messages)
    threads = [threading.Thread(target=send, args=[message]) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer for answer in answers if "errors" in answer] == []
    found = rows(database)
    assert found.keys() == set(ids)
    assert {user_id: email for user_id, (email, _) in found.items() if email}.keys() == {ids[-1]}


def test_index_refuses_a_second_owner_without_the_trigger(hasura, database):
    sync(hasura, user(A, 0))
    database.execute("ALTER TABLE users DISABLE TRIGGER give_address_to_newest_user")
    try:
        with pytest.raises(psycopg.errors.UniqueViolation, match="users_verified_email"):
            database.execute(
                "INSERT INTO users (id, email, email_verified, synced_at) VALUES (%s, %s, true, now())",
                [B, ADDRESS.upper()],
            )
    finally:
        database.execute("ALTER TABLE users ENABLE TRIGGER give_address_to_newest_user")


def test_address_is_found_by_the_index(database):
    database.execute("SET enable_seqscan = off")
    plan = database.execute(
        "EXPLAIN SELECT FROM users WHERE email_verified AND lower(email) = lower('a@example.org')"
    ).fetchall()
    assert "users_verified_email" in str(plan)
