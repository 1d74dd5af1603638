"""TLS servers on loopback, with and without a demand for client certificates."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

import trustme

HOST = "chat.acme.org"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass(frozen=True)
class Authority:
    """Issues the certificates of the servers; clients of the test trust it."""

    ca: trustme.CA

    def client_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context

    def server_context(self, bundle: Path | None, host: str = HOST) -> ssl.SSLContext:
        """Demands a client certificate of the bundle, as the load balancer does; without a bundle, none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(host).configure_cert(context)
        if bundle is not None:
            context.load_verify_locations(bundle)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@contextmanager
def tls_server(context: ssl.SSLContext, answer: bytes = ANSWER) -> Iterator[int]:
    """Yields the port. An empty answer closes the connection after the request."""
    listener = create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            with suppress(OSError, ssl.SSLError):
                connection, _ = listener.accept()
                connection.settimeout(2)
                with connection, context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(4096)
                    tls.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        thread.join()
        listener.close()
