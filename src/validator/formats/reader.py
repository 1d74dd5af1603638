"""Bounded access to a file: fetches ranges of bytes on demand and counts them against a budget."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from validator.formats.pixels import PixelBudget

type Fetch = Callable[[int, int], bytes]
"""`fetch(offset, length)` returns exactly the bytes [offset, offset + length) of the file."""

HEAD_BYTES = 16 * 1024
BLOCK_BYTES = 4 * 1024
_EMBEDDED_RANGES = 4_000


class BudgetExceededError(Exception):
    """The inspection needs more bytes, ranges or seconds than the budget of its format allows."""


class TruncatedError(Exception):
    """A structure extends beyond the end of the file."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one inspection: bytes and ranges fetched, seconds on the reader's clock."""

    max_bytes: int
    max_ranges: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes and ranges that an inspection has fetched so far."""

    bytes_read: int
    ranges: int


class RangeReader:
    """Random access to a file of `size` bytes through `fetch`, within a budget.

    The first HEAD_BYTES are fetched once and cached. Elsewhere at least BLOCK_BYTES are fetched at a time and the last
    block is cached, so that reading many small adjacent structures costs one range. `pixels` counts what the pictures
    in the file unpack to.
    """

    def __init__(
        self,
        fetch: Fetch,
        size: int,
        budget: Budget,
        clock: Callable[[], float] = time.monotonic,
        pixels: PixelBudget | None = None,
    ) -> None:
        self.size = size
        self.pixels = pixels or PixelBudget()
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
        """Returns the first HEAD_BYTES of the file, or the whole file if it is shorter."""
        if not self._head and self.size:
            self._head = self._fetch_counted(0, min(HEAD_BYTES, self.size))
        return self._head

    def read(self, offset: int, length: int, ahead: int = BLOCK_BYTES) -> bytes:
        """Returns exactly `length` bytes at `offset`. A fetch takes at least `ahead` bytes, for the reads that follow.

        Raises TruncatedError if the file is too short, BudgetExceededError if the budget is.
        """
        if offset < 0 or length < 0 or offset + length > self.size:
            raise TruncatedError(f"{length} bytes at offset {offset} of a file of {self.size} bytes")
        if not length:
            return b""  # HTTP has no empty range: S3 would return the whole file
        if offset + length <= len(self.head()):
            return self._head[offset : offset + length]
        at = offset - self._block_at
        if at < 0 or at + length > len(self._block):
            self._block = self._fetch_counted(offset, min(max(length, ahead), self.size - offset))
            self._block_at, at = offset, 0
        return self._block[at : at + length]

    def embedded(self, data: bytes, pixels: PixelBudget) -> "RangeReader":
        """Returns a reader of a file that is embedded in this one. The inspection of both has one deadline."""
        budget = Budget(4 * len(data) + HEAD_BYTES, _EMBEDDED_RANGES, max(0.0, self._deadline - self._clock()))
        return RangeReader(lambda at, length: data[at : at + length], len(data), budget, self._clock, pixels)

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
        """Raises BudgetExceededError if the time is up. For loops that compute without reading."""
        if self._clock() > self._deadline:
            raise BudgetExceededError(f"after {self.budget.max_seconds} s")
