"""The pixel budget of a file."""
# ruff: noqa: E501  # tables, where a case is one line

import pytest

from validator.formats.jpeg.thumbnails import count_frames, count_thumbnails
from validator.formats.pixels import BILEVEL, COLOUR, INDEXED, MAX_PIXELS, PICTURES_IN_FILE, PixelBudget, pixel_cost
from validator.formats.verdict import RefusedError

FRAME = b"\xff\xc0\x00\x0b\x08\x0f\xa0\x0f\xa0\x01\x01\x11\x00"  # 4,000 x 4,000 pixels, one component


def test_pictures_are_counted_together():
    budget = PixelBudget()
    for _ in range(PICTURES_IN_FILE):
        budget.take(20_000, MAX_PIXELS // 20_000)
    with pytest.raises(RefusedError, match="2,640,000,000 pixels in all"):
        budget.take(100, 100)


@pytest.mark.parametrize(("width", "height"), [(30_001, 1), (1, 30_001), (20_000, 12_501)])
def test_picture_beyond_a_limit_is_a_bomb(width, height):
    with pytest.raises(RefusedError, match="decompression_bomb"):
        PixelBudget().take(width, height)


@pytest.mark.parametrize(
    ("bits", "cost"), [(0, BILEVEL), (1, BILEVEL), (2, INDEXED), (8, INDEXED), (9, COLOUR), (64, COLOUR)]
)
def test_pixel_costs_more_the_more_bits_it_has(bits, cost):
    assert pixel_cost(bits) == cost


@pytest.mark.parametrize(("cost", "most"), [(BILEVEL, 400), (INDEXED, 200), (COLOUR, 100)])
def test_cheap_pixels_may_be_more(cost, most):
    PixelBudget(most=100, most_in_file=100).take(1, most, cost)
    with pytest.raises(RefusedError, match=f"more than {most} in all"):
        PixelBudget(most=100).take(1, most + 1, cost)


def test_limit_of_the_file_follows_that_of_a_picture():
    budget = PixelBudget(most=10)
    budget.add(10 * PICTURES_IN_FILE)
    with pytest.raises(RefusedError, match="120 pixels in all"):
        budget.add(1)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 1)])
def test_picture_without_pixels_is_malformed(width, height):
    with pytest.raises(RefusedError, match="malformed"):
        PixelBudget().take(width, height)


def test_small_frame_counts_a_share_of_its_canvas():
    budget = PixelBudget(most_in_file=100 + 1_000_000 // 16)
    budget.take_frame(10, 10, (1_000, 1_000))
    with pytest.raises(RefusedError):
        budget.add(1)


def test_frame_beyond_the_canvas_limit_is_a_bomb():
    with pytest.raises(RefusedError, match="decompression_bomb"):
        PixelBudget().take_frame(1, 1, (20_000, 20_000))


@pytest.mark.parametrize("before", [b"", b"\xff\xe0\x00\x04ab", b"\xff\xdb\x00\x02" * 8])
def test_thumbnail_in_metadata_is_counted(before):
    budget = PixelBudget(most=15_999_999)
    with pytest.raises(RefusedError):
        count_thumbnails(b"Exif\0\0" + b"\xff\xd8" + before + FRAME, budget)


@pytest.mark.parametrize(
    "metadata",
    [b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8" + FRAME[:8], b"\xff\xd8\xff\x01" + FRAME, b"\xff\xd8" + FRAME[:2] + b"\0\x0c" + FRAME[4:]],
)  # fmt: skip
def test_bytes_that_are_no_frame_header_are_not_counted(metadata):
    count_thumbnails(metadata, PixelBudget(most=1))


def test_frame_in_a_damaged_image_is_counted():
    with pytest.raises(RefusedError):
        count_frames(b"\xff\xd8 not a segment " + FRAME, PixelBudget(most=15_999_999))
