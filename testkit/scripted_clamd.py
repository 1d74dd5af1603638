"""A clamd stand-in on loopback whose sessions follow a script."""

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

VERSION = b"ClamAV 1.4.3/27800/Mon Nov 23 09:00:00 2026"
LIMITS_EXCEEDED = b"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() reset the connection

type Script = Callable[["Session"], None]


@dataclass(slots=True)
class Session:
    """The server side of a connection that started with INSTREAM."""

    connection: socket.socket
    stop: threading.Event

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.connection.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def chunk(self) -> bytes:
        """Returns the next chunk, empty at the end of the stream."""
        return self.exactly(struct.unpack(">I", self.exactly(4))[0])

    def all(self) -> bytes:
        return b"".join(iter(self.chunk, b""))

    def say(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.sendall(part)

    def reset(self) -> None:
        """Resets the connection, like a host that restarted."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()


@dataclass(slots=True)
class ScriptedClamd:
    """`commands` holds all received commands, `unfinished` the errors that ended sessions before their script."""

    port: int
    stop: threading.Event = field(default_factory=threading.Event)
    commands: list[bytes] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


@contextmanager
def clamd_that(script: Script, version: bytes = VERSION) -> Iterator[ScriptedClamd]:
    """Runs a server whose INSTREAM sessions follow the script. VERSION always gets an answer."""

    def talk(connection: socket.socket) -> None:
        command = b""
        while not command.endswith((b"\0", b"\n")):
            part = connection.recv(1)
            if not part:
                return  # pyclamd opens a connection only to test it
            command += part
        clamd.commands.append(command.strip(b"zn\0\n"))
        if b"VERSION" in command:
            connection.sendall(version + command[-1:])
            return
        try:
            script(Session(connection, clamd.stop))
        except (EOFError, OSError) as error:
            clamd.unfinished.append(type(error).__name__)

    clamd = ScriptedClamd(0)
    with server_that(talk) as clamd.port:
        yield clamd
        clamd.stop.set()


@contextmanager
def server_that(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Runs a TCP server that passes each connection to `talk`."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            talk(self.request)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
