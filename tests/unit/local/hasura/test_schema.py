"""What each role sees of the schema follows from the metadata, and our mutation fits what Hasura generates."""

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
SHOWN = {
    "id", "email", "email_verified", "display_name", "avatar_url", "locale",
    "last_sign_in_at", "created_at", "updated_at",
}  # fmt: skip


def permission(**changed) -> SelectPermission:
    return SelectPermission(**{"columns": frozenset({"id", "email"}), "filter": {}, "limit": None} | changed)


def table(**roles: SelectPermission) -> dict[str, Table]:
    return {"users": Table("public", "users", roles)}


def test_file_is_in_the_canonical_order():
    body = "\n".join(line for line in TEXT.splitlines() if not line.startswith("# "))
    assert print_schema(lexicographic_sort_schema(build_schema(TEXT))) == body


def test_mutation_of_user_sync_fits_the_schema():
    admin = schema.for_admin(TEXT)
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


def test_user_sees_the_columns_of_the_metadata_and_nothing_that_tells_of_the_others():
    seen = schema.for_role(TEXT, TABLES, "user")
    assert seen.type_map["users"].fields.keys() == SHOWN
    assert seen.type_map["users_bool_exp"].fields.keys() == SHOWN | {"_and", "_or", "_not"}
    assert seen.type_map["users_order_by"].fields.keys() == SHOWN
    assert seen.type_map["users_select_column"].values.keys() == SHOWN
    assert "synced_at" not in print_schema(seen)


def test_user_can_ask_for_rows_and_change_none():
    seen = schema.for_role(TEXT, TABLES, "user")
    assert seen.query_type.fields.keys() == {"users", "users_by_pk"}
    assert seen.mutation_type is None
    leftovers = ("insert", "update", "conflict", "constraint", "aggregate", "mutation", "max", "min")
    assert not [name for name in seen.type_map for word in leftovers if word in name]


def test_role_without_permissions_sees_nothing():
    assert schema.for_role(TEXT, TABLES, "nobody").query_type.fields.keys() == {"no_queries_available"}


def test_aggregates_are_for_roles_that_may_aggregate():
    seen = schema.for_role(TEXT, table(counter=permission(allow_aggregations=True)), "counter")
    assert seen.query_type.fields.keys() == {"users", "users_by_pk", "users_aggregate"}
    assert seen.type_map["users_max_fields"].fields.keys() == {"id", "email"}


def test_row_by_its_key_is_for_roles_that_see_the_key():
    seen = schema.for_role(
        TEXT, table(blind=permission(columns=frozenset({"email"}), allow_aggregations=False)), "blind"
    )
    assert seen.query_type.fields.keys() == {"users"}


def test_metadata_is_read_as_the_cli_lays_it_out():
    assert TABLES.keys() == {"users"}
    assert TABLES["users"].schema == "public"
    (role,) = TABLES["users"].select
    assert role == "user"
    given = TABLES["users"].select["user"]
    assert given == SelectPermission(frozenset(SHOWN), {"id": {"_eq": "X-Hasura-User-Id"}}, 1, allow_aggregations=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("insert_permissions: []\nselect_permissions: []", "insert_permissions"),
        ("select_permissions: [{role: user, permission: {columns: '*', filter: {}}}]", "name the columns"),
        ("select_permissions: [{role: user, permission: {columns: [], filter: {}, set: {}}}]", "set"),
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
