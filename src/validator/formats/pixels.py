"""The pixel budget of a file: the sum of all its pictures, since viewers unpack every frame, page and thumbnail."""

from validator.formats.verdict import RefusedError

MAX_SIDE = 30_000
MAX_PIXELS = 220_000_000
"""The default for one picture: phones take 200 megapixels, and A4 at 1,200 dpi has 139."""
PICTURES_IN_FILE = 12
"""All pictures in a file may have this many times the pixels of one: 300 pages of A4 in colour at 300 dpi."""

COLOUR, INDEXED, BILEVEL = 4, 2, 1
"""Costs of a pixel, in quarters: in colour, with a palette or in grey of up to 8 bits, in black and white. Viewers keep
4 bytes for a pixel in colour, and 1 or 2 for the others."""

_REPAINT_SHARE = 16
"""Painting a finished picture again, for each frame or scan, takes about a sixteenth of the time of decoding it."""


def pixel_cost(bits: int) -> int:
    """Returns the cost of a pixel that has so many bits."""
    return BILEVEL if bits <= 1 else INDEXED if bits <= 8 else COLOUR


class PixelBudget:
    """Counts the pixels of all pictures in one file against the limits per picture and per file."""

    def __init__(self, most: int = MAX_PIXELS, most_in_file: int | None = None) -> None:
        self._most = most
        self._most_in_file = most_in_file or PICTURES_IN_FILE * most
        self._spent = 0

    def take(self, width: int, height: int, cost: int = COLOUR) -> None:
        """Counts a picture whose header says that it has this size."""
        self.check(width, height, cost)
        self.add(width * height, cost)

    def check(self, width: int, height: int, cost: int = COLOUR) -> None:
        """Refuses a picture that is a decompression bomb or has no pixels, without counting it."""
        if width <= 0 or height <= 0:
            raise RefusedError("malformed", "The image says that it has no pixels.")
        most = self._most * COLOUR // cost
        if width > MAX_SIDE or height > MAX_SIDE:
            limit = f"{MAX_SIDE:,} a side"
        elif width * height > most:
            limit = f"{most:,} in all"
        else:
            return
        detail = f"The image has {width:,} x {height:,} pixels, more than {limit}. Please send a smaller version of it."
        raise RefusedError("decompression_bomb", detail)

    def take_frame(self, width: int, height: int, canvas: tuple[int, int]) -> None:
        """Counts a frame of an animation, and that a viewer paints the whole canvas again for it."""
        self.take(width, height)
        self.check(*canvas)
        self.repaint(*canvas)

    def repaint(self, width: int, height: int) -> None:
        """Counts that a viewer goes over a decoded picture once more."""
        self.add(width * height // _REPAINT_SHARE)

    def add(self, pixels: int, cost: int = COLOUR) -> None:
        """Counts pixels of a picture whose size has been checked."""
        self._spent += pixels * cost // COLOUR
        if self._spent > self._most_in_file:
            detail = (
                f"The pictures in the file have more than {self._most_in_file:,} pixels in all. "
                "Please send fewer pages or frames in one file."
            )
            raise RefusedError("decompression_bomb", detail)
