"""WebP (RFC 9649; the VP8 frame header is in RFC 6386, section 9.1)."""

import re
import struct

from validator.formats.jpeg.thumbnails import count_thumbnails
from validator.formats.polyglots.embedded import (
    opens_script,
    refuse_code,
    refuse_containers,
    refuse_markup,
    refuse_script,
    refuse_second_header,
)
from validator.formats.polyglots.trailing import refuse_tail
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.reader import Budget, RangeReader, TruncatedError
from validator.formats.riff.chunks import Chunk, chunks
from validator.formats.verdict import RefusedError

MIME = "image/webp"
BUDGET = Budget(max_bytes=600 * 1024 * 1024, max_ranges=2_000, max_seconds=20.0)

_HEADER = 12
_MAX_FRAMES = 20_000
_TEXT_BYTES = 4 * 1024 * 1024
_ADDED = (b"EXIF", b"XMP ")
_METADATA = re.compile(
    rb"(?:Exif\x00\x00)?(?:II\x2a\x00|MM\x00\x2a)"
    rb"|(?:\xef\xbb\xbf)?\s{0,64}<(?:\?xpacket|\?xml|x:x[am]pmeta|rdf:RDF)"
)
_VP8_START_CODE = b"\x9d\x01\x2a"
_VP8L_SIGNATURE = 0x2F
_ANIMATION_FLAG = 0x02

type Size = tuple[int, int]


