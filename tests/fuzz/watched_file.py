"""A file that checks each read: only inside the file, only within the budget."""

from collections.abc import Iterator
from contextlib import contextmanager

from validator.formats import readahead, reader
from validator.formats.reader import Budget, RangeReader

GENEROUS = Budget(max_bytes=2**40, max_ranges=2**40, max_seconds=2**20)


class WatchedFile:
    """The bytes of one input; counts and checks each fetch independently of the code under test.

    `short_at` is the number of the fetch that returns one byte too few, like a file that shrinks; `late_at` the number
    of clock readings after which the time is up.
    """

    def __init__(self, data: bytes, budget: Budget, *, short_at: int = -1, late_at: int = -1) -> None:
        self.data = data
        self.budget = budget
        self.fetched: list[tuple[int, int]] = []
        self._short_at = short_at
        self._late_at = late_at
        self._looks = 0

    def reader(self) -> RangeReader:
        return RangeReader(self._fetch, len(self.data), self.budget, self._clock)

    def reader_of_small_blocks(self) -> RangeReader:
        return _SmallBlocks(self._fetch, len(self.data), self.budget, self._clock)

    def check_cost(self, used: RangeReader) -> None:
        """Checks that reads stayed within the budget and that the reader counted them."""
        complete = [piece for number, piece in enumerate(self.fetched) if number != self._short_at]
        taken = sum(end - start for start, end in complete)
        assert taken <= self.budget.max_bytes, "more bytes than the budget has"
        assert len(complete) <= self.budget.max_ranges, "more ranges than the budget has"
        assert used.cost.bytes_read == taken, "bytes that are not counted"
        assert used.cost.ranges == len(complete), "ranges that are not counted"

    def stretches(self) -> list[bytes]:
        """Returns the bytes that were read, adjacent ones joined."""
        pieces: list[tuple[int, int]] = []
        for start, end in sorted(self.fetched):
            if pieces and start <= pieces[-1][1]:
                pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
            else:
                pieces.append((start, end))
        return [self.data[start:end] for start, end in pieces]

    def _fetch(self, offset: int, length: int) -> bytes:
        assert length > 0, "a fetch of nothing"
        assert 0 <= offset <= offset + length <= len(self.data), "a fetch outside of the file"
        self.fetched.append((offset, offset + length))
        return self.data[offset : offset + length - (len(self.fetched) - 1 == self._short_at)]

    def _clock(self) -> float:
        self._looks += 1
        return 1e9 if 0 <= self._late_at < self._looks else 0.0


class _SmallBlocks(RangeReader):
    """Reads at most 64 bytes ahead, so that structures of a small file cross blocks as in a large one."""

    def read(self, offset: int, length: int, ahead: int = 64) -> bytes:
        return super().read(offset, length, min(ahead, 64))


@contextmanager
def small_blocks() -> Iterator[None]:
    """Reduces the head and the blocks that are read ahead to a few hundred bytes."""
    before = reader.HEAD_BYTES, readahead.AHEAD_BYTES
    reader.HEAD_BYTES, readahead.AHEAD_BYTES = 600, 700
    try:
        yield
    finally:
        reader.HEAD_BYTES, readahead.AHEAD_BYTES = before
