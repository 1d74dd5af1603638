"""The local cloud's PostgreSQL: access, and data that survives a stop or a kill."""

import contextlib
import os
import signal
import stat
import threading
import time
from pathlib import Path

import psycopg
import pytest

from local import ports, postgres, unprivileged
from local.progress import TroubleError, UsageError


def values(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (a int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def test_data_survives_stop_and_kill(own_places):
    url = postgres.start(own_places, ports.any_free())
    fill(url)
    assert postgres.start(own_places, 1) == url
    port = postgres.daemon(own_places).facts()["port"]
    postgres.stop(own_places)
    assert not postgres.daemon(own_places).alive()
    assert postgres.start(own_places, port) == url
    assert values(url, "SELECT a FROM kept") == [(1,)]
    postgres.daemon(own_places).kill()
    assert postgres.start(own_places, port) == url
    assert values(url, "SELECT a FROM kept") == [(1,)]


def test_free_port_is_used_when_the_port_is_taken(own_places, database_url):
    taken = int(database_url.rpartition(":")[2].partition("/")[0])
    url = postgres.start(own_places, taken)
    assert values(url, "SELECT 1") == [(1,)]
    assert f":{taken}/" not in url


def test_password_is_required_and_only_loopback_is_served(own_places):
    url = postgres.start(own_places, ports.any_free())
    password = own_places.postgres / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert len(password.read_text()) >= 32
    for wrong in (url.replace(password.read_text(), "wrong"), url.replace(f":{password.read_text()}", "")):
        with pytest.raises(psycopg.OperationalError, match=r"authentication failed|no password supplied"):
            psycopg.connect(wrong)
    assert values(url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert values(url, "SHOW unix_socket_directories") == [("",)]
    assert {row[0] for row in values(url, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")} == {"scram-sha-256"}


def test_stop_does_not_wait_for_clients(own_places):
    url = postgres.start(own_places, ports.any_free())
    with psycopg.connect(url, autocommit=True) as connection:

        def work() -> None:
            with pytest.raises(psycopg.Error):
                connection.execute("SELECT pg_sleep(600)")

        slow = threading.Thread(target=work)
        slow.start()
        postgres.stop(own_places)
        slow.join()
    assert not postgres.daemon(own_places).alive()


def test_log_holds_no_statements_and_values(own_places):
    url = postgres.start(own_places, ports.any_free())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (email text UNIQUE)")
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES (%s)", ["person@example.com"])
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 'person'::uuid")
    log = postgres.daemon(own_places).log.read_text()
    assert "ready to accept connections" in log
    assert "person" not in log


def test_data_of_another_version_is_replaced(own_places, capsys):
    url = postgres.start(own_places, ports.any_free())
    fill(url)
    postgres.stop(own_places)
    version = own_places.postgres / "data/PG_VERSION"
    version.write_text("9.6\n")
    again = postgres.start(own_places, ports.any_free())
    assert "The database is of PostgreSQL 9.6" in capsys.readouterr().out
    with pytest.raises(psycopg.errors.UndefinedTable):
        values(again, "SELECT * FROM kept")


def test_interrupted_first_start_is_repeated(own_places):
    (own_places.postgres / "draft/base").mkdir(parents=True)
    assert values(postgres.start(own_places, ports.any_free()), "SELECT 1") == [(1,)]


def test_failed_start_is_reported_with_the_log(own_places, monkeypatch):
    monkeypatch.setitem(postgres._SETTINGS, "shared_buffers", "nonsense")
    with pytest.raises(TroubleError, match=r"PostgreSQL did not start:[\s\S]*shared_buffers"):
        postgres.start(own_places, ports.any_free())
    assert not postgres.daemon(own_places).record.exists()


def test_missing_postgresql_names_the_package(own_places, monkeypatch):
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(TroubleError, match="install Debian's `postgresql`, or set LOCAL_DATABASE_URL"):
        postgres.start(own_places, ports.any_free())


def test_configured_database_replaces_the_local_one(own_places, monkeypatch, database_url):
    monkeypatch.setenv("LOCAL_DATABASE_URL", database_url)
    assert postgres.start(own_places, 1) == database_url
    assert not own_places.postgres.exists()
    postgres.stop(own_places)
    assert values(database_url, "SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    "url", ["localhost", "mysql://u@h/d", "postgresql://", "postgresql://u:hidden@h:port/d", "host=h"]
)
def test_invalid_database_url_is_a_usage_error(monkeypatch, url):
    monkeypatch.setenv("LOCAL_DATABASE_URL", url)
    with pytest.raises(UsageError, match="LOCAL_DATABASE_URL must be a URL such as postgresql://") as caught:
        postgres.configured()
    assert "hidden" not in str(caught.value)


def test_unreachable_configured_database_is_reported(own_places, monkeypatch):
    monkeypatch.setenv("LOCAL_DATABASE_URL", "postgresql://phenom:hidden@127.0.0.1:1/postgres")
    with pytest.raises(TroubleError, match="LOCAL_DATABASE_URL names does not answer") as caught:
        postgres.start(own_places, 1)
    assert "hidden" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("forbidden", ["setpriv", "unshare"])
def test_root_drops_privileges_by_either_program(own_places, monkeypatch, forbidden):
    works = unprivileged._works
    monkeypatch.setattr(
        unprivileged, "_works", lambda before, folder: forbidden not in before[0] and works(before, folder)
    )
    own_places.directory.chmod(0o700)
    url = postgres.start(own_places, ports.any_free())
    fill(url)
    postgres.stop(own_places)
    assert values(postgres.start(own_places, ports.any_free()), "SELECT a FROM kept") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_that_cannot_drop_privileges_gets_advice(own_places, monkeypatch):
    monkeypatch.setattr(unprivileged, "_works", lambda *_: False)
    with pytest.raises(TroubleError, match=r"does not run as root[\s\S]*LOCAL_DATABASE_URL"):
        postgres.start(own_places, ports.any_free())


def test_killed_server_leaves_no_processes(own_places):
    url = postgres.start(own_places, ports.any_free())
    with psycopg.connect(url, autocommit=True) as connection:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        os.kill(postgres.daemon(own_places).facts()["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{backend}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert postgres.daemon(own_places).was_killed()
    assert values(postgres.start(own_places, ports.any_free()), "SELECT 1") == [(1,)]
