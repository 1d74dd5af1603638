"""BMP (Microsoft, Windows GDI: Bitmap Storage and BITMAPV5HEADER; IBM, OS/2 Bitmap File Format)."""

import struct
from typing import NamedTuple

from validator.formats.pixels import pixel_cost
from validator.formats.polyglots.embedded import opens_script, refuse_markup, refuse_script, refuse_second_header
from validator.formats.polyglots.trailing import refuse_tail
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import RefusedError

MIME = "image/bmp"
BUDGET = Budget(max_bytes=80 * 1024 * 1024, max_ranges=160, max_seconds=20.0)

_FILE_HEADER = struct.Struct("<2sIHHI")
_CORE = struct.Struct("<HHHH")
_INFO = struct.Struct("<iiHHIIiiII")
_CORE_SIZE, _SHORT_SIZE, _INFO_SIZE, _OS2_SIZE, _V5_SIZE = 12, 16, 40, 64, 124
_SIZES = (_CORE_SIZE, _SHORT_SIZE, _INFO_SIZE, 52, 56, _OS2_SIZE, 108, _V5_SIZE)
_RGB, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG, _ALPHA_BITFIELDS = range(7)
_OS2_HUFFMAN, _OS2_RLE24 = 3, 4
_DEPTHS = {
    _RGB: (1, 2, 4, 8, 16, 24, 32),
    _RLE8: (8,),
    _RLE4: (4,),
    _BITFIELDS: (16, 32),
    _ALPHA_BITFIELDS: (16, 32),
}
_OS2_DEPTHS = {_RGB: (1, 4, 8, 24), _RLE8: (8,), _RLE4: (4,), _OS2_HUFFMAN: (1,), _OS2_RLE24: (24,)}
_SCANNED = 64 * 1024 * 1024
_PROFILE_BYTES = 4 * 1024 * 1024


class Bitmap(NamedTuple):
    """The fields of the header."""

    header: int
    width: int
    height: int
    planes: int
    depth: int
    compression: int = _RGB
    stored: int = 0
    colours: int = 0


def recognises(head: bytes) -> bool:
    return head.startswith(b"BM")


def parse(reader: RangeReader) -> str:
    """Checks the headers for consistency with each other and with the length of the file."""
    head = reader.head()
    magic, file_size, _, _, pixels_at = _FILE_HEADER.unpack(reader.read(0, _FILE_HEADER.size))
    if magic != b"BM":
        raise RefusedError("malformed", "The file does not begin with the signature of BMP.")
    refuse_second_header(head)
    source = ReadAhead(reader, refuse_markup)
    if opens_script(head[2:6]):
        if file_size != reader.size:
            raise RefusedError("polyglot", "The image is a script at the same time.")
        refuse_script(head[2:6], source.read(6, min(AHEAD_BYTES, reader.size - 6)))
    bitmap = _read_header(reader)
    _check_coding(bitmap)
    reader.pixels.take(bitmap.width, abs(bitmap.height), pixel_cost(bitmap.depth))
    if not _FILE_HEADER.size + bitmap.header + _palette_bytes(bitmap) <= pixels_at < reader.size:
        raise RefusedError("malformed", "The header of the image does not say where its pixels are.")
    end = _end_of_pixels(reader, bitmap, pixels_at)
    for _ in source.blocks(0, min(end, _SCANNED)):
        reader.check_time()
    refuse_tail(source, _end_of_profile(reader, bitmap, end))
    return MIME


def _read_header(reader: RangeReader) -> Bitmap:
    size = int.from_bytes(reader.read(_FILE_HEADER.size, 4), "little")
    if size not in _SIZES:
        raise RefusedError("malformed", "The image has a header that BMP does not have.")
    body = reader.read(_FILE_HEADER.size, size)[4:]
    if size == _CORE_SIZE:
        return Bitmap(size, *_CORE.unpack(body))
    if size == _SHORT_SIZE:
        return Bitmap(size, *struct.unpack("<iiHH", body))
    width, height, planes, depth, compression, stored, _, _, colours, _ = _INFO.unpack(body[: _INFO.size])
    return Bitmap(size, width, height, planes, depth, compression, stored, colours)


def _check_coding(bitmap: Bitmap) -> None:
    os2 = bitmap.header in {_CORE_SIZE, _SHORT_SIZE, _OS2_SIZE}
    if not os2 and bitmap.compression in {_JPEG, _PNG}:
        raise RefusedError("unsupported_type", "The BMP holds a JPEG or PNG image, which no viewer shows.")
    depths = _OS2_DEPTHS if os2 else _DEPTHS
    if bitmap.planes != 1 or bitmap.depth not in depths.get(bitmap.compression, ()):
        raise RefusedError("malformed", "The image has a colour depth or coding that BMP does not have.")
    if bitmap.height < 0 and bitmap.compression in {_RLE8, _RLE4}:
        raise RefusedError("malformed", "A compressed BMP cannot be stored from top to bottom.")


def _palette_bytes(bitmap: Bitmap) -> int:
    """Returns the least number of bytes for masks between the header and the pixels; checks the palette's size."""
    if bitmap.header == _INFO_SIZE and bitmap.compression in {_BITFIELDS, _ALPHA_BITFIELDS}:
        return 12 if bitmap.compression == _BITFIELDS else 16
    if bitmap.depth > 8:
        return 0
    if bitmap.colours > 2**bitmap.depth * 4:
        raise RefusedError("malformed", "The palette of the image has too many colours.")
    return 0


def _end_of_pixels(reader: RangeReader, bitmap: Bitmap, start: int) -> int:
    """Returns where the pixels end; for compressed ones the header contains their length."""
    if bitmap.compression not in {_RGB, _BITFIELDS, _ALPHA_BITFIELDS}:
        end = start + (bitmap.stored or reader.size - start)
        if end > reader.size:
            raise RefusedError("malformed", "The image is cut: its pixels reach beyond the end of the file.")
        return end
    row = (bitmap.width * bitmap.depth + 7) // 8
    stride = (row + 3) & ~3
    if start + stride * (abs(bitmap.height) - 1) + row > reader.size:
        raise RefusedError("malformed", "The image is cut: its pixels reach beyond the end of the file.")
    return min(reader.size, start + stride * abs(bitmap.height))


def _end_of_profile(reader: RangeReader, bitmap: Bitmap, end: int) -> int:
    """Returns where the colour profile of a version 5 header ends, which usually follows the pixels."""
    if bitmap.header != _V5_SIZE:
        return end
    body = reader.read(_FILE_HEADER.size + 112, 8)
    start, size = _FILE_HEADER.size + int.from_bytes(body[:4], "little"), int.from_bytes(body[4:], "little")
    if not size or start < end or start + size > reader.size:
        return end
    refuse_markup(reader.read(start, min(size, _PROFILE_BYTES)))
    return start + size
