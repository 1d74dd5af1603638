"""GIF87a and GIF89a (CompuServe, Graphics Interchange Format, version 89a, sections 15 to 27)."""

import re
import struct

from validator.formats.polyglots.embedded import refuse_code, refuse_markup, refuse_second_header
from validator.formats.polyglots.trailing import refuse_tail
from validator.formats.readahead import ReadAhead
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import RefusedError

MIME = "image/gif"
BUDGET = Budget(max_bytes=600 * 1024 * 1024, max_ranges=2_000, max_seconds=30.0)

_SIGNATURES = (b"GIF87a", b"GIF89a")
_SCREEN = struct.Struct("<HHBBB")
_IMAGE = struct.Struct("<HHHHB")
_TABLE_FLAG = 0x80
_EXTENSION, _IMAGE_SEPARATOR, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION, _PLAIN_TEXT = 0xFE, 0xFF, 0x01
_TEXTS = (_COMMENT, _APPLICATION, _PLAIN_TEXT)
_CODE_SIZES = range(1, 12)
_LONGEST_RUN = 4096
_MAX_BLOCKS = 4_000_000
_MAX_ZEROS = 4096
_KEPT = 1024 * 1024
_REMNANT = 32
_READABLE = re.compile(rb"[ -~]{5}")
_OPENS_SCRIPT = re.compile(rb"/[*/]|=[ -~]|=\s[\s -~]{2}|\s{1,3}=[\s -~]")
"""Dimensions that read as code after `GIF89a`, which a script would take for a variable."""


def recognises(head: bytes) -> bool:
    return head.startswith(_SIGNATURES)


def parse(reader: RangeReader) -> str:
    """Walks the blocks up to the trailer."""
    head = reader.head()
    if not recognises(head):
        raise RefusedError("malformed", "The file does not begin with the signature of GIF.")
    refuse_second_header(head)
    if _OPENS_SCRIPT.match(head, 6):
        raise RefusedError("polyglot", "The image is a script at the same time.")
    source = ReadAhead(reader, refuse_markup)
    width, height, flags, _, _ = _SCREEN.unpack(source.read(6, _SCREEN.size))
    end = _walk_blocks(source, 6 + _SCREEN.size + _table_bytes(flags), (width, height))
    if width and height:  # some encoders write 0; the size is then that of the first image
        source.pixels.take(width, height)
    if not _is_remnant(source, end):
        refuse_tail(source, end)
    return MIME


def _is_remnant(source: ReadAhead, end: int) -> bool:
    """Returns True for the rest of a longer version that an old editor overwrote: up to 32 bytes, with its trailer."""
    rest = source.read(end, min(_REMNANT + 1, source.size - end))
    return len(rest) <= _REMNANT and rest.endswith(b";") and not _READABLE.search(rest)


def _walk_blocks(source: ReadAhead, at: int, screen: tuple[int, int]) -> int:
    """Returns the offset after the trailer, or the end of a file that ends after an image without one."""
    images = 0
    for _ in range(_MAX_BLOCKS):
        at = _skip_zeros(source, at)
        if at == source.size and images:
            return at
        introducer = source.read(at, 1)[0]
        match introducer:
            case 0x21:
                at = _check_extension(source, at + 1)
            case 0x2C:
                at = _check_image(source, at + 1, screen)
                images += 1
            case 0x3B if images:
                return at + 1
            case 0x3B:
                raise RefusedError("malformed", "The GIF holds no image.")
            case _:
                raise RefusedError("malformed", "The blocks of the GIF do not follow each other.")
        source.check_time()
    raise RefusedError("malformed", "The GIF has too many blocks.")


def _skip_zeros(source: ReadAhead, at: int) -> int:
    """Returns where the next block begins; some encoders pad blocks with zeros."""
    if at == source.size or source.read(at, 1) != b"\x00":
        return at
    zeros = source.read(at, min(_MAX_ZEROS, source.size - at))
    return at + len(zeros) - len(zeros.lstrip(b"\x00"))


def _table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & _TABLE_FLAG else 0


def _check_extension(source: ReadAhead, at: int) -> int:
    label = source.read(at, 1)[0]
    if label not in _TEXTS:
        return _skip_sub_blocks(source, at + 1)[0]
    kept: list[bytes] = []
    end, _ = _skip_sub_blocks(source, at + 1, kept)
    text = b"".join(kept)
    if label == _APPLICATION:
        refuse_markup(text)
    else:
        refuse_code(text)
    return end


def _check_image(source: ReadAhead, at: int, screen: tuple[int, int]) -> int:
    left, top, width, height, flags = _IMAGE.unpack(source.read(at, _IMAGE.size))
    source.pixels.take_frame(width, height, (max(screen[0], left + width), max(screen[1], top + height)))
    at += _IMAGE.size + _table_bytes(flags)
    if source.read(at, 1)[0] not in _CODE_SIZES:
        raise RefusedError("malformed", "An image of the GIF has no valid code size.")
    end, length = _skip_sub_blocks(source, at + 1)
    if not length or length * 8 * _LONGEST_RUN < width * height:
        raise RefusedError("malformed", "An image of the GIF has far less data than its size needs.")
    return end


def _skip_sub_blocks(source: ReadAhead, at: int, kept: list[bytes] | None = None) -> tuple[int, int]:
    """Returns where the blocks end and the number of bytes in them; appends up to 1 MiB to `kept` (section 15)."""
    start, total = at, 0
    block = source.rest_of_block(at)
    for _ in range(_MAX_BLOCKS):
        if at - start >= len(block):
            source.check_time()
            block, start = source.rest_of_block(at), at
            if not block:
                source.read(at, 1)  # raises TruncatedError
        size = block[at - start]
        at += 1
        if not size:
            return at, total
        if kept is not None and total < _KEPT:
            kept.append(source.read(at, size))
        at += size
        total += size
    raise RefusedError("malformed", "The GIF has too many blocks.")
