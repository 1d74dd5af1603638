"""A minimal TLS server on loopback in place of Hasura, in a separate process.

`with tls_server() as server:` gives its port, the certificate to trust, and the number of handshakes.
"""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_server, socket
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO

import trustme

_ROOT = Path(__file__).parents[1]
_CONTENT = json.dumps({"data": {"insert_users_one": {"id": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}}).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_CONTENT) + _CONTENT


@dataclass(frozen=True, slots=True)
class TlsServer:
    """Listens on 127.0.0.1; `authority` is the file with the certificate to trust."""

    port: int
    authority: Path
    _reports: IO[str]
    _asks: IO[str]

    def handshakes(self) -> int:
        """Returns the number of handshakes since the start."""
        print(file=self._asks, flush=True)
        return int(self._reports.readline())


@contextmanager
def tls_server() -> Iterator[TlsServer]:
    with TemporaryDirectory() as scratch:
        directory = Path(scratch)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(directory / "authority.pem")
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(directory / "server.pem")
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.tls_server", str(directory / "server.pem")],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            yield TlsServer(port, directory / "authority.pem", process.stdout, process.stdin)
        finally:
            process.kill()
            process.communicate()


class _Counter:
    handshakes = 0


def _serve(plain: socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
        _Counter.handshakes += 1
        received = b""
        while True:
            head, found, rest = received.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0) if found else 0
            if found and len(rest) >= length:
                received = rest[length:]
                connection.sendall(_ANSWER)
            elif chunk := connection.recv(65536):
                received += chunk
            else:
                return


def _accept(listener: socket, context: ssl.SSLContext) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        Thread(target=_serve, args=(connection, context), daemon=True).start()


def main() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[1])
    listener = create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    Thread(target=_accept, args=(listener, context), daemon=True).start()
    for _ in sys.stdin:
        print(_Counter.handshakes, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
