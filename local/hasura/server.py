"""HTTP server of the stand-in: POST /v1/graphql and GET /healthz."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.hasura.engine import Engine

MAX_BODY_BYTES = 1024 * 1024
KEEP_ALIVE_SECONDS = 75.0


class Server(ThreadingHTTPServer):
    """Serves each connection in its own thread and keeps it open between requests."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], engine: Engine) -> None:
        self.engine = engine
        super().__init__(address, Handler)

    def stop(self) -> None:
        """Stops from a signal handler: `shutdown` would wait for `serve_forever`, which the handler interrupts."""
        threading.Thread(target=self.shutdown).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores disconnected clients; a traceback could log what they sent."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "stand-in", ""
    timeout = KEEP_ALIVE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != "/healthz":
            self._send(HTTPStatus.NOT_FOUND, {"code": "not-found"})
        else:
            healthy = self.server.engine.is_healthy()
            self._send(HTTPStatus.OK if healthy else HTTPStatus.INTERNAL_SERVER_ERROR, {"healthy": healthy})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= MAX_BODY_BYTES):
            self.close_connection = True  # the body, which is not read, follows
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"code": "bad-request"})
            return
        body = self.rfile.read(int(length))
        if self.path != "/v1/graphql":
            self._send(HTTPStatus.NOT_FOUND, {"code": "not-found"})
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(HTTPStatus.OK, self.server.engine.answer(body, headers))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Logs nothing: the engine logs each request without its content."""

    def _send(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
