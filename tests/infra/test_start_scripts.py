"""What containers run, run for real: clamd's start with Debian's clamd, the database role with a real PostgreSQL."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clamd import Clamd, program
from tests.conftest import require
from tests.infra.plans import ROOT, TERRAFORM

pytestmark = pytest.mark.infra

START = TERRAFORM / "modules" / "clamd" / "start.sh"
ROLE = TERRAFORM / "modules" / "database_role" / "role.sh"
SECONDS = 60

# In place of freshclam, which needs the internet: brings the test signature, notes how it was called.
FRESHCLAM = """#!/bin/sh
echo "$*" >>"{directory}/freshclam.calls"
[ -e "{directory}/mirror-is-down" ] && exit 58
case "$*" in
    *--daemon*) exec sleep 1000 ;;
    *) cp "{signatures}" "{directory}/signatures/" ;;
esac
"""


def wait_for(what: str, condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@dataclass
class Container:
    """start.sh in a directory of its own instead of a container."""

    directory: Path
    clamd: Clamd
    process: subprocess.Popen | None = None

    def start(self) -> subprocess.Popen:
        (self.directory / "signatures").mkdir()
        stand_in = self.directory / "bin" / "freshclam"
        stand_in.parent.mkdir()
        stand_in.write_text(FRESHCLAM.format(directory=self.directory, signatures=ROOT / "local/clamav/test.ndb"))
        stand_in.chmod(stat.S_IRWXU)
        script = (
            START.read_text()
            .replace("/tmp/", f"{self.directory}/")
            .replace("/var/lib/clamav", f"{self.directory}/signatures")
        )
        configuration = "\n".join(
            [
                (ROOT / "local/clamav/clamd.conf").read_text().strip(),
                f"TCPSocket {self.clamd.port}",
                "TCPAddr 127.0.0.1",
                f"DatabaseDirectory {self.directory}/signatures",
                f"TemporaryDirectory {self.directory}",
            ]
        )
        path = f"{stand_in.parent}:{Path(str(program())).parent}:{os.environ['PATH']}"
        with (self.directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", script],
                env={"PATH": path, "CLAMD_CONF": configuration, "FRESHCLAM_CHECKS": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def calls(self) -> list[str]:
        path = self.directory / "freshclam.calls"
        return path.read_text().splitlines() if path.exists() else []

    def members(self) -> set[str]:
        """Names of the programs that run in the container."""
        assert self.process
        listed = subprocess.run(
            ["ps", "--no-headers", "-o", "comm", "-s", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return set(listed.stdout.split())


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    require(program(), "clamd (Debian's clamav-daemon)")
    one = Container(tmp_path, Clamd(tmp_path, port=free_port()))
    yield one
    if one.process:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()


@pytest.mark.clamd
def test_definitions_come_first_and_then_every_day(container: Container):
    container.start()
    wait_for("clamd answers", container.clamd.answers)
    wait_for("freshclam runs as a daemon", lambda: len(container.calls()) == 2)
    first, second = container.calls()
    assert "--daemon" not in first
    assert "--daemon" in second
    assert "--checks=1" in second
    assert f"NotifyClamd {container.directory}/clamd.conf" in (container.directory / "freshclam.conf").read_text()


@pytest.mark.clamd
def test_stopping_the_container_stops_everything(container: Container):
    """ECS sends SIGTERM, and kills a minute later: scans under way end before."""
    process = container.start()
    wait_for("clamd answers", container.clamd.answers)
    process.terminate()
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members())


@pytest.mark.clamd
@pytest.mark.parametrize("name", ["clamd", "sleep"])
def test_the_container_ends_when_either_program_does(container: Container, name: str):
    """Else it would go on with old definitions, or without a scanner, and look well."""
    process = container.start()
    wait_for("both run", lambda: container.clamd.answers() and len(container.calls()) == 2)
    subprocess.run(["pkill", "--session", str(process.pid), "--exact", name], check=True)
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members() - {"sh"})


@pytest.mark.clamd
def test_without_definitions_the_container_ends(container: Container):
    """ECS tries again; clamd never answers without definitions."""
    (container.directory / "mirror-is-down").touch()
    assert container.start().wait(SECONDS) != 0
    assert not container.clamd.answers()


# ---------------------------------------------------------------- the database role


@dataclass
class Database:
    """A PostgreSQL of the tests' own."""

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

    def make_role(self, password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", ROLE.read_text()],
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": f"postgres://hasura:{password}@127.0.0.1:{self.port}/phenom?sslmode=require",
                "MASTER_USER": "master",
                "MASTER_PASSWORD": "master's",
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


def test_the_role_is_made_and_can_do_what_hasura_needs(database: Database):
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


def test_the_role_is_no_master(database: Database):
    database.make_role("first-password")
    roles = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'hasura'"
    assert database.run(roles) == "f|f|f"


def test_a_new_password_replaces_the_old_one(database: Database):
    assert database.make_role("first-password").returncode == 0
    assert database.make_role("second-password").returncode == 0
    assert database.run("SELECT 1", user="hasura", password="second-password") == "1"
    with pytest.raises(PermissionError, match="password authentication failed"):
        database.run("SELECT 1", user="hasura", password="first-password")


def test_a_wrong_master_password_is_said_and_fails(database: Database):
    done = subprocess.run(
        ["/bin/sh", "-c", ROLE.read_text()],
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgres://hasura:x@127.0.0.1:{database.port}/phenom?sslmode=require",
            "MASTER_USER": "master",
            "MASTER_PASSWORD": "wrong",
            "PGSSLMODE": "disable",
        },
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert "ready" not in done.stdout
