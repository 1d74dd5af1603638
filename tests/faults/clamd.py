"""A clamd in memory behind the validator's socket code, with the faults of a real one."""

import random
import struct
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from testkit.scripted_clamd import LIMITS_EXCEEDED
from tests.faults.files import MALWARE, NEW_MALWARE
from tests.faults.programs import Program

VERSION = b"ClamAV 1.4.3/27800/Mon Nov 23 09:00:00 2026\n"
OVERLOADED = b"stream: Can't allocate memory ERROR\0"


class Clamd:
    """Finds MALWARE, and after an update of its signatures (`knows_more`) also NEW_MALWARE."""

    def __init__(self, chance: random.Random) -> None:
        self.knows_more = False
        self.chance = chance

    def judge(self, stream: bytes) -> bytes:
        if stream.startswith(b"PK"):  # the probe of the limits
            return LIMITS_EXCEEDED
        if MALWARE in stream or (self.knows_more and NEW_MALWARE in stream):
            return b"stream: Test.Malware FOUND\0"
        if stream.startswith(b"PK"):  # the archive that tests whether limits are reported
            return b"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0"
        return b"stream: OK\0"


class Connection:
    """A connection of a program to clamd, with the errors of a socket."""

    def __init__(self, clamd: Clamd, program: Program) -> None:
        self._clamd, self._program = clamd, program
        self._sent = b""
        self._reply: bytes | None = None
        try:
            program.call("connect", lambda: None)
        except (BotoCoreError, ClientError):
            raise ConnectionRefusedError from None

    def sendall(self, data: bytes) -> None:
        self._sent += data

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def recv(self, _size: int) -> bytes:
        if self._sent == b"nVERSION\n":
            return VERSION
        if self._reply is None:
            self._reply = self._answer()
        reply, self._reply = self._reply, b""
        return reply

    def settimeout(self, seconds: float) -> None:
        """Does nothing: the program's plan decides about timeouts."""

    def shutdown(self, how: int) -> None:
        """Does nothing: all data was taken already."""

    def close(self) -> None:
        """Does nothing: there is no resource to release."""

    def _answer(self) -> bytes:
        stream = self._stream()
        if stream is None:
            return b""
        try:
            reply: bytes = self._program.call("scan", lambda: self._clamd.judge(stream))
        except ReadTimeoutError:
            raise TimeoutError from None
        except BotoCoreError:
            raise ConnectionResetError from None
        except ClientError:
            return self._clamd.chance.choice([OVERLOADED, b"stream: O", b"", b"\0"])
        return reply

    def _stream(self) -> bytes | None:
        """Returns the streamed bytes, None if the end of the stream is missing."""
        rest, stream = self._sent.removeprefix(b"zINSTREAM\0"), b""
        while len(rest) >= 4:
            (size,) = struct.unpack(">I", rest[:4])
            if not size:
                return stream
            stream, rest = stream + rest[4 : 4 + size], rest[4 + size :]
        return None


def nothing_to_read(*_waiting: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Replaces select.select: this clamd never replies before the end of the stream."""
    return [], [], []
