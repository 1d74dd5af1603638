"""Files whose pictures are each within the limits, but not together: frames, pages, thumbnails, scans."""
# tables, where a case is one line

import struct
import zlib
from collections.abc import Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.jpeg_bytes import exif, jpeg, segment, with_segments
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, gif, header
from testkit.corpus.riff_bytes import chunk as riff_chunk
from testkit.corpus.riff_bytes import chunks, riff, vp8x
from testkit.corpus.sample import GIF, JPEG, PNG, TIFF, WEBP, Sample, bad
from testkit.corpus.tiff_bytes import LONG, Page, picture_tags, tiff

_SIDE = 10_000
_BOMB = "decompression_bomb"
_WHY = "100 million pixels each, thousands of millions in all"


def samples() -> Iterator[Sample]:
    yield from _animations()
    yield from _pages()
    yield from _photos()


def animated_png(frames: int, side: int = _SIDE, *, data: bytes = b"", own: int = 0) -> bytes:
    """Returns an APNG of blank frames with `side` pixels a side, or with `own` pixels on a canvas of that size."""
    size = own or side
    packed = zlib.compress(bytes(side * (side + 1)), 9)
    pixels = data or zlib.compress(bytes(size * (size + 1)), 9)
    parts = [SIGNATURE, header(side, side, 8, 0), chunk(b"acTL", struct.pack(">II", frames, 0)), chunk(b"IDAT", packed)]
    for number in range(frames):
        control = struct.pack(">5IHHBB", 2 * number, size, size, 0, 0, 1, 10, 0, 0)
        parts += [chunk(b"fcTL", control), chunk(b"fdAT", struct.pack(">I", 2 * number + 1) + pixels)]
    return b"".join(parts) + END


def animated_webp(frames: int, side: int = _SIDE, own: int = 0) -> bytes:
    """Returns a WebP animation of lossless frames of one colour, whose data hardly depends on their size."""
    size = own or side
    bits = (size - 1) | (size - 1) << 14
    data = riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(8))
    place = bytes(6) + struct.pack("<I", size - 1)[:3] * 2 + bytes(4)
    frame = riff_chunk(b"ANMF", place + data)
    return riff(b"WEBP", vp8x(2, side, side), riff_chunk(b"ANIM", bytes(6)), *[frame] * frames)


def shared_strip(pages: int, width: int = _SIDE, height: int = _SIDE, *, below: bool = False) -> bytes:
    """Returns a TIFF whose pages, or sub-directories, all consist of the same compressed strip."""
    strip = zlib.compress(bytes(width // 8 * height), 9)
    tags = picture_tags(width, height, bits=(1,), compression=8)
    page = Page(tags | {0x0111: (LONG, (8,)), 0x0117: (LONG, (len(strip),))}, ())
    if below:
        return tiff(*[Page(page.tags, (), below=(page,) * 30) for _ in range(pages)], head=strip)
    return tiff(*[page] * pages, head=strip)


def _animations() -> Iterator[Sample]:
    yield bad("budget/apng-40-frames", PNG, animated_png(40), _BOMB, _WHY)
    yield bad("budget/apng-small-frames", PNG, animated_png(600, own=8), _BOMB, "a large canvas is painted 600 times")
    junk = animated_png(2, 64, data=b"this is no compressed data")
    yield bad("budget/apng-junk-frame", PNG, junk, "malformed", "frames that do not unpack")
    long = animated_png(2, 64, data=zlib.compress(bytes(30_000_000), 9))
    yield bad("budget/apng-long-frame", PNG, long, _BOMB, "a frame unpacks to more than it says")
    short = animated_png(2, 64, data=zlib.compress(bytes(60), 9))
    yield bad("budget/apng-short-frame", PNG, short, "malformed", "a frame has fewer pixels than it says")
    yield bad("budget/webp-19000-frames", WEBP, animated_webp(19_000), _BOMB, _WHY)
    yield bad("budget/webp-40-frames", WEBP, animated_webp(40), _BOMB, _WHY)
    yield bad("budget/webp-small-frames", WEBP, animated_webp(1000, own=8), _BOMB, "a large canvas painted 1,000 times")
    parts = [riff_chunk(*part) for part in chunks(animated_webp(1)[12:])]
    images = [riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 9_999 | 9_999 << 14) + bytes(8))]
    yield bad("budget/webp-images-behind", WEBP, riff(b"WEBP", *parts) + riff(b"WEBP", *images) * 40, _BOMB, _WHY)
    frame = gif()[13 + 12 : -1]
    data = b"\x02" + b"\xff" + bytes(255)
    large = b"," + struct.pack("<HHHHB", 0, 0, _SIDE, _SIDE, 0) + data + (b"\xff" + bytes(255)) * 15 + b"\0"
    screen = gif()[:6] + struct.pack("<HH", _SIDE, _SIDE) + gif()[10:25]
    yield bad("budget/gif-40-frames", GIF, screen + large * 40 + b";", _BOMB, _WHY)
    yield bad("budget/gif-small-frames", GIF, screen + frame * 500 + b";", _BOMB, "a large screen painted 500 times")


