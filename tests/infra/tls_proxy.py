"""TLS reverse proxies for tests: the edge in front of chat, and Cognito's host name in front of the local pool."""

import contextlib
import http.client
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class TlsProxy:
    """Forwards requests, path unchanged, to a port on loopback.

    `redirect` returns the address to which a path is sent instead, or None. `headers` makes the headers to set from the
    address of the client. In answers, `rename` replaces the first text by the second.
    """

    port: int
    redirect: Callable[[str], str | None] = lambda _: None
    headers: Callable[[str], dict[str, str]] = lambda _: {}
    append_forwarded: bool = False
    rename: tuple[str, str] = ("", "")

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.raw_requestline.split()[1].decode("ascii")  # http.server changes request.path
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        elsewhere = self.redirect(path)
        if elsewhere:
            _send(request, 302, [("Location", elsewhere)], b"")
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(request.command, path, skip_host=True, skip_accept_encoding=True)
        for name, value in self._headers(request):
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        with contextlib.closing(connection):
            response = connection.getresponse()
            body = response.read()
            if self.rename[0]:
                body = body.replace(*(text.encode() for text in self.rename))
            _send(request, response.status, response.getheaders(), body)

    def _headers(self, request: BaseHTTPRequestHandler) -> list[tuple[str, str]]:
        client = request.client_address[0]
        own = self.headers(client)
        replaced = {name.lower() for name in own} | HOP_BY_HOP
        kept = [(name, value) for name, value in request.headers.items() if name.lower() not in replaced]
        if self.append_forwarded:
            forwarded = [value for name, value in kept if name.lower() == "x-forwarded-for"]
            kept = [(name, value) for name, value in kept if name.lower() != "x-forwarded-for"]
            kept.append(("X-Forwarded-For", ", ".join([*forwarded, client])))
        return [*kept, *own.items()]


def _send(request: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    request.send_response_only(status)
    for name, value in headers:
        if name.lower() not in HOP_BY_HOP:
            request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


@contextmanager
def running_proxy(proxy: TlsProxy, certificate: trustme.LeafCert) -> Iterator[int]:
    """Serves on a free port, which is the value."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return lambda: proxy.answer(self)
            raise AttributeError(name)

        def log_message(self, *arguments: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with _running(Handler, context) as port:
        yield port


@dataclass
class ConnectProxy:
    """An HTTP proxy that connects every CONNECT to one port on loopback, and records the names."""

    target: int
    names: set[str] = field(default_factory=set)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.names.add(request.path)
        request.send_response_only(200)
        request.end_headers()
        with socket.create_connection(("127.0.0.1", self.target)) as target:
            back = threading.Thread(target=_copy, args=(target, request.connection), daemon=True)
            back.start()
            _copy(request.connection, target)
            back.join()
        request.close_connection = True


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def running_connect_proxy(proxy: ConnectProxy) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            proxy.answer(self)

        def log_message(self, *arguments: Any) -> None:
            pass

    with _running(Handler, None) as port:
        yield port


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints nothing for clients that disconnect."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None) -> Iterator[int]:
    server = _QuietServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
