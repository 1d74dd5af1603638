"""Runs the script of the database role's one-off task against a real PostgreSQL."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import require
from tests.infra.plans import TERRAFORM
from tests.infra.waiting import SECONDS, free_port, wait_for

pytestmark = pytest.mark.infra

ROLE = TERRAFORM / "modules" / "database_role" / "role.sh"


@dataclass
class Database:
    """A PostgreSQL server that the tests start."""

    port: int

    def run(self, sql: str, *, user: str = "master", password: str = "master's", database: str = "phenom") -> str:
        url = f"host=127.0.0.1 port={self.port} user={user} dbname={database}"
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, url],
            env={**os.environ, "PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PermissionError(done.stderr)
        return done.stdout.strip()

    def make_role(self, password: str, master_password: str = "master's") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", ROLE.read_text()],
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": f"postgres://hasura:{password}@127.0.0.1:{self.port}/phenom?sslmode=require",
                "MASTER_USER": "master",
                "MASTER_PASSWORD": master_password,
                "PGSSLMODE": "disable",
            },
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # no terminal, as in a container
        )


def server_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    programs = server_programs()
    require(programs and shutil.which("psql"), "PostgreSQL (Debian's postgresql)")
    directory = tmp_path_factory.mktemp("postgresql")
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if as_postgres:
        for parent in [directory, *directory.parents]:
            if parent.stat().st_uid == os.geteuid() and str(parent).startswith("/tmp/pytest"):
                parent.chmod(0o755)
        shutil.chown(directory, "postgres", "postgres")
    secret = directory / "password"
    secret.write_text("master's")
    secret.chmod(0o644)
    data = directory / "data"
    initialise = [
        f"{programs}/initdb",
        "--pgdata",
        str(data),
        "--username=master",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
    ]
    subprocess.run([*as_postgres, *initialise], check=True, capture_output=True, cwd="/")
    port = free_port()
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "log_statement": "ddl"}
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *as_postgres,
                f"{programs}/postgres",
                "-D",
                str(data),
                *(f"-c{name}={value}" for name, value in options.items()),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
    one = Database(port)
    try:
        wait_for("PostgreSQL answers", lambda: _answers(one))
        one.run("CREATE DATABASE phenom", database="postgres")
        yield one
        assert "first-password" not in (directory / "log").read_text()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(SECONDS)


def _answers(database: Database) -> bool:
    try:
        database.run("SELECT 1", database="postgres")
    except PermissionError:
        return False
    return True


def test_role_is_created_with_the_permissions_that_hasura_needs(database: Database):
    done = database.make_role("first-password")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "The role hasura is ready.\n"
    assert "first-password" not in done.stderr
    for sql in (
        "CREATE SCHEMA hdb_catalog",
        "CREATE TABLE public.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email citext)",
        "SELECT digest('x', 'sha256')",
    ):
        database.run(sql, user="hasura", password="first-password")


def test_role_owns_the_schemas_of_auth_and_storage(database: Database):
    for _ in range(2):  # the task runs again after each new secret
        done = database.make_role("first-password")
        assert done.returncode == 0, done.stderr
    owned = "SELECT nspname FROM pg_namespace WHERE nspowner = 'hasura'::regrole AND nspname !~ '^hdb' ORDER BY 1"
    assert database.run(owned) == "auth\nstorage"
    database.run("CREATE TABLE storage.schema_migrations (version bigint)", user="hasura", password="first-password")


def test_role_has_no_administrator_rights(database: Database):
    database.make_role("first-password")
    roles = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'hasura'"
    assert database.run(roles) == "f|f|f"


def test_new_password_replaces_the_old_one(database: Database):
    assert database.make_role("first-password").returncode == 0
    assert database.make_role("second-password").returncode == 0
    assert database.run("SELECT 1", user="hasura", password="second-password") == "1"
    with pytest.raises(PermissionError, match="password authentication failed"):
        database.run("SELECT 1", user="hasura", password="first-password")


def test_wrong_master_password_is_reported(database: Database):
    done = database.make_role("x", master_password="wrong")
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert "ready" not in done.stdout
