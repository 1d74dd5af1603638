"""Images with contradictory structure."""
# ruff: noqa: E501  # tables, where a case is one line

import struct
import zlib
from collections.abc import Callable, Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.good_webp_bmp import bmp
from testkit.corpus.jpeg_bytes import jpeg, segment, split
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, extension, gif, header, lzw, png, rows
from testkit.corpus.riff_bytes import chunk as riff_chunk
from testkit.corpus.riff_bytes import riff, vp8x
from testkit.corpus.sample import BMP, GIF, JPEG, PNG, TIFF, WEBP, Sample, bad
from testkit.corpus.tiff_bytes import LONG, SHORT, Page, gray, picture_tags, rgb, tiff

_BROKEN = "malformed"


def samples() -> Iterator[Sample]:
    for source in (_png, _jpeg, _gif, _webp, _tiff, _bmp):
        yield from source()


def _png() -> Iterator[Sample]:
    data = zlib.compress(rows(32, 24))
    ihdr, idat = header(32, 24), chunk(b"IDAT", data)
    flipped = bytearray(png())
    flipped[60] ^= 0xFF
    wrong_crc = bytearray(png())
    wrong_crc[29] ^= 1
    cases = {
        "no-ihdr": (SIGNATURE + idat + END, "IHDR comes first"),
        "two-ihdr": (SIGNATURE + ihdr + ihdr + idat + END, "there is one IHDR"),
        "late-ihdr": (SIGNATURE + chunk(b"tEXt", b"a\0b") + ihdr + idat + END, "IHDR comes first"),
        "no-idat": (SIGNATURE + ihdr + END, "no image data"),
        "no-iend": (SIGNATURE + ihdr + idat, "the end is missing"),
        "crc-of-idat": (bytes(flipped), "wrong CRC"),
        "crc-of-ihdr": (bytes(wrong_crc), "wrong CRC"),
        "long-ihdr": (SIGNATURE + chunk(b"IHDR", ihdr[8:21] + b"\0") + idat + END, "IHDR has 13 bytes"),
        "colour-5": (SIGNATURE + header(32, 24, 8, 5) + idat + END, "no such colour type"),
        "depth-3": (SIGNATURE + header(32, 24, 3, 0) + idat + END, "no such depth"),
        "depth-1-rgb": (SIGNATURE + header(32, 24, 1, 2) + idat + END, "true colour has 8 or 16 bits"),
        "interlace-2": (SIGNATURE + header(32, 24, 8, 2, 2) + idat + END, "no such interlacing"),
        "no-palette": (SIGNATURE + header(32, 24, 8, 3) + idat + END, "an indexed picture needs PLTE"),
        "critical-unknown": (SIGNATURE + ihdr + chunk(b"EVIL", b"x") + idat + END, "an unknown critical chunk"),
        "huge-length": (SIGNATURE + ihdr + b"\x7f\xff\xff\xffIDAT" + data, "a chunk of 2 GB in a small file"),
        "negative-length": (SIGNATURE + ihdr + b"\xff\xff\xff\xffIDAT" + data, "a length above 2^31-1"),
        "chunk-without-name": (SIGNATURE + ihdr + chunk(b"\0\0\0\0", b"x") + idat + END, "names are letters"),
        "no-deflate": (SIGNATURE + ihdr + chunk(b"IDAT", b"\xde\xad\xbe\xef" * 20) + END, "IDAT is no zlib stream"),
        "text-signature": (png().replace(b"\r\n", b"\n", 1), "mangled by a transfer as text"),
        "only-signature": (SIGNATURE, "signature only"),
        "signature-twice": (SIGNATURE + png(), "the signature twice"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        reasons = "malformed|unsupported_type" if "signature" in name else _BROKEN
        yield bad(f"png/{name}", PNG, content, reasons, why)


def _jpeg() -> Iterator[Sample]:
    photo = jpeg()
    own, rest = split(photo)
    kept: Callable[[int], bytes] = lambda marker: b"".join(part for part in own if part[1] != marker)  # noqa: E731
    frame = next(part for part in own if part[1] == 0xC0)
    soi, huge = b"\xff\xd8", b"\xff\xe1\xff\xff"
    cases = {
        "no-frame": (soi + kept(0xC0) + rest, "a scan without a frame"),
        "no-quantisation": (soi + kept(0xDB) + rest, "the tables of the frame are missing"),
        "no-scan": (soi + b"".join(own) + b"\xff\xd9", "there is no scan"),
        "only-soi-eoi": (soi + b"\xff\xd9", "nothing between start and end"),
        "only-app0": (soi + own[0] + b"\xff\xd9", "header only"),
        "zero-width": (photo.replace(frame, frame[:7] + b"\0\0" + frame[9:]), "the width is 0"),
        "no-components": (photo.replace(frame, segment(0xC0, frame[4:9] + b"\0")), "a frame of no components"),
        "components-do-not-fit": (photo.replace(frame, segment(0xC0, frame[4:9] + b"\x09" + frame[10:])), "lengths differ"),
        "segment-of-length-0": (soi + b"\xff\xe0\0\0" + photo[4:], "a length includes itself"),
        "segment-of-length-1": (soi + b"\xff\xe0\0\x01" + photo[4:], "a length includes itself"),
        "segment-beyond-the-end": (soi + huge + photo[2:], "a segment is longer than the file"),
        "no-marker": (soi + b"\0\x01\x02\x03" + photo[2:], "a byte that is no marker"),
        "text-after-soi": (soi + b"\xff\xe0hello, world, this is no picture at all" * 9, "text"),
        "sampling-0": (photo.replace(frame, frame[:11] + b"\0" + frame[12:]), "sampling factors are 1 to 4"),
        "precision-3": (photo.replace(frame, frame[:4] + b"\x03" + frame[5:]), "baseline has 8 bits"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(f"jpeg/{name}", JPEG, content, "malformed|unsupported_type", why)


def _gif() -> Iterator[Sample]:
    sound, image = gif(), b"," + struct.pack("<HHHHB", 0, 0, 4, 4, 0)
    screen = sound[: 13 + 12]
    cases = {
        "version": (b"GIF88a" + sound[6:], "there are 87a and 89a"), "no-image": (screen + b";", "there is no image"),
        "only-extension": (screen + extension(0xFE, b"", b"x") + b";", "there is no image"),
        "unknown-block": (screen + b"X" + sound[25:], "no such block"),
        "no-table": (gif(table=False), "neither a global nor a local table"),
        "zero-frame": (screen + b"," + bytes(9) + lzw(16) + b";", "a frame of 0 by 0"),
        "code-size-0": (screen + image + b"\0" + lzw(16)[1:] + b";", "the minimum code size is at least 2"),
        "code-size-200": (screen + image + b"\xc8" + lzw(16)[1:] + b";", "the minimum code size is at most 8"),
        "no-data": (screen + image + b"\x02\0;", "an image without data"),
        "garbage-between": (screen + b"garbage" + sound[25:], "blocks do not follow each other"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        reasons = _BROKEN if name not in {"version", "no-table"} else "malformed|unsupported_type"
        if name != "no-table":
            yield bad(f"gif/{name}", GIF, content, reasons, why)


def _webp() -> Iterator[Sample]:
    lossy = valid()[WEBP]
    short, long = struct.pack("<I", len(lossy) - 108), struct.pack("<I", len(lossy) + 1000)
    cases = {
        "size-too-large": (lossy[:4] + long + lossy[8:], "RIFF's size is beyond the end"),
        "size-too-small": (lossy[:4] + short + lossy[8:], "RIFF's size cuts the picture"),
        "size-0": (lossy[:4] + bytes(4) + lossy[8:], "RIFF's size is 0"),
        "no-chunk": (riff(b"WEBP"), "no image data"),
        "header-only": (riff(b"WEBP", vp8x(0, 64, 48)), "no image data"),
        "metadata-only": (riff(b"WEBP", vp8x(8, 64, 48), riff_chunk(b"EXIF", bytes(40))), "no image data"),
        "unknown-first": (riff(b"WEBP", riff_chunk(b"EVIL", bytes(40))), "the first chunk is VP8, VP8L or VP8X"),
        "chunk-too-large": (lossy[:16] + struct.pack("<I", 1 << 30) + lossy[20:], "the picture is beyond the end"),
        "no-start-code": (lossy.replace(b"\x9d\x01\x2a", b"\0\0\0", 1), "VP8's start code is wrong"),
        "lossless-signature": (riff(b"WEBP", riff_chunk(b"VP8L", b"\x2e" + bytes(60))), "VP8L's signature is 0x2F"),
        "zero-width": (lossy[:26] + bytes(2) + lossy[28:], "the width is 0"),
        "picture-is-html": (riff(b"WEBP", riff_chunk(b"VP8 ", b"<html><script>alert(1)</script></html>")), "no VP8"),
        "animation-without-frames": (riff(b"WEBP", vp8x(2, 9, 9), riff_chunk(b"ANIM", bytes(6))), "no frames"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(f"webp/{name}", WEBP, content, "malformed|polyglot" if "html" in name else _BROKEN, why)


def _tiff() -> Iterator[Sample]:
    sound, page = tiff(rgb()), rgb()
    loop = bytearray(sound)
    struct.pack_into("<I", loop, 8 + 2 + 12 * struct.unpack_from("<H", sound, 8)[0], 8)

    def with_tag(tag: int, value: tuple) -> bytes:
        return tiff(Page(page.tags | {tag: value}, page.strips))

    def without(tag: int) -> bytes:
        return tiff(Page({key: value for key, value in page.tags.items() if key != tag}, page.strips))

    def placed(tag: int, value: int) -> bytes:
        out, entry = bytearray(sound), sound.index(struct.pack("<HH", tag, LONG), 8)
        struct.pack_into("<I", out, entry + 8, value)
        return bytes(out)

    cases = {
        "directory-beyond-the-end": (sound[:4] + struct.pack("<I", 1 << 30) + sound[8:], "there is no directory there"),
        "directory-at-0": (sound[:4] + bytes(4) + sound[8:], "there is no directory"),
        "directory-loop": (bytes(loop), "the chain of pages never ends"),
        "no-entries": (sound[:8] + bytes(2) + sound[10:], "a directory has at least one entry"),
        "entries-beyond-the-end": (sound[:8] + b"\xff\xff" + sound[10:], "65,535 entries in a small file"),
        "strip-beyond-the-end": (placed(0x0111, 1 << 30), "the pixels are not in the file"),
        "strip-length-beyond": (placed(0x0117, 1 << 30), "the pixels are not in the file"),
        "no-width": (without(0x0100), "ImageWidth is required"), "no-height": (without(0x0101), "ImageLength is required"),
        "zero-width": (with_tag(0x0100, (LONG, (0,))), "the width is 0"), "zero-height": (with_tag(0x0101, (LONG, (0,))), "0"),
        "no-strips": (tiff(Page(page.tags, ())), "there are no pixels"),
        "only-header": (sound[:8], "nothing but the header"), "wrong-order": (b"MM" + sound[2:], "the byte order is wrong"),
        "strips-for-half": (tiff(Page(page.tags | {0x0101: (LONG, (2000,))}, page.strips)), "strips hold less than the size"),
        "samples-do-not-fit": (tiff(Page(picture_tags(20, 10) | {0x0115: (SHORT, (0,))}, gray().strips)), "no samples"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(
            f"tiff/{name}", TIFF, content, "malformed|unsupported_type" if name == "wrong-order" else _BROKEN, why
        )


def _bmp() -> Iterator[Sample]:
    sound = bmp()

    def patched(at: int, kind: str, value: int) -> bytes:
        out = bytearray(sound)
        struct.pack_into(kind, out, at, value)
        return bytes(out)

    cases = {
        "header-size-41": (patched(14, "<I", 41), "no such header"), "header-size-0": (patched(14, "<I", 0), "none"),
        "header-size-huge": (patched(14, "<I", 1 << 30), "no such header"), "planes-0": (patched(26, "<H", 0), "planes is 1"),
        "planes-9": (patched(26, "<H", 9), "planes is 1"), "bits-3": (patched(28, "<H", 3), "no such depth"),
        "bits-99": (patched(28, "<H", 99), "no such depth"), "zero-width": (patched(18, "<i", 0), "the width is 0"),
        "negative-width": (patched(18, "<i", -13), "the width is positive"), "zero-height": (patched(22, "<i", 0), "0"),
        "compression-77": (patched(30, "<I", 77), "no such compression"), "rle8-at-24": (patched(30, "<I", 1), "RLE8 has 8 bits"),
        "pixels-beyond-the-end": (patched(10, "<I", 1 << 30), "the pixels are not in the file"),
        "pixels-in-the-header": (patched(10, "<I", 20), "the pixels overlap the header"),
        "taller-than-the-file": (patched(22, "<i", 5000), "the pixels are not in the file"),
        "wider-than-the-file": (patched(18, "<i", 5000), "the pixels are not in the file"),
        "bm-text": (b"BMW is a car maker from Munich. " * 60, "a text that begins with BM"),
        "bm-mail": (b"BM: dear all, this is no picture\r\n" * 60, "a text that begins with BM"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        reasons = "malformed|unsupported_type" if name.startswith(("bm-", "header-size")) else _BROKEN
        yield bad(f"bmp/{name}", BMP, content, reasons, why)
