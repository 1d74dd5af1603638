"""Bounded access to the bytes of a file: ranges on demand, each one counted."""

import time
from collections.abc import Callable
from dataclasses import dataclass

type Fetch = Callable[[int, int], bytes]
"""`fetch(offset, length)` returns exactly the bytes [offset, offset + length) of the file."""

HEAD_BYTES = 16 * 1024
BLOCK_BYTES = 4 * 1024


class BudgetExceededError(Exception):
    """The file wanted more bytes, ranges or seconds than its kind of file is worth."""


class TruncatedError(Exception):
    """A structure reaches beyond the end of the file."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one inspection may cost: bytes and ranges fetched, and seconds by the reader's clock."""

    max_bytes: int
    max_ranges: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What an inspection has cost so far: bytes and ranges fetched."""

    bytes_read: int
    ranges: int


class RangeReader:
    """Random access to a file of `size` bytes through `fetch`, within a budget.

    The first HEAD_BYTES are fetched once and kept. Elsewhere at least BLOCK_BYTES are fetched at a time and the last
    block is kept, so that walking small structures side by side costs one range.
    """

    def __init__(self, fetch: Fetch, size: int, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = size
        self._fetch = fetch
        self._clock = clock
        self._head = b""
        self._block = b""
        self._block_at = 0
        self._bytes = 0
        self._ranges = 0
        self.budget = budget
        self._deadline = clock() + budget.max_seconds

    @property
    def cost(self) -> Cost:
        return Cost(self._bytes, self._ranges)

    def head(self) -> bytes:
        """The first HEAD_BYTES of the file, or all of it when it is shorter."""
        if not self._head and self.size:
            self._head = self._fetch_counted(0, min(HEAD_BYTES, self.size))
        return self._head

    def read(self, offset: int, length: int, ahead: int = BLOCK_BYTES) -> bytes:
        """Exactly `length` bytes at `offset`; when they must be fetched, at least `ahead` bytes are, for what follows.

        Raises TruncatedError when the file ends before, BudgetExceededError when the budget does.
        """
        if offset < 0 or length < 0 or offset + length > self.size:
            raise TruncatedError(f"{length} bytes at offset {offset} of a file of {self.size} bytes")
        if not length:
            return b""  # without a fetch: HTTP has no range of no bytes, S3 would answer with the whole file
        if offset + length <= len(self.head()):
            return self._head[offset : offset + length]
        at = offset - self._block_at
        if at < 0 or at + length > len(self._block):
            self._block = self._fetch_counted(offset, min(max(length, ahead), self.size - offset))
            self._block_at, at = offset, 0
        return self._block[at : at + length]

    def _fetch_counted(self, offset: int, length: int) -> bytes:
        if (
            self._ranges >= self.budget.max_ranges
            or self._bytes + length > self.budget.max_bytes
            or self._clock() > self._deadline
        ):
            raise BudgetExceededError(f"after {self._bytes} bytes in {self._ranges} ranges")
        data = self._fetch(offset, length)
        if len(data) != length:
            raise TruncatedError(f"{len(data)} of {length} bytes at offset {offset}")
        self._ranges += 1
        self._bytes += length
        return data

    def check_time(self) -> None:
        """For loops that compute without reading: raises BudgetExceededError when the time is up."""
        if self._clock() > self._deadline:
            raise BudgetExceededError(f"after {self.budget.max_seconds} s")
