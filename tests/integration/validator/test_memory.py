"""Memory does not grow with the file. The scale is that of the largest file that any scanner takes."""

import pytest

from benchmarks.peak_memory import HUGE, SMALL, measure

MEGABYTE = 1_000_000


@pytest.mark.parametrize("scanning", [False, True], ids=["without a scanner", "with a scanner"])
def test_video_of_two_gigabytes_takes_no_more_memory_than_one_of_a_megabyte(scanning):
    small, huge = measure(SMALL, scanning=scanning), measure(HUGE, scanning=scanning)
    assert huge["peak"] - small["peak"] <= 4 * MEGABYTE
    assert huge["bytes_read"] <= 128 * 1024
