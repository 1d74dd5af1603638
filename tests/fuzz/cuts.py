"""Where a file may be cut that the beginning cannot be accepted any more, by each format's own rules.

Formats that do not say where they end promise nothing here: program streams of MPEG, live recordings of WebM and
Windows Media, compressed BMPs, TIFFs whose pixels stand anywhere.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

_PADDING = b"\x00 \t\r\n\x1a"
_GIF_REMNANT = 32


def hopeless_cuts(family: str, data: bytes) -> Iterator[int]:
    """Lengths below that of `data`, an accepted file: what is left then must be refused."""
    if family == "isobmff":
        yield from _inside_boxes(data)
        return
    needed = min(_NEEDED[family](data), len(data)) if family in _NEEDED else 0
    if needed > 1:
        yield from {needed - 1, needed // 2, 1 + zlib.crc32(data) % (needed - 1)}


def _little(data: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _bmp(data: bytes) -> int:
    """Uncompressed pixels reach as far as width, height and depth say, the padding of the last row apart."""
    if _little(data, 14) < 40 or _little(data, 30):
        return 0
    pixels_at, (width, height, _, depth) = _little(data, 10), struct.unpack_from("<iiHH", data, 18)
    row = (width * depth + 7) // 8
    return pixels_at + (row + 3 & ~3) * (abs(height) - 1) + row


def _asf(data: bytes) -> int:
    """The data object behind the header ends where it says; that of a live recording may say nothing."""
    header = _little(data, 16, 8)
    size = _little(data, header + 16, 8)
    return header + size if size > 50 else 0


def _ebml(data: bytes) -> int:
    """The segment right behind the header ends where it says, unless its size is unknown."""
    header_length, header_size = _vint(data, 4)
    at = 4 + header_length + header_size
    if data[at : at + 4] != b"\x18\x53\x80\x67":
        return 0
    length, size = _vint(data, at + 4)
    return 0 if size == (1 << 7 * length) - 1 else at + 4 + length + size


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """How many bytes the number has, and the number."""
    length = 9 - data[at].bit_length()
    return length, int.from_bytes(data[at : at + length]) & ((1 << 7 * length) - 1)


_NEEDED: dict[str, Callable[[bytes], int]] = {
    "png": lambda data: data.find(b"IEND") + 8,
    "jpeg": lambda data: data.find(b"\xff\xd9") + 2,
    "gif": lambda data: len(data.rstrip(_PADDING)) - _GIF_REMNANT,
    "webp": lambda data: 8 + _little(data, 4),
    "bmp": _bmp,
    "avi": lambda data: _little(data, 4),
    "asf": _asf,
    "webm": _ebml,
}


def _inside_boxes(data: bytes) -> Iterator[int]:
    """In the middle and one byte before the end of each box, as far as the walk of a small file goes."""
    at = 0
    while at + 8 <= len(data) <= 16 * 1024:
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8:
            return
        if size > 9:
            yield from {max(at + 9, at + size // 2), at + size - 1}
        at += size
