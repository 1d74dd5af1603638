"""HTTP: POST /v1/graphql and GET /healthz."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.hasura.engine import Engine

LARGEST_BODY_BYTES = 1024 * 1024
IDLE_SECONDS = 75.0


class Server(ThreadingHTTPServer):
    """A thread for each connection, which is kept alive between requests."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], engine: Engine) -> None:
        self.engine = engine
        super().__init__(address, Handler)

    def stop(self) -> None:
        """For signal handlers: `shutdown` waits for `serve_forever`, which they interrupt."""
        threading.Thread(target=self.shutdown).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no trouble of ours, and a traceback may hold what it sent."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "stand-in", ""
    timeout = IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != "/healthz":
            self._refuse(HTTPStatus.NOT_FOUND, "not-found", "resource does not exist")
        elif self.server.engine.healthy():
            self._send(HTTPStatus.OK, b"OK", "text/plain; charset=utf-8")
        else:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"ERROR", "text/plain; charset=utf-8")

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.path != "/v1/graphql":
            self._refuse(HTTPStatus.NOT_FOUND, "not-found", "resource does not exist")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send_json(HTTPStatus.OK, self.server.engine.answer(body, headers))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """The engine logs what may be logged."""

    def _body(self) -> bytes | None:
        """None where it was refused; the connection is then of no more use."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.close_connection = True
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "bad-request", "Content-Length is missing")
            return None
        if int(length) > LARGEST_BODY_BYTES:
            self.close_connection = True
            largest = f"the body is larger than {LARGEST_BODY_BYTES} bytes"
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "bad-request", largest)
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        self._send_json(status, {"path": "$", "error": message, "code": code})

    def _send_json(self, status: HTTPStatus, content: Any) -> None:
        self._send(status, json.dumps(content).encode(), "application/json; charset=utf-8")

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
