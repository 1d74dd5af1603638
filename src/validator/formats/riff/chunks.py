"""RIFF chunks (Microsoft, Multimedia Programming Interface and Data Specifications 1.0, chapter 2): WebP and AVI."""

import struct
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from validator.formats.reader import TruncatedError
from validator.formats.verdict import RefusedError

MAX_CHUNKS = 100_000

_HEADER = struct.Struct("<4sI")


class Chunk(NamedTuple):
    """One chunk: its code, the offset of its body in the file, and the size of the body without padding."""

    fourcc: bytes
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The offset of the next chunk: a body of odd size is followed by one byte of padding."""
        return self.offset + self.size + (self.size & 1)


class Readable(Protocol):
    """Random access to the bytes of a file: a RangeReader or a ReadAhead."""

    def read(self, offset: int, length: int) -> bytes: ...


def chunks(reader: Readable, start: int, end: int, limit: int = MAX_CHUNKS) -> Iterator[Chunk]:
    """Yields the chunks between `start` and `end` without reading their bodies.

    Raises TruncatedError if a chunk extends beyond `end` (some writers omit the padding of the last one, which is
    accepted), RefusedError if there are more than `limit`.
    """
    at = start
    for _ in range(limit):
        if at >= end:
            return
        if at + _HEADER.size > end:
            raise TruncatedError(f"a chunk header at offset {at} extends beyond {end}")
        fourcc, size = _HEADER.unpack(reader.read(at, _HEADER.size))
        chunk = Chunk(fourcc, at + _HEADER.size, size)
        if chunk.offset + size > end:
            raise TruncatedError(f"a chunk of {size} bytes at offset {at} extends beyond {end}")
        yield chunk
        at = chunk.end
    if at < end:
        raise RefusedError("malformed", f"The file has more than {limit:,} chunks.")
