"""Requirements of SnapStart (docs/adr/0011-versions.md): nothing unique, time-bound or secret is made at import.

Forks stand in for restored snapshots: every child starts with the parent's memory and random state.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from phenom import event_cases
from testkit.lambda_context import FakeContext
from testkit.wiring import PRESIGN, import_fresh

HOURS = timedelta(hours=6)


def call(presign: ModuleType, case: str = "generate_url_ok") -> dict[str, Any]:
    event, _ = event_cases.load("presign", case)
    answer = presign.handler(event, FakeContext())
    assert answer["statusCode"] == 200, answer
    return dict(json.loads(answer["body"]))


def call_restored(presign: ModuleType, case: str) -> dict[str, Any]:
    """Returns the answer of a forked child process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(call(presign, case)).encode())
        finally:
            os._exit(0)  # skips pytest's clean-up
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return dict(json.loads(pipe.read()))


@pytest.mark.parametrize("case", ["generate_url_ok", "multipart_ok"])
def test_restored_environments_issue_different_upload_ids(presign, table, secret, staging, case: str):
    ids = [call_restored(presign, case)["uploadId"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_expiry_counts_from_the_call_not_from_the_import(presign, table, secret):
    """An import time would expire URLs of restored snapshots too early."""
    before = datetime.now(UTC) + timedelta(seconds=int(PRESIGN["URL_TTL_SECONDS"]) - 1)
    time.sleep(0.01)
    expires = datetime.fromisoformat(call(presign)["expiresAt"])
    assert before <= expires


class Credentials(HTTPServer):
    """Serves numbered credentials, as Lambda does for a restored function instead of environment variables."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.given, self.tokens, self.valid_for = 0, [], timedelta(minutes=1)


class _Answer(BaseHTTPRequestHandler):
    server: Credentials

    def do_GET(self) -> None:
        self.server.given += 1
        self.server.tokens.append(self.headers["Authorization"])
        expires = datetime.now(UTC) + self.server.valid_for
        body = {"AccessKeyId": f"ASIA{self.server.given}", "SecretAccessKey": "testing", "Token": "testing"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body | {"Expiration": f"{expires:%Y-%m-%dT%H:%M:%SZ}"}).encode())

    def log_message(self, *_: Any) -> None:
        """Logs nothing."""


@contextmanager
def serving() -> Iterator[Credentials]:
    with Credentials() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def test_url_is_signed_with_the_credentials_of_the_call(aws, table, secret, monkeypatch):
    """Credentials and token from the import have expired when a snapshot is restored."""
    with serving() as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/credentials")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "import")
        presign = import_fresh(
            monkeypatch, "presign.handler", {**PRESIGN, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        )
        at_import = server.given
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "restore")
        server.valid_for = HOURS
        url = call(presign)["uploadUrl"]
        assert server.tokens[at_import:] == ["restore"]
    (credential,) = parse_qs(urlsplit(url).query)["X-Amz-Credential"]
    assert credential.startswith(f"ASIA{at_import + 1}/")
