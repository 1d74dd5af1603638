"""TIFF directory by directory (Adobe's TIFF 6.0)."""

import struct
from dataclasses import dataclass, field

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, DOUBLE, IFD = 1, 2, 3, 4, 5, 7, 12, 13
_SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, DOUBLE: 8, IFD: 4}
type Value = bytes | tuple[int, ...]
type Tags = dict[int, tuple[int, Value]]


def picture_tags(
    width: int = 20, height: int = 10, *, bits: tuple[int, ...] = (8,), photometric: int = 1, compression: int = 1
) -> Tags:
    """Returns the tags that every image has, without the offsets of its strips."""
    return {
        0x0100: (LONG, (width,)), 0x0101: (LONG, (height,)), 0x0102: (SHORT, bits), 0x0103: (SHORT, (compression,)),
        0x0106: (SHORT, (photometric,)), 0x0115: (SHORT, (len(bits),)), 0x0116: (LONG, (height,)),
        0x011A: (RATIONAL, struct.pack("<II", 300, 1)), 0x011B: (RATIONAL, struct.pack("<II", 300, 1)),
        0x0128: (SHORT, (2,)),
    }  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A directory: its tags, and the strips whose offsets are filled in."""

    tags: Tags
    strips: tuple[bytes, ...]
    tiles: bool = False
    below: "tuple[Page, ...]" = field(default=())


def tiff(*pages: Page, order: str = "<", directory_first: bool = True, magic: int = 42, head: bytes = b"") -> bytes:
    """Returns a file with these pages; each directory comes before or after its strips."""
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", magic, 0) + head)
    link = 4
    for page in pages:
        at, next_link = _write(out, page, order, directory_first=directory_first)
        struct.pack_into(f"{order}I", out, link, at)
        link = next_link
    return bytes(out)


def _write(out: bytearray, page: Page, order: str, *, directory_first: bool) -> tuple[int, int]:
    tags = dict(page.tags)
    offsets, counts = (0x0144, 0x0145) if page.tiles else (0x0111, 0x0117)
    if page.strips:
        tags[offsets] = (LONG, (0,) * len(page.strips))
        tags[counts] = (LONG, tuple(len(strip) for strip in page.strips))
    if page.below:
        tags[0x014A] = (LONG, (0,) * len(page.below))
    if directory_first:
        at = _reserve(out, tags)
        places = _append(out, page.strips)
    else:
        places = _append(out, page.strips)
        at = _reserve(out, tags)
    if places:
        tags[offsets] = (LONG, places)
    if page.below:
        tags[0x014A] = (
            LONG,
            tuple(_write(out, child, order, directory_first=directory_first)[0] for child in page.below),
        )
    _fill(out, at, tags, order)
    return at, at + 2 + 12 * len(tags)


def _append(out: bytearray, strips: tuple[bytes, ...]) -> tuple[int, ...]:
    places = []
    for strip in strips:
        out += b"\0" * (len(out) % 2)
        places.append(len(out))
        out += strip
    return tuple(places)


def _encoded(kind: int, value: Value, order: str) -> tuple[int, bytes]:
    if isinstance(value, bytes):
        if kind == RATIONAL and order == ">":
            value = struct.pack(f">{len(value) // 4}I", *struct.unpack(f"<{len(value) // 4}I", value))
        return len(value) // _SIZES[kind], value
    return len(value), struct.pack(f"{order}{len(value)}{'H' if kind == SHORT else 'I'}", *value)


def _reserve(out: bytearray, tags: Tags) -> int:
    out += b"\0" * (len(out) % 2)
    at = len(out)
    long = sum(
        len(data) + len(data) % 2 for kind, value in tags.values() if len(data := _encoded(kind, value, "<")[1]) > 4
    )
    out += bytes(2 + 12 * len(tags) + 4 + long)
    return at


def _fill(out: bytearray, at: int, tags: Tags, order: str) -> None:
    struct.pack_into(f"{order}H", out, at, len(tags))
    entry, values_at = at + 2, at + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        kind, value = tags[tag]
        count, data = _encoded(kind, value, order)
        struct.pack_into(f"{order}HHI", out, entry, tag, kind, count)
        if len(data) <= 4:
            out[entry + 8 : entry + 12] = data.ljust(4, b"\0")
        else:
            struct.pack_into(f"{order}I", out, entry + 8, values_at)
            out[values_at : values_at + len(data)] = data
            values_at += len(data) + len(data) % 2
        entry += 12


def gray(**options: object) -> Page:
    """Returns a small gray image in one strip."""
    return Page(picture_tags(**options), (bytes(n % 251 for n in range(200)),))


def rgb(width: int = 20, height: int = 10, *, strips: int = 1, extra: Tags | None = None) -> Page:
    """Returns a small image with three channels."""
    tags = picture_tags(width, height, bits=(8, 8, 8), photometric=2)
    tags[0x0116] = (LONG, (height // strips,))
    row = bytes(n % 253 for n in range(width * 3))
    return Page(tags | (extra or {}), (row * (height // strips),) * strips)
