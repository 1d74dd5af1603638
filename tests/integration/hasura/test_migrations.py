"""Migrations on a real PostgreSQL: up and down, and that metadata and schema.graphql match the tables."""

import threading
from pathlib import Path

import psycopg
import pytest
from graphql import GraphQLNonNull, build_schema, get_named_type

from local.hasura import metadata, migrations
from local.paths import ROOT
from local.progress import TroubleError

NAMES = ["create_users", "free_stale_addresses"]
POSTGRES_TYPES = {"uuid": "uuid", "timestamptz": "timestamp with time zone", "String": "text", "Boolean": "boolean"}
SCHEMA = build_schema((ROOT / "hasura/schema.graphql").read_text())
COLUMNS = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required,
       pg_get_expr(adbin, adrelid) AS default, col_description(attrelid, attnum) AS comment
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
CONSTRAINTS = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE conrelid = 'public.users'::regclass AND contype <> 'n' ORDER BY conname
"""
OBJECTS = """
SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
"""


@pytest.fixture
def empty(database_url: str):
    """The URL of a new, empty database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS migrations WITH (FORCE)")
        connection.execute("CREATE DATABASE migrations")
    return database_url.rpartition("/")[0] + "/migrations"


def rows(url: str, text: str) -> list[dict]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute(text).fetchall()


def described(url: str) -> tuple[list[dict], list[dict], list[dict]]:
    return rows(url, COLUMNS), rows(url, CONSTRAINTS), sorted(rows(url, OBJECTS), key=lambda each: each["name"])


def test_down_scripts_undo_the_up_scripts(empty):
    assert migrations.apply(empty) == NAMES
    first = described(empty)
    assert migrations.apply(empty) == []
    with psycopg.connect(empty) as connection:
        for migration in reversed(migrations.find()):
            connection.execute((migration.directory / "down.sql").read_bytes())
        connection.execute("DROP SCHEMA local_migrations CASCADE")
    assert rows(empty, OBJECTS) == []
    assert migrations.apply(empty) == NAMES
    assert described(empty) == first


def test_table_users_has_the_expected_columns_and_constraints(empty):
    migrations.apply(empty)
    columns, constraints, _ = described(empty)
    assert {each["name"]: (each["type"], each["required"], each["default"]) for each in columns} == {
        "id": ("uuid", True, None),
        "email": ("text", False, None),
        "email_verified": ("boolean", True, "false"),
        "display_name": ("text", False, None),
        "avatar_url": ("text", False, None),
        "locale": ("text", False, None),
        "last_sign_in_at": ("timestamp with time zone", False, None),
        "synced_at": ("timestamp with time zone", True, None),
        "created_at": ("timestamp with time zone", True, "now()"),
        "updated_at": ("timestamp with time zone", True, "now()"),
    }
    assert all(each["comment"] for each in columns)
    assert constraints == [
        {"name": "users_pkey", "definition": "PRIMARY KEY (id)"},
    ]


def test_schema_matches_the_database_catalogue(empty):
    migrations.apply(empty)
    columns, constraints, _ = described(empty)
    users = SCHEMA.type_map["users"]
    assert users.fields.keys() == {each["name"] for each in columns}
    for each in columns:
        field = users.fields[each["name"]]
        assert isinstance(field.type, GraphQLNonNull) == each["required"], each["name"]
        assert field.description == each["comment"]
        assert POSTGRES_TYPES[get_named_type(field.type).name] == each["type"]
    assert SCHEMA.type_map["users_constraint"].values.keys() == {each["name"] for each in constraints}
    (table,) = rows(empty, "SELECT obj_description('public.users'::regclass) AS comment")
    assert users.description == table["comment"]


@pytest.mark.parametrize("kind", ["users_bool_exp", "users_insert_input", "users_order_by"])
def test_input_type_has_every_column(kind):
    names = SCHEMA.type_map[kind].fields.keys() - {"_and", "_or", "_not"}
    assert names == SCHEMA.type_map["users"].fields.keys()


def test_update_columns_are_all_columns():
    assert SCHEMA.type_map["users_update_column"].values.keys() == SCHEMA.type_map["users"].fields.keys()


def test_comparison_types_match_the_column_types():
    expressions = SCHEMA.type_map["users_bool_exp"].fields
    for name, field in SCHEMA.type_map["users"].fields.items():
        assert expressions[name].type.name == f"{get_named_type(field.type).name}_comparison_exp"
        assert SCHEMA.type_map["users_insert_input"].fields[name].type == get_named_type(field.type)


def test_metadata_names_existing_columns(empty):
    migrations.apply(empty)
    columns = {each["name"] for each in rows(empty, COLUMNS)}
    for permission in metadata.read(ROOT / "hasura/metadata")["users"].select.values():
        assert permission.columns <= columns
        assert permission.filter.keys() <= columns


def write_script(directory: Path, name: str, up: str) -> None:
    (directory / name).mkdir(parents=True)
    (directory / name / "up.sql").write_text(up)


def test_migrations_run_in_the_order_of_their_versions(empty, tmp_path):
    write_script(tmp_path, "10_second", "CREATE TABLE b (a int REFERENCES a (a))")
    write_script(tmp_path, "9_first", "CREATE TABLE a (a int PRIMARY KEY)")
    (tmp_path / "README.md").write_text("no migration")
    assert migrations.apply(empty, tmp_path) == ["first", "second"]


