"""The schema of each role follows from the metadata, and user_sync's mutation is valid in Hasura's schema."""

from pathlib import Path

import pytest
from graphql import build_schema, lexicographic_sort_schema, parse, print_schema, validate
from graphql.execution.values import get_variable_values

from local.hasura import metadata, schema
from local.hasura.metadata import SelectPermission, Table
from local.paths import ROOT
from user_sync.users import UPSERT

TEXT = (ROOT / "hasura/schema.graphql").read_text()
TABLES = metadata.read(ROOT / "hasura/metadata")
VISIBLE = {
    "id", "email", "email_verified", "display_name", "avatar_url", "locale",
    "last_sign_in_at", "created_at", "updated_at",
}  # fmt: skip


def test_schema_file_is_in_canonical_order():
    body = "\n".join(line for line in TEXT.splitlines() if not line.startswith("# "))
    assert print_schema(lexicographic_sort_schema(build_schema(TEXT))) == body


def test_mutation_of_user_sync_is_valid():
    admin = build_schema(TEXT)
    document = parse(UPSERT)
    assert validate(admin, document) == []
    variables = {
        "user": {"id": "11111111-1111-4111-8111-111111111111", "synced_at": "2026-01-01T00:00:00Z", "email": None},
        "on_conflict": {
            "constraint": "users_pkey",
            "update_columns": ["email", "synced_at"],
            "where": {"synced_at": {"_lt": "2026-01-01T00:00:00Z"}},
        },
    }
    assert not isinstance(get_variable_values(admin, document.definitions[0].variable_definitions, variables), list)


def test_role_user_sees_only_the_columns_of_the_metadata():
    seen = schema.for_role(TEXT, TABLES, "user")
    assert seen.type_map["users"].fields.keys() == VISIBLE
    assert seen.type_map["users_bool_exp"].fields.keys() == VISIBLE | {"_and", "_or", "_not"}
    assert seen.type_map["users_order_by"].fields.keys() == VISIBLE
    assert "synced_at" not in print_schema(seen)


def test_role_user_sees_no_mutation_and_no_type_of_one():
    seen = schema.for_role(TEXT, TABLES, "user")
    assert seen.query_type.fields.keys() == {"users"}
    assert seen.mutation_type is None
    leftovers = ("insert", "update", "conflict", "constraint", "mutation")
    assert not [name for name in seen.type_map for word in leftovers if word in name]


def test_role_sees_only_tables_with_a_permission():
    text = TEXT.replace("type query_root {", "type query_root {\n  secrets: [users!]!")
    permission = SelectPermission(frozenset({"email"}), {}, None)
    tables = {"users": Table("public", "users", {"blind": permission}), "secrets": Table("public", "secrets", {})}
    seen = schema.for_role(text, tables, "blind")
    assert seen.query_type.fields.keys() == {"users"}
    assert seen.type_map["users"].fields.keys() == {"email"}


def test_metadata_is_read_as_the_cli_writes_it():
    assert TABLES.keys() == {"users"}
    assert TABLES["users"].schema == "public"
    assert TABLES["users"].select == {
        "user": SelectPermission(frozenset(VISIBLE), {"id": {"_eq": "X-Hasura-User-Id"}}, 1)
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("insert_permissions: []\nselect_permissions: []", "insert_permissions"),
        ("select_permissions: [{role: user, permission: {columns: '*', filter: {}}}]", "name the columns"),
        ("select_permissions: [{role: user, permission: {columns: [], filter: {}, set: {}}}]", "set"),
        (
            "select_permissions: [{role: user, permission: {columns: [], filter: {}, allow_aggregations: true}}]",
            "allow_aggregations",
        ),
    ],
)
def test_permission_that_the_stand_in_cannot_apply_is_refused(tmp_path: Path, content, message):
    tables = tmp_path / "databases/default/tables"
    tables.mkdir(parents=True)
    (tmp_path / "databases/databases.yaml").write_text(
        '[{name: default, tables: "!include default/tables/tables.yaml"}]'
    )
    (tables / "tables.yaml").write_text('["!include public_users.yaml"]')
    (tables / "public_users.yaml").write_text("table: {name: users, schema: public}\n" + content)
    with pytest.raises(ValueError, match=message):
        metadata.read(tmp_path)
