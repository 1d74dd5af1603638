"""The function whoami of the functions image, in Node.js, with a stand-in of Hasura."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require

FUNCTION = Path(__file__).parents[2] / "images" / "functions" / "functions" / "whoami.js"
# Calls the function with one request and prints what Express would send.
PROGRAM = """
const { default: whoami } = await import(process.argv[1]);
const answer = { code: 200 };
const response = { status: (code) => ((answer.code = code), response), json: (body) => (answer.body = body) };
await whoami({ headers: JSON.parse(process.argv[2]) }, response);
console.log(JSON.stringify(answer));
"""
USER = {"id": "1", "email": "a@example.org", "display_name": "A", "created_at": "2026-01-01T00:00:00Z"}


class Hasura(BaseHTTPRequestHandler):
    """Answers every request with `server.answer` and keeps the request's header and body."""

    server: Any

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked = (self.headers["authorization"], body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hasura() -> Iterator[Any]:
    require(shutil.which("node"), "Node.js")
    server: Any = HTTPServer(("127.0.0.1", 0), Hasura)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def call(url: str, **headers: str) -> tuple[int, Any]:
    command = ["node", "--input-type=module", "--eval", PROGRAM, str(FUNCTION), json.dumps(headers)]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HASURA_GRAPHQL_GRAPHQL_URL": url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    return answer["code"], answer["body"]


def test_caller_gets_the_row_that_hasura_shows_to_the_token(hasura: Any):
    hasura.answer = {"data": {"users": [USER]}}
    assert call(f"http://127.0.0.1:{hasura.server_port}", authorization="Bearer token") == (200, USER)
    authorization, body = hasura.asked
    assert authorization == "Bearer token"
    assert "users" in body["query"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"data": {"users": []}}, (404, {"code": "not_found"})),
        ({"errors": [{"message": "…", "extensions": {"code": "invalid-jwt"}}]}, (401, {"code": "unauthorized"})),
        ({"errors": [{"message": "…", "extensions": {"code": "validation-failed"}}]}, (502, {"code": "unavailable"})),
    ],
)
def test_answers_of_hasura_become_status_codes(hasura: Any, answer: dict[str, Any], expected: tuple[int, Any]):
    hasura.answer = answer
    assert call(f"http://127.0.0.1:{hasura.server_port}", authorization="Bearer token") == expected


def test_request_without_token_is_unauthorized(hasura: Any):
    assert call("http://127.0.0.1:9/") == (401, {"code": "unauthorized"})


def test_hasura_that_is_down_is_unavailable(hasura: Any):
    assert call("http://127.0.0.1:9/", authorization="Bearer token") == (502, {"code": "unavailable"})
