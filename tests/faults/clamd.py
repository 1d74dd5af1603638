"""A clamd in memory, at the end of the validator's own socket code, with faults of its own."""

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
    """Finds MALWARE, and, once it `knows_more`, also NEW_MALWARE."""

    def __init__(self, chance: random.Random) -> None:
        self.knows_more = False
        self.chance = chance

    def judge(self, stream: bytes) -> bytes:
        if stream.startswith(b"PK"):  # the probe of the limits
            return LIMITS_EXCEEDED
        if MALWARE in stream or (self.knows_more and NEW_MALWARE in stream):
            return b"stream: Test.Malware FOUND\0"
        if stream.startswith(b"PK"):  # the archive by which the validator finds out whether limits are told
            return b"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0"
        return b"stream: OK\0"


class Connection:
    """One connection of a program to clamd. What fails is what can fail on a socket."""

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
        """Time is another's business."""

    def shutdown(self, how: int) -> None:
        """What was sent was sent."""

    def close(self) -> None:
        """Holds nothing."""

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
        """What was streamed, None when its end has not come."""
        rest, stream = self._sent.removeprefix(b"zINSTREAM\0"), b""
        while len(rest) >= 4:
            (size,) = struct.unpack(">I", rest[:4])
            if not size:
                return stream
            stream, rest = stream + rest[4 : 4 + size], rest[4 + size :]
        return None


def nothing_to_read(*_waiting: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """In the place of select.select: this clamd never speaks before the end of the stream."""
    return [], [], []
