"""Truncation points after which, by the rules of its format, the beginning of a file must be rejected.

A JPEG is cut before its first scan, because a complete scan needs no end marker. Formats without a defined end have
no points: MPEG program streams, live recordings of WebM and Windows Media, compressed BMPs, and TIFFs, whose pixels may
be anywhere.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

_MOST_GIF_IMAGES = 20


def truncation_points(family: str, data: bytes) -> Iterator[int]:
    """Yields lengths to which `data`, an accepted file, can be truncated so that it must be rejected."""
    if family in _INSIDE:
        yield from _INSIDE[family](data)
        return
    needed = min(_NEEDED[family](data), len(data)) if family in _NEEDED else 0
    if needed > 1:
        yield from {needed - 1, needed // 2, 1 + zlib.crc32(data) % (needed - 1)}


def _little(data: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _bmp(data: bytes) -> int:
    """Width, height and depth give the end of uncompressed pixels; padding of the last row is optional."""
    if _little(data, 14) < 40 or _little(data, 30):
        return 0
    pixels_at, (width, height, _, depth) = _little(data, 10), struct.unpack_from("<iiHH", data, 18)
    row = (width * depth + 7) // 8
    return pixels_at + (row + 3 & ~3) * (abs(height) - 1) + row


def _asf(data: bytes) -> int:
    """The data object after the header gives its end, except in a live recording."""
    header = _little(data, 16, 8)
    size = _little(data, header + 16, 8)
    return header + size if size > 50 else 0


def _ebml(data: bytes) -> int:
    """The segment after the header gives its end, unless its size is unknown."""
    header_length, header_size = _vint(data, 4)
    at = 4 + header_length + header_size
    if data[at : at + 4] != b"\x18\x53\x80\x67":
        return 0
    length, size = _vint(data, at + 4)
    return 0 if size == (1 << 7 * length) - 1 else at + 4 + length + size


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """Returns the length of the number in bytes, and the number."""
    length = 9 - data[at].bit_length()
    return length, int.from_bytes(data[at : at + length]) & ((1 << 7 * length) - 1)


_NEEDED: dict[str, Callable[[bytes], int]] = {
    "png": lambda data: data.find(b"IEND") + 8,
    "jpeg": lambda data: data.find(b"\xff\xda") + 2,
    "webp": lambda data: 8 + _little(data, 4),
    "bmp": _bmp,
    "avi": lambda data: _little(data, 4),
    "asf": _asf,
    "webm": _ebml,
}


def _inside_boxes(data: bytes) -> Iterator[int]:
    """Yields the middle and the last byte of each top-level box of a small file."""
    at = 0
    while at + 8 <= len(data) <= 16 * 1024:
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8 or at + size > len(data):
            return  # data of a maker, whose end is not defined
        if size > 9:
            yield from {max(at + 9, at + size // 2), at + size - 1}
        at += size


def _inside_gif_blocks(data: bytes) -> Iterator[int]:
    """Yields the middle and the last byte of each image and extension; between blocks, a GIF may end."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    images = 0
    while at < len(data) <= 16 * 1024 and (data[at] in b"\x00,!"):
        start = at
        if data[at] == 0:
            at += 1
            continue
        flags = data[at + 9] if data[at] == 0x2C else 0
        images += data[at] == 0x2C
        at += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0) if data[at] == 0x2C else 2
        while data[at]:
            at += 1 + data[at]
        at += 1
        if images < _MOST_GIF_IMAGES:
            yield from {(start + at) // 2, at - 1}


_INSIDE: dict[str, Callable[[bytes], Iterator[int]]] = {"isobmff": _inside_boxes, "gif": _inside_gif_blocks}
