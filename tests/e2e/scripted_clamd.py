"""A clamd of the tests' own, which does something of the test's choosing while it scans."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def scripted_clamd(on_scan: Callable[[], bytes]) -> Iterator[int]:
    """Listens on loopback, yields its port; answers each INSTREAM with what `on_scan` returns."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            command = b""
            while not command.endswith((b"\0", b"\n")):
                command += (part := self.rfile.read(1))
                if not part:
                    return
            if b"INSTREAM" not in command:
                self.wfile.write(b"ClamAV 1.0.0/1/Mon Jan  1 00:00:00 2024" + command[-1:])
                return
            while size := struct.unpack(">I", self.rfile.read(4))[0]:
                self.rfile.read(size)
            self.wfile.write(on_scan() + b"\0")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
