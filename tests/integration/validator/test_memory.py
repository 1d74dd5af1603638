"""Memory does not grow with the file, up to the largest file that a scanner accepts."""

import pytest

from benchmarks.peak_memory import HUGE, SMALL, measure

MEGABYTE = 1_000_000


@pytest.mark.parametrize("scanning", [False, True], ids=["without a scanner", "with a scanner"])
def test_large_video_takes_no_more_memory_than_a_small_one(scanning):
    small, huge = measure(SMALL, scanning=scanning), measure(HUGE, scanning=scanning)
    assert huge["peak"] - small["peak"] <= 4 * MEGABYTE
    assert huge["bytes_read"] <= 128 * 1024