def test_failed_migration_is_rolled_back_and_can_be_repeated(empty, tmp_path):
    write_script(tmp_path, "1_good", "CREATE TABLE a (a int)")
    write_script(tmp_path, "2_broken", "CREATE TABLE b (a int); SELECT nonsense")
    with pytest.raises(TroubleError, match=r"2_broken, up\.sql: column .nonsense. does not exist"):
        migrations.apply(empty, tmp_path)
    assert {"name": "b"} not in rows(empty, OBJECTS)
    (tmp_path / "2_broken/up.sql").write_text("CREATE TABLE b (a int)")
    assert migrations.apply(empty, tmp_path) == ["broken"]


def test_two_migrations_of_one_version_are_refused(tmp_path):
    write_script(tmp_path, "1_a", "")
    write_script(tmp_path, "01_b", "")
    with pytest.raises(TroubleError, match="two migrations of one version"):
        migrations.find(tmp_path)


def test_concurrent_commands_apply_a_migration_once(empty):
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.extend(migrations.apply(empty))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == NAMES


def test_unreachable_database_is_reported_without_its_password():
    with pytest.raises(TroubleError, match="cannot be migrated") as caught:
        migrations.apply("postgresql://phenom:hidden@127.0.0.1:1/postgres")
    assert "hidden" not in str(caught.value)


def insert(url: str, *users: tuple[str, str | None, bool, str]) -> None:
    """Adds rows: first digit of the id, address, verified, date."""
    with psycopg.connect(url) as connection:
        for digit, email, verified, date in users:
            connection.execute(
                "INSERT INTO users (id, email, email_verified, display_name, avatar_url, synced_at)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [digit * 8 + "-1111-4111-8111-111111111111", email, verified, digit, "https://x.example/a", date],
            )


def addresses(url: str) -> dict[str, tuple[str | None, bool]]:
    found = rows(url, "SELECT display_name, email, email_verified FROM users")
    return {each["display_name"]: (each["email"], each["email_verified"]) for each in found}


def run_script(url: str, migration: migrations.Migration, script: str) -> None:
    """Runs it as `hasura migrate` does, in one transaction."""
    with psycopg.connect(url) as connection:
        connection.execute((migration.directory / script).read_bytes())


def test_existing_duplicates_leave_the_address_to_the_newest(empty):
    first, second = migrations.find()[:2]
    run_script(empty, first, "up.sql")
    insert(
        empty,
        ("1", "ada@example.org", True, "2026-01-01"),
        ("2", "Ada@Example.org", True, "2026-01-03"),
        ("3", "ADA@example.org", True, "2026-01-02"),
        ("4", "ada@EXAMPLE.org", False, "2026-01-04"),
        ("5", "tie@example.org", True, "2026-01-01"),
        ("6", "Tie@example.org", True, "2026-01-01"),
        ("7", None, False, "2026-01-01"),
        ("8", None, True, "2026-01-01"),
    )
    run_script(empty, second, "up.sql")
    assert addresses(empty) == {
        "1": (None, False),
        "2": ("Ada@Example.org", True),
        "3": (None, False),
        "4": ("ada@EXAMPLE.org", False),
        "5": (None, False),
        "6": ("Tie@example.org", True),
        "7": (None, False),
        "8": (None, True),
    }
    with psycopg.connect(empty) as connection:
        connection.execute("ALTER TABLE users DISABLE TRIGGER give_address_to_newest_user")
        with pytest.raises(psycopg.errors.UniqueViolation, match="users_verified_email"):
            connection.execute("UPDATE users SET email = 'ADA@example.org', email_verified = true WHERE email IS NULL")


def test_existing_picture_that_is_no_web_address_is_removed(empty):
    first, second = migrations.find()[:2]
    run_script(empty, first, "up.sql")
    insert(empty, ("1", None, False, "2026-01-01"), ("2", None, False, "2026-01-01"), ("3", None, False, "2026-01-01"))
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE users SET avatar_url = ' javascript:alert(1)//https://' WHERE display_name = '1'")
        connection.execute("UPDATE users SET avatar_url = 'HTTPS://x.example/b' WHERE display_name = '2'")
    run_script(empty, second, "up.sql")
    found = rows(empty, "SELECT avatar_url FROM users ORDER BY display_name")
    assert [each["avatar_url"] for each in found] == [None, "HTTPS://x.example/b", "https://x.example/a"]


def test_reverted_migration_keeps_verified_addresses_first(empty):
    first, second = migrations.find()[:2]
    for each in (first, second):
        run_script(empty, each, "up.sql")
    insert(
        empty,
        ("1", "ada@example.org", True, "2026-01-01"),
        ("2", "ada@example.org", False, "2026-01-02"),
        ("3", "ada@example.org", False, "2026-01-03"),
        ("4", "bob@example.org", False, "2026-01-01"),
        ("5", "bob@example.org", False, "2026-01-02"),
    )
    run_script(empty, second, "down.sql")
    assert {name: email for name, (email, _) in addresses(empty).items() if email} == {
        "1": "ada@example.org",
        "5": "bob@example.org",
    }
    assert {"name": "users_email_key", "definition": "UNIQUE (email)"} in rows(empty, CONSTRAINTS)


def test_constraint_that_was_removed_by_hand_does_not_stop_the_migration(empty):
    first, second = migrations.find()[:2]
    run_script(empty, first, "up.sql")
    with psycopg.connect(empty) as connection:
        connection.execute("ALTER TABLE users DROP CONSTRAINT users_email_key")
    insert(empty, ("1", "ada@example.org", True, "2026-01-01"), ("2", "ada@example.org", True, "2026-01-02"))
    run_script(empty, second, "up.sql")
    assert addresses(empty) == {"1": (None, False), "2": ("ada@example.org", True)}
