"""The stand-in for Hasura as part of the local cloud."""

import os
import sys
import time
from http import HTTPStatus

import urllib3

from local import ports
from local.daemon import Daemon
from local.paths import ROOT, Places
from local.progress import TroubleError, step, tail

READY_SECONDS = 30


def daemon(places: Places) -> Daemon:
    return Daemon(places.record("hasura"), places.log("hasura"))


def start(places: Places, port: int, database_url: str, admin_secret: str, jwt_secret: str) -> str:
    """Starts it, unless it runs, and waits until it and its database answer; returns the GraphQL URL.

    `jwt_secret` is the JSON of HASURA_GRAPHQL_JWT_SECRET, or empty: then the admin secret alone opens. One that runs
    keeps what it was started with: stop it first, to start it with another secret. Raises TroubleError.
    """
    own = daemon(places)
    if not own.alive():
        if not ports.is_free(port):
            raise TroubleError(f"Port {port} is taken by {ports.holder(port)}: the GraphQL endpoint needs it.")
        with step(f"Starting the stand-in for Hasura on {ports.LOOPBACK}:{port}"):
            own.start(
                [sys.executable, "-m", "local.hasura", "--port", str(port)],
                _environment(database_url, admin_secret, jwt_secret),
                port=port,
            )
            _wait(own, port)
    return _url(own.facts()["port"], "/v1/graphql")


def stop(places: Places) -> None:
    daemon(places).stop()


def _environment(database_url: str, admin_secret: str, jwt_secret: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        "HASURA_GRAPHQL_DATABASE_URL": database_url,
        "HASURA_GRAPHQL_ADMIN_SECRET": admin_secret,
        "HASURA_GRAPHQL_JWT_SECRET": jwt_secret,
    }


def _url(port: int, path: str) -> str:
    return f"http://{ports.LOOPBACK}:{port}{path}"


def _wait(own: Daemon, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _healthy(port):
        if not own.alive() or time.monotonic() > deadline:
            own.stop()
            raise TroubleError(f"The stand-in for Hasura did not start:\n{tail(own.log)}")
        time.sleep(0.05)


def _healthy(port: int) -> bool:
    try:
        answer = urllib3.request("GET", _url(port, "/healthz"), timeout=10, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == HTTPStatus.OK
