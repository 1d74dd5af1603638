"""Applies hasura/migrations as `hasura migrate apply` does: by version, each in a transaction of its own.

Where no Hasura is, its catalogue is not either: which versions are applied is kept in a schema of our own. One command
at a time works on a database; a second one waits for the first.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from local.paths import ROOT
from local.progress import TroubleError

DIRECTORY = ROOT / "hasura/migrations/default"
_LOCK = 0x7068656E6F6D  # any number of our own, in PostgreSQL's one space of advisory locks
_CATALOGUE = """
CREATE SCHEMA IF NOT EXISTS local_migrations;
CREATE TABLE IF NOT EXISTS local_migrations.applied (
    version bigint PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """`<version>_<name>/` with up.sql and down.sql; the version is milliseconds since 1970."""

    version: int
    name: str
    directory: Path

    def script(self, direction: str) -> bytes:
        return (self.directory / f"{direction}.sql").read_bytes()


def found(directory: Path = DIRECTORY) -> list[Migration]:
    """All of them, in the order in which they are applied. Raises TroubleError for two of one version."""
    names = (re.fullmatch(r"(\d+)_(\w+)", each.name) for each in directory.iterdir() if each.is_dir())
    migrations = sorted(Migration(int(name[1]), name[2], directory / name[0]) for name in names if name)
    versions = [migration.version for migration in migrations]
    if len(set(versions)) < len(versions):
        raise TroubleError(f"{directory} has two migrations of one version.")
    return migrations


def up(database_url: str, directory: Path = DIRECTORY) -> list[str]:
    """Applies what is not applied yet; returns the names. Raises TroubleError."""
    with _connected(database_url) as connection:
        pending = [each for each in found(directory) if each.version not in _applied(connection)]
        for migration in pending:
            _run(connection, migration, "up", "INSERT INTO local_migrations.applied (version, name) VALUES (%s, %s)")
        return [migration.name for migration in pending]


def down(database_url: str, directory: Path = DIRECTORY) -> list[str]:
    """Takes back all that is applied, the latest first; returns the names. Raises TroubleError."""
    with _connected(database_url) as connection:
        applied = [each for each in reversed(found(directory)) if each.version in _applied(connection)]
        for migration in applied:
            _run(connection, migration, "down", "DELETE FROM local_migrations.applied WHERE (version, name) = (%s, %s)")
        return [migration.name for migration in applied]


@contextmanager
def _connected(database_url: str) -> Iterator[psycopg.Connection]:
    options = "-c client_min_messages=warning"
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10, options=options) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            connection.execute(sql.SQL(_CATALOGUE))
            yield connection
    except psycopg.Error as error:
        raise TroubleError(f"The database cannot be migrated: {error}") from None


def _applied(connection: psycopg.Connection) -> set[int]:
    return {version for (version,) in connection.execute("SELECT version FROM local_migrations.applied")}


def _run(connection: psycopg.Connection, migration: Migration, direction: str, record: str) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.script(direction))
            connection.execute(record.encode(), [migration.version, migration.name])
    except (psycopg.Error, OSError) as error:
        raise TroubleError(f"Migration {migration.directory.name}, {direction}.sql: {error}") from error