def _pages() -> Iterator[Sample]:
    yield bad("budget/tiff-2999-pages", TIFF, shared_strip(2_999), _BOMB, _WHY)
    yield bad("budget/tiff-120-pages", TIFF, shared_strip(120), _BOMB, _WHY)
    yield bad("budget/tiff-thumbnails", TIFF, shared_strip(4, below=True), _BOMB, "sub-directories count as well")
    tags = picture_tags(10, 10, compression=8) | {0x0142: (LONG, (30_000,)), 0x0143: (LONG, (30_000,))}
    tile = Page(tags, (zlib.compress(bytes(5_000_000), 9),), tiles=True)
    yield bad("budget/tiff-tile", TIFF, tiff(tile), _BOMB, "a tile of 900 megapixels for an image of 100 pixels")
    deep = picture_tags(9_000, 9_000, bits=(64,) * 60, compression=8)
    yield bad("budget/tiff-deep", TIFF, tiff(Page(deep, (zlib.compress(bytes(99_999)),))), _BOMB, "480 bytes a pixel")


def _photos() -> Iterator[Sample]:
    small = jpeg()
    at = small.index(b"\xff\xc0") + 5
    thumbnail = small[:at] + struct.pack(">HH", 65_000, 65_000) + small[at + 4 :]
    why = "a file manager unpacks the thumbnail"
    inside = segment(0xE1, exif(thumbnail=thumbnail))
    yield bad("budget/jpeg-exif-thumbnail", JPEG, with_segments(small, inside), _BOMB, why)
    photoshop = b"Photoshop 3.0\0008BIM\x04\x0c\0\0" + struct.pack(">I", len(thumbnail) + 28) + bytes(28) + thumbnail
    yield bad("budget/jpeg-photoshop-thumbnail", JPEG, with_segments(small, segment(0xED, photoshop)), _BOMB, why)
    yield bad(
        "budget/jpeg-jfxx-thumbnail", JPEG, with_segments(small, segment(0xE0, b"JFXX\0\x10" + thumbnail)), _BOMB, why
    )
    extended = riff(b"WEBP", vp8x(8, 64, 48), *(riff_chunk(*part) for part in chunks(valid()[WEBP][12:])),
                    riff_chunk(b"EXIF", exif(thumbnail=thumbnail)))  # fmt: skip
    yield bad("budget/webp-exif-thumbnail", WEBP, extended, f"{_BOMB}|malformed", why)
    plain = SIGNATURE + header(8, 8, 8, 0) + chunk(b"eXIf", exif(thumbnail=thumbnail)[6:])
    plain += chunk(b"IDAT", zlib.compress(bytes(72))) + END
    yield bad("budget/png-exif-thumbnail", PNG, plain, _BOMB, why)
