"""Limits for the size of an unpacked image."""

from validator.formats.verdict import RefusedError

MAX_SIDE = 30_000
MAX_PIXELS = 100_000_000


def refuse_size(width: int, height: int) -> None:
    """Refuses decompression bombs and images without pixels, based on the dimensions in the header."""
    if width <= 0 or height <= 0:
        raise RefusedError("malformed", "The image says that it has no pixels.")
    if width > MAX_SIDE or height > MAX_SIDE:
        detail = f"The image has {width:,} x {height:,} pixels; at most {MAX_SIDE:,} a side are accepted."
        raise RefusedError("decompression_bomb", detail)
    if width * height > MAX_PIXELS:
        detail = f"The image has {width:,} x {height:,} pixels; at most {MAX_PIXELS:,} in all are accepted."
        raise RefusedError("decompression_bomb", detail)
