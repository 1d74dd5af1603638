"""Applies hasura/migrations like `hasura migrate apply`: by version, each in its own transaction.

The applied versions are recorded in the schema `local_migrations`. An advisory lock makes concurrent commands wait.
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
_LOCK = 0x7068656E6F6D  # an arbitrary number in PostgreSQL's single space of advisory locks
_CATALOGUE = """
CREATE SCHEMA IF NOT EXISTS local_migrations;
CREATE TABLE IF NOT EXISTS local_migrations.applied (
    version bigint PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""
_RECORD = "INSERT INTO local_migrations.applied (version, name) VALUES (%s, %s)"


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """A folder `<version>_<name>/` with up.sql; the version is in milliseconds since 1970."""

    version: int
    name: str
    directory: Path


def find(directory: Path = DIRECTORY) -> list[Migration]:
    """Returns the migrations in the order of their versions. Raises TroubleError for a duplicate version."""
    names = (re.fullmatch(r"(\d+)_(\w+)", each.name) for each in directory.iterdir() if each.is_dir())
    migrations = sorted(Migration(int(name[1]), name[2], directory / name[0]) for name in names if name)
    if len({migration.version for migration in migrations}) < len(migrations):
        raise TroubleError(f"{directory} has two migrations of one version.")
    return migrations


def apply(database_url: str, directory: Path = DIRECTORY) -> list[str]:
    """Applies the pending migrations and returns their names. Raises TroubleError."""
    with _connect(database_url) as connection:
        applied = {version for (version,) in connection.execute("SELECT version FROM local_migrations.applied")}
        pending = [each for each in find(directory) if each.version not in applied]
        for migration in pending:
            _run(connection, migration)
        return [migration.name for migration in pending]


@contextmanager
def _connect(database_url: str) -> Iterator[psycopg.Connection]:
    options = "-c client_min_messages=warning"
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10, options=options) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            connection.execute(sql.SQL(_CATALOGUE))
            yield connection
    except psycopg.Error as error:
        raise TroubleError(f"The database cannot be migrated: {error}") from None


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute((migration.directory / "up.sql").read_bytes())
            connection.execute(_RECORD, [migration.version, migration.name])
    except (psycopg.Error, OSError) as error:
        raise TroubleError(f"Migration {migration.directory.name}, up.sql: {error}") from error
