"""The range reader: what it fetches and caches, and where it stops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.formats.reader import (
    BLOCK_BYTES,
    HEAD_BYTES,
    Budget,
    BudgetExceededError,
    Cost,
    RangeReader,
    TruncatedError,
)

DATA = bytes(range(256)) * 400
AMPLE = Budget(max_bytes=10_000_000, max_ranges=1000, max_seconds=60.0)


def reader_of(data=DATA, budget=AMPLE, **options):
    return RangeReader(lambda at, length: data[at : at + length], len(data), budget, **options)


@given(st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 9000), st.integers(0, 9000)), max_size=20))
def test_read_returns_the_bytes_of_the_file(reads):
    """In any order, with any overlap and any amount fetched ahead."""
    reader = reader_of()
    for at, length, ahead in reads:
        if at + length <= len(DATA):
            assert reader.read(at, length, ahead) == DATA[at : at + length]


def test_head_is_fetched_once():
    reader = reader_of()
    assert reader.head() == reader.head() == DATA[:HEAD_BYTES]
    assert reader.read(100, 50) == DATA[100:150]
    assert reader.cost == Cost(HEAD_BYTES, 1)


def test_adjacent_small_reads_cost_one_range():
    reader = reader_of()
    for step in range(20):
        reader.read(50_000 + step * 100, 100)
    assert reader.cost == Cost(HEAD_BYTES + BLOCK_BYTES, 2)


def test_larger_read_ahead_costs_one_range():
    reader = reader_of()
    for step in range(20):
        reader.read(50_000 + step * 1000, 100, ahead=20_000)
    assert reader.cost == Cost(HEAD_BYTES + 20_000, 2)


def test_read_ahead_stops_at_the_end_of_the_file():
    reader = reader_of()
    reader.read(len(DATA) - 10, 10)
    assert reader.cost.bytes_read == HEAD_BYTES + 10


@pytest.mark.parametrize(("at", "length"), [(len(DATA), 1), (len(DATA) - 5, 6), (-1, 4), (0, -1), (1 << 62, 1 << 62)])
def test_read_beyond_the_end_raises_truncated_error(at, length):
    """Offsets and lengths come from the file and may have any value."""
    with pytest.raises(TruncatedError):
        reader_of().read(at, length)


def test_budget_of_bytes_is_enforced_before_the_fetch():
    reader = reader_of(budget=Budget(HEAD_BYTES + 100, 100, 60.0))
    reader.read(50_000, 100, ahead=0)
    with pytest.raises(BudgetExceededError):
        reader.read(60_000, 1, ahead=0)
    assert reader.cost.bytes_read == HEAD_BYTES + 100


def test_budget_of_ranges_is_enforced():
    reader = reader_of(budget=Budget(1_000_000, 2, 60.0))
    reader.read(50_000, 1)
    with pytest.raises(BudgetExceededError):
        reader.read(90_000, 1)
    assert reader.cost.ranges == 2


def test_budget_of_seconds_is_enforced():
    """While fetching, and while computing without fetching."""
    now = [0.0]
    reader = reader_of(budget=Budget(1_000_000, 100, 5.0), clock=lambda: now[0])
    reader.head()
    reader.check_time()
    now[0] = 5.1
    with pytest.raises(BudgetExceededError):
        reader.check_time()
    with pytest.raises(BudgetExceededError):
        reader.read(50_000, 1)


def test_short_fetch_raises_truncated_error():
    reader = RangeReader(lambda at, length: b"short", 1000, AMPLE)
    with pytest.raises(TruncatedError):
        reader.head()


def test_empty_file_has_an_empty_head_and_costs_nothing():
    reader = reader_of(b"")
    assert reader.head() == reader.read(0, 0) == b""
    assert reader.cost == Cost(0, 0)


def test_read_of_zero_bytes_fetches_nothing():
    """Not even at the end: HTTP has no empty range, and S3 would return the whole file."""
    reader = reader_of(bytes(100_000))
    reader.head()
    assert reader.read(100_000, 0) == reader.read(50_000, 0) == b""
    assert reader.cost.ranges == 1
