"""Images that are small as files and enormous in memory."""

import struct
import zlib
from collections.abc import Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.good_webp_bmp import bmp
from testkit.corpus.jpeg_bytes import jpeg, picture
from testkit.corpus.png_bytes import SIGNATURE, chunk, gif, header, png, saved
from testkit.corpus.riff_bytes import chunk as riff_chunk
from testkit.corpus.riff_bytes import chunks, riff, vp8x
from testkit.corpus.sample import BMP, EXTENSIONS, GIF, JPEG, PNG, TIFF, WEBP, Sample, bad
from testkit.corpus.tiff_bytes import Page, gray, picture_tags, tiff

_SIDES = {"both": (30000, 30000), "wide": (60000, 40000), "huge": (65500, 65500)}
_BOMB = "decompression_bomb|malformed"


def samples() -> Iterator[Sample]:
    for name, (width, height) in _SIDES.items():
        for declared, content in _of_size(width, height).items():
            label = f"bomb/{EXTENSIONS[declared]}-{name}"
            reasons = _BOMB if declared in {WEBP, GIF} else "decompression_bomb"
            yield bad(label, declared, content, reasons, f"{width} by {height} pixels are more than 100 million")
    yield from _png()
    yield from _others()


def _of_size(width: int, height: int) -> dict[str, bytes]:
    squeezed = zlib.compress(bytes(2_000_000), 9)
    return {
        PNG: SIGNATURE + header(width, height) + chunk(b"IDAT", squeezed) + chunk(b"IEND"),
        JPEG: _resized(jpeg(), width, height),
        TIFF: tiff(Page(picture_tags(width, height, compression=8), (squeezed,))),
        WEBP: riff(b"WEBP", vp8x(0, width, height), *(riff_chunk(*part) for part in chunks(valid()[WEBP][12:]))),
        GIF: gif()[:6] + struct.pack("<HH", width, height) + gif()[10:],
        BMP: bmp(8, size=(width, height), compression=1, pixels=b"\0\x01"),
    }


def _resized(photo: bytes, width: int, height: int) -> bytes:
    """Returns the photo with another size in its frame header."""
    at = next(at for at in (photo.find(b"\xff\xc0"), photo.find(b"\xff\xc2")) if at > 0) + 5
    return photo[:at] + struct.pack(">HH", height, width) + photo[at + 4 :]


def _png() -> Iterator[Sample]:
    zeros = zlib.compress(bytes(60_000_000), 9)
    small = zlib.compress(b"\0\0\0\0", 9)
    text = chunk(b"zTXt", b"Comment\0\0" + zeros)
    yield bad("bomb/png-ztxt", PNG, png(before=text), _BOMB, "60 MB of compressed text in 60 KB")
    profile = chunk(b"iCCP", b"x\0\0" + zeros)
    yield bad("bomb/png-iccp", PNG, png(before=profile), _BOMB, "60 MB of profile in 60 KB (libpng's CVE-2010-0205)")
    international = chunk(b"iTXt", b"Comment\0\x01\0\0\0" + zeros)
    yield bad("bomb/png-itxt", PNG, png(before=international), _BOMB, "60 MB of compressed text")
    three = b"".join([text] * 4)
    yield bad("bomb/png-four-texts", PNG, png(before=three), _BOMB, "four times 60 MB")
    for width, height in ((0, 10), (10, 0), (0x80000000, 1), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFFFFF, 0x7FFFFFFF)):
        content = SIGNATURE + header(width, height) + chunk(b"IDAT", small) + chunk(b"IEND")
        reasons = "malformed" if not width or not height else _BOMB
        yield bad(f"bomb/png-{width}-by-{height}", PNG, content, reasons, "an impossible size")
    wide = SIGNATURE + header(90000, 1, 1, 0) + chunk(b"IDAT", zlib.compress(bytes(11251))) + chunk(b"IEND")
    yield bad("bomb/png-90000-wide", PNG, wide, "decompression_bomb", "more than 30,000 pixels wide")
    deep = SIGNATURE + header(20000, 20000, 16, 6) + chunk(b"IDAT", small) + chunk(b"IEND")
    yield bad("bomb/png-3-gb", PNG, deep, "decompression_bomb", "400 million pixels of 8 bytes")


def _others() -> Iterator[Sample]:
    progressive = jpeg(progressive=True)
    yield bad(
        "bomb/jpeg-progressive", JPEG, _resized(progressive, 50000, 50000), "decompression_bomb", "2,500 megapixels"
    )
    gray_photo = _resized(jpeg("L"), 40000, 10000)
    yield bad("bomb/jpeg-gray", JPEG, gray_photo, "decompression_bomb", "400 megapixels")
    lossless = saved(picture((64, 48)), "WEBP", lossless=True)
    at = lossless.index(b"VP8L") + 9
    bits = struct.unpack_from("<I", lossless, at)[0] >> 28 << 28 | 16383 << 14 | 16383
    yield bad(
        "bomb/webp-lossless",
        WEBP,
        lossless[:at] + struct.pack("<I", bits) + lossless[at + 4 :],
        _BOMB,
        "268 megapixels",
    )
    lossy = saved(picture((64, 48)), "WEBP")
    at = lossy.index(b"\x9d\x01\x2a") + 3
    yield bad(
        "bomb/webp-lossy",
        WEBP,
        lossy[:at] + struct.pack("<HH", 16383, 16383) + lossy[at + 4 :],
        _BOMB,
        "268 megapixels",
    )
    canvas = riff(b"WEBP", vp8x(0, 1 << 24, 1 << 24), *(riff_chunk(*part) for part in chunks(lossy[12:])))
    yield bad("bomb/webp-largest-canvas", WEBP, canvas, _BOMB, "the largest canvas that can be written down")
    at = gif().index(b",\0\0\0\0")
    large = gif()[: at + 5] + struct.pack("<HH", 65535, 65535) + gif()[at + 9 :]
    yield bad("bomb/gif-frame", GIF, large, _BOMB, "one frame of 4,295 megapixels on a small screen")
    second = Page(picture_tags(50000, 50000, compression=8), (zlib.compress(bytes(1000)),))
    yield bad("bomb/tiff-second-page", TIFF, tiff(gray(), second), "decompression_bomb", "the second page is the bomb")
    for name, (width, height) in {"v3": (0x7FFFFFFF, 0x7FFFFFFF), "wide": (2000000, 100)}.items():
        content = bmp(8, size=(1, 1))
        content = content[:18] + struct.pack("<ii", width, height) + content[26:]
        yield bad(f"bomb/bmp-claims-{name}", BMP, content, _BOMB, "an impossible size")
