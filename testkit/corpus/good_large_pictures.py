"""Pictures of many pixels that cameras, phones and scanners make, around the limit of 220 million pixels in colour."""

import random
import zlib
from collections.abc import Iterator

from testkit.corpus.jpeg_bytes import blank_jpeg
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, header
from testkit.corpus.sample import JPEG, PNG, TIFF, Sample, bad, good
from testkit.corpus.tiff_bytes import LONG, SHORT, Page, picture_tags, tiff

_CAMERAS = {
    "fuji-gfx100": (11_648, 8_736), "hasselblad-x2d": (11_656, 8_742), "phase-one-iq4": (14_204, 10_652),
    "phone-108": (12_000, 9_000), "phone-200": (16_320, 12_240), "phone-200-wide": (16_384, 12_288),
    "phone-50": (8_160, 6_144), "panorama": (24_000, 4_000),
}  # fmt: skip
_PAPER_MM = {"a4": (210, 297), "letter": (216, 279), "a3": (297, 420), "a2": (420, 594)}


def samples() -> Iterator[Sample]:
    for name, (width, height) in _CAMERAS.items():
        yield good(f"large/jpeg-{name}", JPEG, blank_jpeg(width, height), "the size that this device takes")
    for number in range(20):
        yield _scan(number)
    yield from _too_large()


def _scan(number: int) -> Sample:
    """Returns a scan in black and white, grey or few colours, at up to 1,200 dpi."""
    chance = random.Random(f"scan {number}")  # the same files every time
    paper = chance.choice(tuple(_PAPER_MM))
    bits = chance.choice((1, 1, 1, 8)) if paper != "a2" else 1
    dots = 1200 if bits == 1 or paper != "a3" else 1000
    width, height = (round(side / 25.4 * dots) for side in _PAPER_MM[paper])
    label = f"large/scan-{number}-{paper}-{bits}-bit"
    why = f"{paper} at {dots} dpi has {width * height:,} pixels"
    if chance.random() < 0.5:
        return good(label, PNG, _png(width, height, bits), why)
    return good(label, TIFF, _tiff(width, height, bits), why)


def _png(width: int, height: int, bits: int) -> bytes:
    colour = 3 if bits == 8 else 0
    palette = chunk(b"PLTE", bytes(range(240))) if colour == 3 else b""
    data = zlib.compress(bytes((width * bits + 7) // 8 + 1) * height, 1)
    return SIGNATURE + header(width, height, bits, colour) + palette + chunk(b"IDAT", data) + END


def _tiff(width: int, height: int, bits: int) -> bytes:
    tags = picture_tags(width, height, bits=(bits,), photometric=3 if bits == 8 else 0, compression=8)
    tags |= {0x0140: (SHORT, (0,) * 768)} if bits == 8 else {}
    tags |= {0x0116: (LONG, (height,))}
    return tiff(Page(tags, (zlib.compress(bytes((width * bits + 7) // 8) * height, 1),)))


def _too_large() -> Iterator[Sample]:
    bomb, why = "decompression_bomb", "it costs more to open than the largest photo"
    yield bad("large/jpeg-225-megapixels", JPEG, blank_jpeg(17_320, 13_000), bomb, why)
    yield bad("large/png-450-megapixels-palette", PNG, _png(25_000, 18_000, 8), bomb, why)
    yield bad("large/tiff-450-megapixels-palette", TIFF, _tiff(25_000, 18_000, 8), bomb, why)
    yield bad("large/png-900-megapixels-bilevel", PNG, _png(30_000, 29_900, 1), bomb, why)
    yield bad("large/tiff-900-megapixels-bilevel", TIFF, _tiff(30_000, 29_900, 1), bomb, why)
