"""The stand-in as a background program of the local cloud: start, stop, restart with another secret, failures."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import urllib3

from local import ports, postgres
from local.hasura import daemon, migrations
from local.paths import ROOT, CloudPaths
from local.progress import TroubleError

QUERY = {"query": "{users {id}}"}


@pytest.fixture
def cloud(own_places: CloudPaths) -> Iterator[CloudPaths]:
    yield own_places
    daemon.stop(own_places)


@pytest.fixture
def own_database(own_places: CloudPaths) -> str:
    url = postgres.start(own_places, ports.any_free())
    migrations.apply(url)
    return url


def ask(url: str, secret: str) -> dict:
    headers = {"x-hasura-admin-secret": secret}
    with urllib3.PoolManager(retries=False) as http:
        return http.request("POST", url, json=QUERY, headers=headers).json()


def test_restart_takes_another_secret_on_the_same_port(cloud, own_database):
    port = ports.any_free()
    url = daemon.start(cloud, port, own_database, "first secret", "")
    assert url == f"http://127.0.0.1:{port}/v1/graphql"
    assert ask(url, "first secret") == {"data": {"users": []}}
    assert daemon.start(cloud, port, own_database, "ignored", "") == url

    daemon.stop(cloud)
    assert not daemon.daemon(cloud).alive()
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask(url, "first secret")

    assert daemon.start(cloud, port, own_database, "second secret", "") == url
    assert ask(url, "first secret")["errors"][0]["extensions"]["code"] == "access-denied"
    assert ask(url, "second secret") == {"data": {"users": []}}
    log = daemon.daemon(cloud).log.read_text()
    assert "secret" not in log
    assert "Traceback" not in log


def test_database_outage_is_reported_and_ends(cloud, own_database):
    url = daemon.start(cloud, ports.any_free(), own_database, "secret", "")
    port = postgres.daemon(cloud).facts()["port"]
    postgres.stop(cloud)
    error = ask(url, "secret")["errors"][0]
    assert (error["message"], error["extensions"]["code"]) == ("connection error", "postgres-error")
    with urllib3.PoolManager(retries=False) as http:
        assert http.request("GET", url.replace("v1/graphql", "healthz")).status == 500
    postgres.start(cloud, port)
    assert ask(url, "secret") == {"data": {"users": []}}


def test_invalid_setting_stops_the_start_and_is_named(cloud, own_database):
    with pytest.raises(TroubleError, match="HASURA_GRAPHQL_JWT_SECRET must be a JSON object"):
        daemon.start(cloud, ports.any_free(), own_database, "secret", "hidden")
    assert not daemon.daemon(cloud).record.exists()
    assert "hidden" not in daemon.daemon(cloud).log.read_text()


def test_taken_port_is_named(cloud, own_database):
    taken = postgres.daemon(cloud).facts()["port"]
    with pytest.raises(TroubleError, match=f"Port {taken} is taken"):
        daemon.start(cloud, taken, own_database, "secret", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_stops_on_signal(own_database, number):
    environment = {"HASURA_GRAPHQL_DATABASE_URL": own_database, "HASURA_GRAPHQL_ADMIN_SECRET": "secret"}
    program = [sys.executable, "-m", "local.hasura", "--port", "0"]
    with subprocess.Popen(
        program, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert ask(url, "secret") == {"data": {"users": []}}
        process.send_signal(number)
        assert process.wait(30) == 0


def test_help_names_the_environment_variables():
    program = [sys.executable, "-m", "local.hasura", "--help"]
    text = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "HASURA_GRAPHQL_ADMIN_SECRET" in text
