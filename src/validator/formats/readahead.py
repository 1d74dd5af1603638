"""Large blocks for parsers that read a file from front to back: one range per MiB instead of one per 4 KiB."""

from collections.abc import Callable, Iterator

from validator.formats.reader import RangeReader, TruncatedError

AHEAD_BYTES = 1024 * 1024

OVERLAP_BYTES = 256
"""The end of the previous block that a check sees again; at least the longest pattern that the check looks for."""


class ReadAhead:
    """Reads like RangeReader.read, but fetches up to AHEAD_BYTES when a read leaves the current block.

    `size` makes the file end earlier, where a trailer begins. `check` is called with every block that is fetched after
    the head, preceded by the last OVERLAP_BYTES before it, so that a check for forbidden bytes also finds those that
    straddle two blocks.
    """

    def __init__(self, reader: RangeReader, check: Callable[[bytes], object], size: int | None = None) -> None:
        self.size = reader.size if size is None else size
        self.check_time = reader.check_time
        self.pixels = reader.pixels
        self._reader = reader
        self._check = check
        self._at = 0
        self._block = reader.head()[: self.size]

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes at `offset`. Raises as RangeReader.read does, and what `check` raises."""
        if offset + length > self.size:
            raise TruncatedError(f"{length} bytes at offset {offset} of {self.size} bytes")
        at = offset - self._at
        if at < 0 or at + length > len(self._block):
            ahead = max(length, min(AHEAD_BYTES, self.size - offset))
            before = self._block[max(0, at - OVERLAP_BYTES) : at] if 0 <= at <= len(self._block) else b""
            self._block = self._reader.read(offset, ahead)
            self._at, at = offset, 0
            self._check(before + self._block)
        return self._block[at : at + length]

    def rest_of_block(self, offset: int, least: int = 1) -> memoryview:
        """Returns the current block from `offset` on, without copying: at least `least` bytes, fewer at the end."""
        if offset >= self.size:
            return memoryview(b"")
        self.read(offset, min(least, self.size - offset))
        return memoryview(self._block)[offset - self._at :]

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        """Yields the bytes from `start` to `end` in pieces. Raises TruncatedError if the file ends before."""
        while start < end:
            block = self.rest_of_block(start)[: end - start]
            if not block:
                self.read(start, 1)  # raises TruncatedError
            yield block
            start += len(block)
