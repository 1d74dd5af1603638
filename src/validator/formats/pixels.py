"""The pixel budget of a file: the sum of all its pictures, since viewers unpack every frame, page and thumbnail."""

from validator.formats.verdict import RefusedError

MAX_SIDE = 30_000
MAX_PIXELS = 250_000_000
MAX_FILE_PIXELS = 3_000_000_000
"""A scan of 300 pages has 2,600 million pixels, an animated sticker of 1,000 frames 260 million."""

_REPAINT_SHARE = 16
"""Painting a finished picture again, for each frame or scan, takes about a sixteenth of the time of decoding it."""


class PixelBudget:
    """Counts the pixels of all pictures in one file against the limits per picture and per file."""

    def __init__(self, most: int = MAX_PIXELS, most_in_file: int = MAX_FILE_PIXELS) -> None:
        self._most = most
        self._most_in_file = most_in_file
        self._spent = 0

    def take(self, width: int, height: int) -> None:
        """Counts a picture whose header says that it has this size."""
        self.check(width, height)
        self.add(width * height)

    def check(self, width: int, height: int) -> None:
        """Refuses a picture that is a decompression bomb or has no pixels, without counting it."""
        if width <= 0 or height <= 0:
            raise RefusedError("malformed", "The image says that it has no pixels.")
        if width > MAX_SIDE or height > MAX_SIDE:
            detail = f"The image has {width:,} x {height:,} pixels; at most {MAX_SIDE:,} a side are accepted."
            raise RefusedError("decompression_bomb", detail)
        if width * height > self._most:
            detail = f"The image has {width:,} x {height:,} pixels; at most {self._most:,} in all are accepted."
            raise RefusedError("decompression_bomb", detail)

    def take_frame(self, width: int, height: int, canvas: tuple[int, int]) -> None:
        """Counts a frame of an animation, and that a viewer paints the whole canvas again for it."""
        self.take(width, height)
        self.check(*canvas)
        self.repaint(*canvas)

    def repaint(self, width: int, height: int) -> None:
        """Counts that a viewer goes over a decoded picture once more."""
        self.add(width * height // _REPAINT_SHARE)

    def add(self, pixels: int) -> None:
        """Counts pixels of a picture whose size has been checked."""
        self._spent += pixels
        if self._spent > self._most_in_file:
            detail = f"The pictures in the file have more than {self._most_in_file:,} pixels in all."
            raise RefusedError("decompression_bomb", detail)
