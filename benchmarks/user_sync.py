"""Time to write a user, compared with a minimal POST over TLS on loopback and with another HTTP client."""

import http.client
import io
import json
import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from statistics import median
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import Figure, Target, ratio
from benchmarks.tls_server import TlsServer, tls_server
from phenom import event_cases
from testkit.lambda_context import FakeContext
from testkit.wiring import CREDENTIALS, USER_SYNC

ROUNDS, QUICK_ROUNDS = 15, 2
CALLS, QUICK_CALLS = 300, 30
_SECONDS = 30.0

type Call = Callable[[], object]


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    rounds, calls = (QUICK_ROUNDS, QUICK_CALLS) if quick else (ROUNDS, CALLS)
    say(f"    {rounds} rounds of {calls} calls")
    with tls_server() as server, _environment(server):
        ways: dict[str, Call] = {"floor": _keep_alive(server), "urllib3": _urllib3(server), **_ours(server)}
        for call in ways.values():
            call()
        before = server.handshakes()
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, call in ways.items():
                times[name].append(median(_microseconds(call) for _ in range(calls)))
        more = server.handshakes() - before
    detail = f"{more} handshakes in {rounds * calls * len(ways):,} calls, after the first one of each client"
    return [
        ratio("user_sync: writing a user, p50 ÷ http.client keep-alive POST", times["upsert"], times["floor"],
              Target(1.5), unit="µs", note="over TLS on loopback"),
        Figure("user_sync: handshakes after the first, in one warm environment", more, "", Target(0), detail=detail),
        ratio("user_sync: the whole call, log line and time limit included, p50 ÷ the same POST", times["function"],
              times["floor"], unit="µs"),
        ratio("for comparison: urllib3's pool, p50 ÷ the same POST", times["urllib3"], times["floor"], unit="µs"),
    ]  # fmt: skip


@contextmanager
def _environment(server: TlsServer) -> Iterator[None]:
    """Sets the handler's environment; OpenSSL reads the authority from it."""
    before = dict(os.environ)
    os.environ.update({**CREDENTIALS, **USER_SYNC, "POWERTOOLS_LOG_LEVEL": "INFO"})
    os.environ["SSL_CERT_FILE"] = str(server.authority)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _ours(server: TlsServer) -> dict[str, Call]:
    with redirect_stdout(io.StringIO()):  # discards log lines
        from user_sync import credentials, handler  # noqa: PLC0415 - it reads the environment

    assert handler._wiring is not None
    hasura: Any = handler._wiring.sync.users
    secret = {"hasuraEndpoint": f"https://127.0.0.1:{server.port}/v1/graphql", "hasuraAdminSecret": "any"}
    answer = {"SecretString": json.dumps(secret)}
    hasura._credentials = credentials.SecretCredentials(SimpleNamespace(get_secret_value=lambda **_: answer), "any")
    event, content = _event(), _content()
    return {
        "upsert": lambda: hasura.upsert(content, time.monotonic() + _SECONDS),
        "function": lambda: handler.handler(event, FakeContext()),
    }


def _content() -> dict[str, Any]:
    """Returns the GraphQL variables for the event's user."""
    from user_sync import cognito_event, users  # noqa: PLC0415

    return users.upsert_variables(cognito_event.parse_trigger_event(_event(), datetime.now(UTC)), {})


def _event() -> dict[str, Any]:
    return event_cases.load("user_sync", "post_authentication")[0]


def _body() -> bytes:
    from user_sync.users import UPSERT  # noqa: PLC0415

    return json.dumps({"query": UPSERT, "variables": _content()}).encode()


_HEADERS = {"Content-Type": "application/json", "x-hasura-admin-secret": "any"}


def _keep_alive(server: TlsServer) -> Call:
    """Returns the floor: the same bytes over one connection, the answer parsed as JSON."""
    context = ssl.create_default_context(cafile=str(server.authority))
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=_SECONDS, context=context)
    body = _body()

    def call() -> object:
        connection.request("POST", "/v1/graphql", body, _HEADERS)
        return json.loads(connection.getresponse().read())

    return call


def _urllib3(server: TlsServer) -> Call:
    import urllib3  # noqa: PLC0415

    pool = urllib3.PoolManager(ca_certs=str(server.authority))
    body, url = _body(), f"https://127.0.0.1:{server.port}/v1/graphql"
    return lambda: json.loads(pool.request("POST", url, body=body, headers=_HEADERS).data)


def _microseconds(call: Call) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e6