def recognises(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def parse(reader: RangeReader) -> str:
    """Walks the chunks and reads the header of each bitstream.

    ImageMagick 6 writes the frames of an animation again after it, as separate images; these are checked as well.
    """
    head = reader.head()
    if not recognises(head):
        raise RefusedError("malformed", "The file does not begin with the header of WebP.")
    refuse_second_header(head)
    source = ReadAhead(reader, refuse_markup)
    if opens_script(head[4:8]):
        if 8 + int.from_bytes(head[4:8], "little") != reader.size:
            raise RefusedError("polyglot", "The image is a script at the same time.")
        refuse_script(head[4:8], source.read(8, min(AHEAD_BYTES, reader.size - 8)))
    end = _check_image(source, 0)
    for _ in range(_MAX_FRAMES):
        if end + _HEADER > source.size or not recognises(source.read(end, _HEADER)):
            break
        end = _check_image(source, end)
    refuse_tail(source, _check_metadata_behind(source, end))
    return MIME


def _check_metadata_behind(source: ReadAhead, end: int) -> int:
    """Checks EXIF and XMP that a program added without counting them in the size of the file; returns their end."""
    at = end + 1 if end % 2 and source.read(end, min(1, source.size - end)) == b"\x00" else end
    while at + 8 <= source.size and source.read(at, 4) in _ADDED:
        size = int.from_bytes(source.read(at + 4, 4), "little")
        if at + 8 + size > source.size:
            raise TruncatedError(f"{size} bytes of metadata at offset {at}")
        metadata = source.read(at + 8, min(size, _TEXT_BYTES))
        if size > _TEXT_BYTES or not _METADATA.match(metadata):
            return at
        refuse_containers(metadata)
        _check_metadata(source, metadata)
        at = min(at + 8 + size + (size & 1), source.size)
    return at


def _check_metadata(source: ReadAhead, metadata: bytes) -> None:
    refuse_markup(metadata)
    count_thumbnails(metadata, source.pixels)


def _check_image(source: ReadAhead, start: int) -> int:
    """Checks the image at `start` and returns where it ends."""
    end = start + 8 + int.from_bytes(source.read(start + 4, 4), "little")
    if not start + _HEADER < end <= source.size:
        raise RefusedError("malformed", "The image is cut: it says that it is longer than the file.")
    found = list(chunks(source, start + _HEADER, end, limit=_MAX_FRAMES))
    first = found[0]
    if first.fourcc == b"VP8X":
        _check_extended(source, found)
    else:
        source.pixels.take(*_bitstream_size(source, first))
    return end


def _check_extended(source: ReadAhead, found: list[Chunk]) -> None:
    """Checks the chunks of an extended image against its header (section 2.7)."""
    flags, canvas = _read_canvas(source, found[0])
    animated = bool(flags & _ANIMATION_FLAG)
    for chunk in found[1:]:
        match chunk.fourcc:
            case b"VP8 " | b"VP8L":
                if _bitstream_size(source, chunk) != canvas or animated:
                    raise RefusedError("malformed", "The image and its canvas do not agree.")
                source.pixels.take(*canvas)
            case b"ANMF":
                _check_frame(source, chunk, canvas)
            case b"EXIF" | b"XMP " | b"ICCP":
                _check_metadata(source, source.read(chunk.offset, min(chunk.size, _TEXT_BYTES)))
            case b"ALPH" | b"ANIM":
                pass
            case b"VP8X":
                raise RefusedError("malformed", "The image has two headers.")
            case _:
                refuse_code(source.read(chunk.offset, min(chunk.size, _TEXT_BYTES)))
    kinds = {chunk.fourcc for chunk in found}
    if not kinds & ({b"ANMF"} if animated else {b"VP8 ", b"VP8L"}) or (animated and b"ANIM" not in kinds):
        raise RefusedError("malformed", "The image has no image data.")


def _read_canvas(source: ReadAhead, chunk: Chunk) -> tuple[int, Size]:
    if chunk.size < 10:
        raise RefusedError("malformed", "The header of the image is too short.")
    body = source.read(chunk.offset, 10)
    width, height = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    source.pixels.take(width, height)
    return body[0], (width, height)


def _check_frame(source: ReadAhead, chunk: Chunk, canvas: Size) -> None:
    """Checks one frame of an animation (section 2.7.1.1)."""
    if chunk.size < 24:
        raise RefusedError("malformed", "A frame of the animation is too short.")
    body = source.read(chunk.offset, 16)
    left, top, width, height = (int.from_bytes(body[at : at + 3], "little") for at in (0, 3, 6, 9))
    size = (width + 1, height + 1)
    if 2 * left + size[0] > canvas[0] or 2 * top + size[1] > canvas[1]:
        raise RefusedError("malformed", "A frame of the animation does not fit on its canvas.")
    source.pixels.take_frame(*size, canvas)
    for inner in chunks(source, chunk.offset + 16, chunk.offset + chunk.size, limit=100):
        if inner.fourcc in {b"VP8 ", b"VP8L"}:
            if _bitstream_size(source, inner) != size:
                raise RefusedError("malformed", "A frame of the animation is not of the size that it says.")
            return
    raise RefusedError("malformed", "A frame of the animation has no image data.")


def _bitstream_size(source: ReadAhead, chunk: Chunk) -> Size:
    if chunk.fourcc == b"VP8 " and chunk.size >= 10:
        return _lossy_size(source.read(chunk.offset, 10), chunk.size)
    if chunk.fourcc == b"VP8L" and chunk.size > 5:
        return _lossless_size(source.read(chunk.offset, 5))
    raise RefusedError("malformed", "The image has no image data.")


def _lossy_size(header: bytes, size: int) -> Size:
    """Returns the size of a lossy image; its first frame must be a visible key frame (RFC 6386, section 9.1)."""
    tag = int.from_bytes(header[:3], "little")
    inter, version, shown, partition = tag & 1, (tag >> 1) & 7, (tag >> 4) & 1, tag >> 5
    if inter or version > 3 or not shown or header[3:6] != _VP8_START_CODE or 10 + partition > size:
        raise RefusedError("malformed", "The image data does not begin with a key frame.")
    width, height = struct.unpack("<HH", header[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(header: bytes) -> Size:
    """Returns the size of a lossless image (RFC 9649, section 3.4)."""
    bits = int.from_bytes(header[1:5], "little")
    if header[0] != _VP8L_SIGNATURE or bits >> 29:
        raise RefusedError("malformed", "The image data has no valid header.")
    return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
