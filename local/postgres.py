"""PostgreSQL for the local cloud: a server in the cloud's directory, or the one that LOCAL_DATABASE_URL names."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from local import logged_command, ports, unprivileged
from local.daemon import Daemon
from local.paths import CloudPaths
from local.progress import TroubleError, UsageError, say, step, tail

READY_SECONDS = 60
DEFAULT_PORT = 5432
DATABASE_URL = "LOCAL_DATABASE_URL"
USER = "phenom"
DATABASE = "postgres"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
_LEFT_BY_A_KILLED_SERVER = "pre-existing shared memory block"

# `make clean` deletes this data, so durability settings are off. Statements, values and error details contain personal
# data: they are not logged.
_SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def daemon(paths: CloudPaths) -> Daemon:
    return Daemon(paths.record("postgres"), paths.log("postgres"))


def configured() -> str | None:
    """Returns LOCAL_DATABASE_URL; None when unset. Raises UsageError when it is not a PostgreSQL URL."""
    url = os.environ.get(DATABASE_URL)
    if not url:
        return None
    try:
        settings = conninfo_to_dict(url) if re.match(r"postgres(ql)?://", url) else {}
    except psycopg.Error:
        settings = {}
    if not settings.get("host") or not str(settings.get("port", DEFAULT_PORT)).isdecimal():
        raise UsageError(f"{DATABASE_URL} must be a URL such as postgresql://user:password@host:5432/database")
    return url


def programs() -> Path | None:
    """Returns the folder of the server's programs. Debian keeps one per version, outside the PATH."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: -_version(each.parent.name))
    on_path = shutil.which("postgres")
    folders = [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((each for each in folders if (each / "postgres").exists() and (each / "initdb").exists()), None)


def start(paths: CloudPaths, preferred_port: int) -> str:
    """Returns the URL of a running PostgreSQL: LOCAL_DATABASE_URL's, or a server started here.

    The preferred port is used when it is free. Raises TroubleError when PostgreSQL is missing or does not start,
    UsageError when LOCAL_DATABASE_URL is invalid.
    """
    named = configured()
    if named:
        _check(named)
        return named
    own = daemon(paths)
    if not own.alive():
        folder = programs()
        if folder is None:
            raise TroubleError(f"PostgreSQL is missing: install Debian's `postgresql`, or set {DATABASE_URL}.")
        port = preferred_port if ports.is_free(preferred_port) else ports.any_free()
        _initialise(paths, folder)
        with step(f"Starting PostgreSQL on {ports.LOOPBACK}:{port}"):
            _launch(paths, folder, port)
            _wait(paths, folder, port)
    return _url(paths, own.facts()["port"])


def stop(paths: CloudPaths) -> None:
    """Stops our server in fast mode: connections end, committed data is kept. LOCAL_DATABASE_URL's stays up."""
    daemon(paths).stop(signal.SIGINT)


def _version(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0


def _check(url: str) -> None:
    """Raises TroubleError with the server's message only, because the URL contains a password."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        raise TroubleError(f"The database that {DATABASE_URL} names does not answer: {error}") from None


def _url(paths: CloudPaths, port: int) -> str:
    return f"postgresql://{USER}:{_password(paths)}@{ports.LOOPBACK}:{port}/{DATABASE}"


def _password(paths: CloudPaths) -> str:
    return (paths.postgres / "password").read_text()


def _initialise(paths: CloudPaths, folder: Path) -> None:
    """Creates the data directory unless one of this version exists. A draft is renamed, so it is never half-made."""
    data, draft, password = (paths.postgres / name for name in ("data", "draft", "password"))
    if data.exists():
        known, version = (data / "PG_VERSION").read_text().strip(), _server_version(folder)
        if known == version and password.exists():
            return
        of = f"of PostgreSQL {known}, not {version}" if known != version else "without its password"
        say(f"  The database is {of}: starting afresh.")
    shutil.rmtree(paths.postgres, ignore_errors=True)
    paths.postgres.mkdir()
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    with step("Making the database"):
        program: list[str | Path] = [*unprivileged.unprivileged_prefix(paths.postgres), folder / "initdb"]
        where: list[str | Path] = ["--pgdata", draft, "--username", USER, "--pwfile", password]
        what = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--wal-segsize=4"]
        quickly = ["--no-sync", "--no-instructions"]
        logged_command.run([*program, *where, *what, *quickly], _ENVIRONMENT, paths.log("initdb"))
        draft.rename(data)


def _server_version(folder: Path) -> str:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", answer)
    return found.group() if found else answer.strip()


def _launch(paths: CloudPaths, folder: Path, port: int) -> None:
    settings = [f"{name}={value}" for name, value in (_SETTINGS | {"port": str(port)}).items()]
    options = [word for setting in settings for word in ("-c", setting)]
    program: list[str | Path] = [
        *unprivileged.unprivileged_prefix(paths.postgres),
        folder / "postgres",
        "-D",
        paths.postgres / "data",
        *options,
    ]
    daemon(paths).start(program, _ENVIRONMENT, port=port)


def _wait(paths: CloudPaths, folder: Path, port: int) -> None:
    own, deadline = daemon(paths), time.monotonic() + READY_SECONDS
    while not _answers(_url(paths, port)):
        if not own.alive():
            # After a kill, processes of the last server may live for a moment and keep this one from starting.
            if _LEFT_BY_A_KILLED_SERVER not in tail(own.log) or time.monotonic() > deadline:
                own.stop()
                raise TroubleError(f"PostgreSQL did not start:\n{tail(own.log)}")
            own.log.unlink(missing_ok=True)
            _launch(paths, folder, port)
        elif time.monotonic() > deadline:
            stop(paths)
            raise TroubleError(f"PostgreSQL did not answer within {READY_SECONDS} s:\n{tail(own.log)}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
