"""A bad network: an HTTP proxy on loopback that throttles, cuts connections and counts requests."""

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

CHUNK = 64 * 1024
LONGEST_HEAD = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST, like a lost connection


@dataclass
class Network:
    """Accepts requests in absolute form, one per connection. `bytes_per_second` limits uploads."""

    bytes_per_second: float = float("inf")
    sent: Counter[str] = field(default_factory=Counter)
    """Counts successful requests by `METHOD path` and, for a part, `?partNumber`."""
    cuts: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _waiting: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _down: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()
        self._reset()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Resets open connections and refuses new ones while the context is open."""
        self.cuts += 1
        self._down.set()
        self._reset()
        try:
            yield
        finally:
            self._down.clear()

    def parts(self) -> dict[int, int]:
        """Returns how often S3 accepted each part."""
        numbers = {key: count for key, count in self.sent.items() if "?partNumber=" in key}
        return {int(key.rpartition("=")[2]): count for key, count in sorted(numbers.items())}

    def busy(self) -> bool:
        """Returns True while a request or response is in progress."""
        with self._lock:
            return len(self._open) > self._waiting

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with contextlib.suppress(OSError), self._watched(browser):
            if self._down.is_set():
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return
            with self._idle():
                head, rest = _head(browser)
            if not head:
                return
            method, url, lines = _request(head)
            server = socket.create_connection((url.hostname or "", url.port or 80), timeout=120)
            with self._watched(server):
                target = url.path + (f"?{url.query}" if url.query else "")
                server.sendall(
                    "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "Connection: close", "", ""]).encode()
                )
                threading.Thread(target=self._up, args=(browser, server, rest), daemon=True).start()
                status = self._back(server, browser)
                if 200 <= status < 300:
                    self._count(method, url.path, url.query)

    def _up(self, browser: socket.socket, server: socket.socket, rest: bytes) -> None:
        """Forwards the request until the browser closes, also early when it aborts."""
        with contextlib.suppress(OSError):
            while rest or (rest := browser.recv(CHUNK)):
                server.sendall(rest)
                if self.bytes_per_second != float("inf"):
                    time.sleep(len(rest) / self.bytes_per_second)
                rest = b""
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _back(self, server: socket.socket, browser: socket.socket) -> int:
        """Forwards the response and returns its status."""
        status = 0
        while chunk := server.recv(CHUNK):
            if not status:
                status = int(chunk.split(b" ", 2)[1])
            browser.sendall(chunk)
        return status

    def _count(self, method: str, path: str, query: str) -> None:
        part = parse_qs(query).get("partNumber")
        with self._lock:
            self.sent[f"{method} {path}" + (f"?partNumber={part[0]}" if part else "")] += 1

    @contextmanager
    def _watched(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    @contextmanager
    def _idle(self) -> Iterator[None]:
        """Returns True for a connection that the browser opened in advance and has not used yet."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def _reset(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.shutdown(socket.SHUT_RDWR)


def _head(browser: socket.socket) -> tuple[bytes, bytes]:
    """Reads the head of a request and the part of the body that came with it."""
    received = b""
    while b"\r\n\r\n" not in received and len(received) < LONGEST_HEAD:
        chunk = browser.recv(CHUNK)
        if not chunk:
            return b"", b""
        received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _request(head: bytes):
    first, *lines = head.decode("latin-1").split("\r\n")
    method, url, _ = first.split(" ")
    kept = [line for line in lines if not line.lower().startswith(("connection:", "proxy-connection:"))]
    return method, urlsplit(url), kept
