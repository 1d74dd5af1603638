"""Large blocks for parsers that go through a file from front to back: one range for each MiB instead of each 4 KiB."""

from collections.abc import Iterator

from validator.formats.polyglots.embedded import refuse_markup
from validator.formats.reader import RangeReader

AHEAD_BYTES = 1024 * 1024

_LONGEST_MARKUP = 256
"""No less than the longest piece of markup that is looked for."""


class ReadAhead:
    """Reads like RangeReader.read, but fetches up to AHEAD_BYTES from where a read leaves the block at hand.

    Each block is searched for program code and web pages as it comes in, together with the end of what stands in front
    of it: wherever in an image these stand.
    """

    def __init__(self, reader: RangeReader) -> None:
        self.size = reader.size
        self.check_time = reader.check_time
        self._reader = reader
        self._at = 0
        self._block = reader.head()

    def read(self, offset: int, length: int) -> bytes:
        at = offset - self._at
        if at < 0 or at + length > len(self._block):
            ahead = max(length, min(AHEAD_BYTES, self.size - offset))
            before = self._block[max(0, at - _LONGEST_MARKUP) : at] if 0 <= at <= len(self._block) else b""
            self._block = self._reader.read(offset, ahead)
            self._at, at = offset, 0
            refuse_markup(before + self._block)
        return self._block[at : at + length]

    def rest_of_block(self, offset: int, least: int = 1) -> memoryview:
        """What is at hand from `offset` on, not copied: `least` bytes or more, unless the file ends there."""
        if offset >= self.size:
            return memoryview(b"")
        self.read(offset, min(least, self.size - offset))
        return memoryview(self._block)[offset - self._at :]

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        """The bytes between `start` and `end` in pieces."""
        while start < end:
            block = self.rest_of_block(start)[: end - start]
            if not block:
                self.read(start, 1)  # says that the file is cut
            yield block
            start += len(block)
