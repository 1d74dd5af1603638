"""Client of ClamAV's daemon clamd. A file is clean only if clamd says OK to the whole stream.

pyclamd checks that the server is clamd. The stream is sent here, because pyclamd treats a missing reply as clean, sends
4 KB at a time and reports clamd's size limit as a broken pipe (docs/adr/0005-clamd.md). Protocol: clamd(8), INSTREAM.
"""

import io
import re
import select
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from uploads.reasons import Reason
from validator.ports import Infection, ScannerError

CONNECT_SECONDS = 3.0
SEND_SECONDS = 30.0
REPLY_SECONDS = 150.0  # clamd's own MaxScanTime is 120 s
MAX_REPLY_BYTES = 4096
MAX_CHUNK_BYTES = 2**32 - 1
PROBE_DEPTH = 60  # clamd's own MaxRecursion is 17

_TOO_SLOW = "Heuristics.Limits.Exceeded.MaxScanTime"
_NO_FINDING = "(null)"
# Broken.Media and PUA, which have to be turned on (AlertBrokenMedia, DetectPUA), are not malware. Nor are they "clean":
# clamd 1.4 reports them also for a file that it did not scan to the end, because of MaxScanTime or
# HeuristicScanPrecedence.
_UNSCANNABLE_FINDINGS = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted", "Heuristics.Broken.Media", "PUA.")
MAX_SIGNATURE_CHARACTERS = 200
_TOO_LARGE = "INSTREAM size limit exceeded"


class ClamAv:
    """A clamd at `host`:`port`, or at a Unix socket if `host` is a path.

    With `largest`, the first scan checks clamd's configuration: it must accept streams of that many bytes, and must
    report files that it did not scan completely because of its limits. Otherwise no file is scanned.
    """

    def __init__(self, host: str, port: int, largest: int | None = None) -> None:
        self._address = (host, port)
        self._largest = largest
        self._version: str | None = None

    def scan(self, chunks: Iterable[bytes]) -> Infection | None:
        """Streams `chunks` to clamd. Returns its finding, None if it says OK. Raises ScannerError."""
        if self._version is None:
            self._check_limits()
            self._version = self.version()
        return self._scan(chunks)

    def _scan(self, chunks: Iterable[bytes]) -> Infection | None:
        try:
            with closing(_connect(self._address)) as connection:
                connection.settimeout(SEND_SECONDS)
                complete = _send(connection, chunks)
                connection.settimeout(REPLY_SECONDS)
                infection = parse_reply(_receive(connection))
        except OSError as error:
            raise ScannerError(f"clamd: {type(error).__name__}: {error}") from error
        if infection is None and not complete:
            raise ScannerError("clamd: OK before the end of the file")
        return infection

    def _check_limits(self) -> None:
        if self._largest is None:
            return
        self._check_stream_limit(self._largest)
        finding = self._scan([_nested_archive()])
        if finding is None or finding.reason is not Reason.UNSCANNABLE:
            raise ScannerError(f"clamd: AlertExceedsMax must be yes, and MaxRecursion below {PROBE_DEPTH}")

    def _check_stream_limit(self, largest: int) -> None:
        """Announces a chunk of the largest size and closes: clamd reports a size over its limit before it reads."""
        try:
            with closing(_connect(self._address)) as connection:
                connection.sendall(b"zINSTREAM\0" + struct.pack(">I", min(largest, MAX_CHUNK_BYTES)))
                connection.shutdown(socket.SHUT_WR)
                error_reply = connection.recv(MAX_REPLY_BYTES)
        except OSError as error:
            raise ScannerError(f"clamd: {type(error).__name__}: {error}") from error
        if error_reply:
            raise ScannerError(f"clamd: StreamMaxLength must be at least {largest} bytes: {error_reply[:200]!r}")

    def version(self) -> str:
        """Returns engine and signature database, such as "ClamAV 1.4.3/27800/…". Raises ScannerError."""
        try:
            with _pyclamd_client(self._address) as clamd:
                version = clamd.version()
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ScannerError(f"clamd: {type(error).__name__}") from error
        if not str(version).startswith("ClamAV "):
            raise ScannerError("clamd: no answer to VERSION")
        return str(version)


def _nested_archive() -> bytes:
    """Returns an archive nested deeper than clamd unpacks, to test that it reports exceeded limits."""
    import zipfile  # noqa: PLC0415 - 8 ms that a function without a scanner need not spend

    content = b"bottom"
    for _ in range(PROBE_DEPTH):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
            writer.writestr(zipfile.ZipInfo("nested"), content)
        content = archive.getvalue()
    return content


def _connect(address: tuple[str, int]) -> socket.socket:
    host, _ = address
    if not host.startswith("/"):
        return socket.create_connection(address, CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(host)
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def _pyclamd_client(address: tuple[str, int]) -> Iterator[Any]:
    """Yields pyclamd's client and closes its socket, which pyclamd leaves open after an error."""
    import pyclamd  # noqa: PLC0415 - 13 ms that a function without a scanner need not spend

    class Clamd(pyclamd.ClamdNetworkSocket):  # type: ignore[misc]
        def _init_socket(self) -> None:
            self.clamd_socket = _connect(address)

    clamd = Clamd(*address, timeout=CONNECT_SECONDS)
    try:
        yield clamd
    finally:
        clamd.clamd_socket.close()


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> bool:
    """Returns True if the whole stream was sent, False if clamd answered or closed before its end."""
    connection.sendall(b"zINSTREAM\0")
    for chunk in chunks:
        if select.select([connection], [], [], 0)[0]:
            return False
        if chunk and not _send_counted(connection, chunk):
            return False
    return _send_counted(connection, b"")


def _send_counted(connection: socket.socket, chunk: bytes) -> bool:
    """Sends a chunk and its length. Returns False if clamd has closed: its reply decides, no reply is an error."""
    try:
        connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _receive(connection: socket.socket) -> bytes:
    reply = b""
    while not reply.endswith(b"\0"):
        part = connection.recv(MAX_REPLY_BYTES)
        reply += part
        if not part or len(reply) > MAX_REPLY_BYTES:
            raise ScannerError("clamd: the reply was cut off")
    return reply


def parse_reply(reply: bytes) -> Infection | None:
    """Returns None for OK and the finding for FOUND. Raises ScannerError for ERROR and everything else.

    A scan that took too long is no finding: it depends on what else clamd had to do, so it is repeated.
    """
    text = reply.removesuffix(b"\0").decode(errors="replace")
    if text == "stream: OK":
        return None
    if text.startswith(_TOO_LARGE):
        return Infection(Reason.UNSCANNABLE, "The file is larger than the virus scanner takes.")
    finding = text.removeprefix("stream: ").removesuffix(" FOUND")
    if len(finding) != len(text) - len("stream: ") - len(" FOUND"):
        raise ScannerError(f"clamd: {text[:200]!r}")
    if finding.startswith((_TOO_SLOW, _NO_FINDING)):
        raise ScannerError(f"clamd: {text[:200]!r}")
    signature = _printable(finding)
    if finding.startswith(_UNSCANNABLE_FINDINGS):
        return Infection(Reason.UNSCANNABLE, "The virus scanner cannot look into this file.", signature)
    return Infection(Reason.INFECTED, "The virus scanner found malware in the file.", signature)


def _printable(finding: str) -> str:
    """Returns the name with "?" for everything but printable ASCII: it goes into logs, the ledger and terminals."""
    return re.sub(r"[^ -~]", "?", finding[:MAX_SIGNATURE_CHARACTERS])
