"""A migrated PostgreSQL of the tests, in RDS's version where it is installed, and the stand-in that serves it."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import urllib3

from local import ports, postgres
from local.hasura import migrations
from local.hasura.engine import Engine
from local.hasura.server import Server
from local.hasura.settings import Settings, parse_jwt_settings
from local.paths import ROOT, CloudPaths
from tests.conftest import require
from tests.infra import postgresql as rds
from tests.pool_tokens import Pool, hasura_claims, payload

SECRET = "the admin secret"
INSERT = """
mutation SyncUser($user: users_insert_input!, $on_conflict: users_on_conflict!) {
  insert_users_one(object: $user, on_conflict: $on_conflict) { id }
}
"""


@pytest.fixture(scope="session")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudPaths]:
    """Paths of a local cloud in which only PostgreSQL runs."""
    require(postgres.programs(), "PostgreSQL, from Debian's postgresql")
    paths = CloudPaths(tmp_path_factory.mktemp("postgres"))
    paths.create()
    yield paths
    postgres.stop(paths)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """PostgreSQL 17, whose user is no superuser, as on RDS; otherwise the version of the local cloud."""
    programs = rds.find_programs()
    if programs is None:
        paths: CloudPaths = request.getfixturevalue("paths")
        with pytest.MonkeyPatch.context() as patch:
            # The tests delete rows, so they must not use the developer's database.
            patch.delenv(postgres.DATABASE_URL, raising=False)
            yield postgres.start(paths, ports.any_free())
        return
    with rds.running_server(programs, tmp_path_factory.mktemp("rds")) as server:
        server.run("CREATE DATABASE phenom", database="postgres")
        yield f"postgresql://{rds.MASTER}:{quote(rds.MASTER_PASSWORD)}@127.0.0.1:{server.port}/phenom"


@pytest.fixture(scope="session")
def migrated(database_url: str) -> str:
    migrations.apply(database_url)
    return database_url


@pytest.fixture
def database(migrated: str) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode to the empty database."""
    with psycopg.connect(migrated, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("TRUNCATE public.users")
        yield connection


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    pool = Pool()
    pool.start()
    yield pool
    pool.stop()


@dataclass(slots=True)
class Hasura:
    """A client of the stand-in."""

    url: str
    pool: Pool
    http: urllib3.PoolManager

    def post(self, body: bytes, headers: dict[str, str]) -> Any:
        answer = self.http.request("POST", self.url, body=body, headers=headers, retries=False)
        assert answer.status == 200
        return answer.json()

    def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """Sends a query as admin, or with the given headers (underscores for dashes)."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} or {"x-hasura-admin-secret": SECRET}
        return self.post(json.dumps({"query": query, "variables": variables or {}}).encode(), sent)

    def data(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        answer = self.ask(query, variables, **headers)
        assert answer.keys() == {"data"}, answer
        return answer["data"]

    def error(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> tuple[str, str]:
        """Returns code and message of an answer that must be an error in Hasura's form."""
        answer = self.ask(query, variables, **headers)
        assert answer.keys() == {"errors"}, answer
        (error,) = answer["errors"]
        assert error.keys() == {"message", "extensions"}
        assert error["extensions"].keys() == {"path", "code"}
        return error["extensions"]["code"], error["message"]

    def as_user(self, user_id: str | None, **claims: Any) -> dict[str, str]:
        """Returns the headers of a signed-in user."""
        token = self.pool.token(payload(hasura_claims(user_id=user_id, **claims)))
        return {"authorization": f"Bearer {token}"}

    def sync(self, user: dict[str, Any], columns: list[str] | None = None) -> Any:
        """Sends the mutation of user_sync and returns the whole answer."""
        changed = [name for name in user if name != "id"] if columns is None else columns
        guard = {"synced_at": {"_lt": user["synced_at"]}}
        conflict = {"constraint": "users_pkey", "update_columns": changed, "where": guard}
        return self.ask(INSERT, {"user": user, "on_conflict": conflict})


@pytest.fixture(scope="session")
def engine(migrated: str, pool: Pool) -> Iterator[Engine]:
    engine = Engine(Settings(migrated, SECRET, parse_jwt_settings(pool.settings())), ROOT / "hasura")
    engine.open()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def server(engine: Engine) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), engine)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hasura(server: Server, pool: Pool, database: psycopg.Connection) -> Iterator[Hasura]:
    with urllib3.PoolManager(maxsize=16) as http:
        yield Hasura(f"http://127.0.0.1:{server.server_port}/v1/graphql", pool, http)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudPaths]:
    """Paths of a local cloud whose PostgreSQL one test starts and breaks."""
    require(postgres.programs(), "PostgreSQL, from Debian's postgresql")
    monkeypatch.delenv(postgres.DATABASE_URL, raising=False)
    paths = CloudPaths(tmp_path / "cloud")
    paths.create()
    yield paths
    postgres.stop(paths)
