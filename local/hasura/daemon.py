"""Starts and stops the Hasura stand-in of the local cloud."""

import os
import sys
import time
from http import HTTPStatus

import urllib3

from local import ports
from local.daemon import Daemon
from local.paths import CloudPaths
from local.progress import TroubleError, step, tail

START_TIMEOUT_SECONDS = 30


def daemon(paths: CloudPaths) -> Daemon:
    return Daemon(paths.record("hasura"), paths.log("hasura"))


def start(paths: CloudPaths, port: int, database_url: str, admin_secret: str, jwt_secret: str) -> str:
    """Returns the GraphQL URL. Starts the stand-in unless it runs, and waits until it and its database answer.

    `jwt_secret` is the JSON of HASURA_GRAPHQL_JWT_SECRET; when it is empty, only the admin secret is accepted. A
    running stand-in keeps its settings: stop it first to change them. Raises TroubleError.
    """
    own = daemon(paths)
    if not own.alive():
        if not ports.is_free(port):
            raise TroubleError(f"Port {port} is taken by {ports.holder(port)}: the GraphQL endpoint needs it.")
        with step(f"Starting the stand-in for Hasura on {ports.LOOPBACK}:{port}"):
            own.start(
                [sys.executable, "-m", "local.hasura", "--port", str(port)],
                _environment(database_url, admin_secret, jwt_secret),
                port=port,
            )
            _wait_until_healthy(own, port)
    return _url(own.facts()["port"], "/v1/graphql")


def stop(paths: CloudPaths) -> None:
    daemon(paths).stop()


def _environment(database_url: str, admin_secret: str, jwt_secret: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "PYTHONSAFEPATH": "1",
        "HASURA_GRAPHQL_DATABASE_URL": database_url,
        "HASURA_GRAPHQL_ADMIN_SECRET": admin_secret,
        "HASURA_GRAPHQL_JWT_SECRET": jwt_secret,
    }


def _url(port: int, path: str) -> str:
    return f"http://{ports.LOOPBACK}:{port}{path}"


def _wait_until_healthy(own: Daemon, port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not _is_healthy(port):
        if not own.alive() or time.monotonic() > deadline:
            own.stop()
            raise TroubleError(f"The stand-in for Hasura did not start:\n{tail(own.log)}")
        time.sleep(0.05)


def _is_healthy(port: int) -> bool:
    try:
        answer = urllib3.request("GET", _url(port, "/healthz"), timeout=10, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == HTTPStatus.OK
