"""PNG and APNG (W3C Portable Network Graphics Specification, third edition, sections 5 and 11)."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from validator.formats.jpeg.thumbnails import count_thumbnails
from validator.formats.makers import check_trailer, find_trailer
from validator.formats.pixels import pixel_cost
from validator.formats.png.inflate import ImageData, Unpacked, refuse_bomb_text
from validator.formats.polyglots.embedded import refuse_code, refuse_markup, refuse_second_header
from validator.formats.polyglots.trailing import refuse_tail
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import RefusedError

MIME = "image/png"
BUDGET = Budget(max_bytes=600 * 1024 * 1024, max_ranges=2_000, max_seconds=30.0)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xae\x42\x60\x82"
"""End of a PNG. Older phones and Windows wrote cropped screenshots over the originals, whose ends remained."""
_HEADER = struct.Struct(">I4s")
_IHDR = struct.Struct(">IIBBBBB")
_FRAME = struct.Struct(">5I6x")
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3
_SEQUENCE_BYTES = 4
_GREYS = (0, 4)
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_MAX_LENGTH = 0x7FFFFFFF
_MAX_CHUNKS = 1_000_000
_CHECKED_WHOLE = 64 * 1024 * 1024
_PADDING = 4096
_KEPT = 8 * 1024 * 1024


class _Chunk(NamedTuple):
    kind: bytes
    offset: int
    length: int


@dataclass(slots=True)
class _State:
    """Facts from the chunks read so far."""

    colour: int = 0
    size: tuple[int, int] = (0, 0)
    seen: set[bytes] = field(default_factory=set)
    previous: bytes = b""
    frames: int = 0
    coding: tuple[int, bool] = (0, False)
    unpacked: Unpacked = field(default_factory=Unpacked)
    data: ImageData | None = None
    frame: ImageData | None = None

    def create_data(self, width: int, height: int) -> ImageData:
        """Returns the check of the pixels of one picture, in the coding that the header of the image names."""
        bits, interlaced = self.coding
        return ImageData(width, height, bits, self.unpacked, interlaced=interlaced)

    def end_frame(self) -> None:
        """Refuses the animation if the current frame has fewer pixels than it says."""
        if self.frame:
            self.frame.finish()
            self.frame = None


def recognises(head: bytes) -> bool:
    return head.startswith(_SIGNATURE)


def parse(reader: RangeReader) -> str:
    """Walks the chunks to IEND and checks their order, and the CRCs of those that a picture needs.

    In files of more than 64 MiB, chunks of more than 1 MiB are skipped without a check of their CRC.
    """
    if not recognises(reader.head()):
        raise RefusedError("malformed", "The file does not begin with the signature of PNG.")
    refuse_second_header(reader.head())
    source = ReadAhead(reader, refuse_markup)
    state = _State()
    at = len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        length, kind = _HEADER.unpack(source.read(at, _HEADER.size))
        chunk = _Chunk(kind, at + _HEADER.size, length)
        at = _check_chunk(source, state, chunk)
        if kind == b"IEND":
            _check_complete(state)
            _refuse_tail(reader, source, at)
            return MIME
    raise RefusedError("malformed", f"The image has more than {_MAX_CHUNKS:,} chunks.")


def _refuse_tail(reader: RangeReader, source: ReadAhead, end: int) -> None:
    """Refuses data after the end, unless it is a trailer of a phone that edited or took a screenshot."""
    trailer = find_trailer(reader) if end < source.size else None
    if trailer and 0 <= trailer.start - end <= _PADDING and not source.read(end, trailer.start - end).strip(b"\x00"):
        check_trailer(source, trailer)
    else:
        refuse_tail(source, end, remains=_END)


def _check_chunk(source: ReadAhead, state: _State, chunk: _Chunk) -> int:
    """Checks a chunk and returns where the next one begins."""
    if not chunk.kind.isalpha() or not chunk.kind.isascii() or chunk.length > _MAX_LENGTH:
        raise RefusedError("malformed", "A chunk of the image has no valid header.")
    _check_order(state, chunk)
    _check_body(source, state, chunk)
    state.seen.add(chunk.kind)
    state.previous = chunk.kind
    return chunk.offset + chunk.length + 4


def _check_order(state: _State, chunk: _Chunk) -> None:
    kind, seen = chunk.kind, state.seen
    if (kind == b"IHDR") == bool(seen):
        raise RefusedError("malformed", "The image does not begin with one header chunk.")
    if kind in {b"PLTE", b"acTL"} and (kind in seen or b"IDAT" in seen):
        raise RefusedError("malformed", "A chunk that must come once, before the image data, does not.")
    if kind == b"IDAT" and kind in seen and state.previous != kind:
        raise RefusedError("malformed", "The chunks of image data do not follow each other.")
    if kind in {b"fdAT", b"fcTL"}:
        state.frames += kind == b"fcTL"
        if b"acTL" not in seen:
            raise RefusedError("malformed", "The image has animation frames but says that it is not animated.")
    if kind[0] & 0x20 == 0 and kind not in {b"IHDR", b"PLTE", b"IDAT", b"IEND"}:
        raise RefusedError("malformed", "The image has a critical chunk that no decoder knows.")


def _check_body(source: ReadAhead, state: _State, chunk: _Chunk) -> None:
    stored = chunk.offset + chunk.length
    if source.size > _CHECKED_WHOLE and chunk.length > AHEAD_BYTES:
        source.read(stored, 4)
        state.unpacked.skip()
        return
    checksum = zlib.crc32(chunk.kind)
    kept: list[memoryview] = []
    whole = chunk.length <= _KEPT and chunk.kind not in {b"IDAT", b"fdAT"}
    for block in source.blocks(chunk.offset, stored):
        checksum = zlib.crc32(block, checksum)
        if whole:
            kept.append(block)
        else:
            _feed_pixels(state, chunk, block, kept)
        source.check_time()
    if checksum != int.from_bytes(source.read(stored, 4)) and not _is_ancillary(chunk.kind):
        raise RefusedError("malformed", "The checksum of a chunk of the image is wrong.")
    if whole:
        _check_content(source, state, chunk, b"".join(kept))


def _is_ancillary(kind: bytes) -> bool:
    """Returns True if decoders show the image without this chunk: old editors write profiles with wrong checksums."""
    return bool(kind[0] & 0x20) and kind not in _ANIMATION


def _feed_pixels(state: _State, chunk: _Chunk, block: memoryview, kept: list[memoryview]) -> None:
    """Unpacks pixels. Those of a frame follow a sequence number of four bytes, which `kept` collects (11.3.6.3)."""
    if chunk.kind == b"IDAT":
        assert state.data is not None
        state.data.feed(block)
    elif chunk.kind == b"fdAT" and state.frame:
        left = _SEQUENCE_BYTES - sum(map(len, kept))
        kept += [block[:left]] if left else []
        state.frame.feed(block[left:])


def _check_content(source: ReadAhead, state: _State, chunk: _Chunk, body: bytes) -> None:
    match chunk.kind:
        case b"IHDR":
            _check_image_header(source, state, body)
        case b"PLTE":
            _check_palette(state.colour, body)
        case b"IEND" if body:
            raise RefusedError("malformed", "The last chunk of the image is not empty.")
        case b"acTL" if len(body) != 8:
            raise RefusedError("malformed", "An animation chunk of the image has the wrong length.")
        case b"fcTL":
            _check_frame(source, state, body)
        case b"tEXt" | b"zTXt" | b"iTXt" | b"iCCP":
            refuse_code(body) if chunk.kind in {b"tEXt", b"iTXt"} else None
            refuse_bomb_text(chunk.kind, body)
        case b"eXIf":
            refuse_markup(body)
            count_thumbnails(body, source.pixels)
        case _:
            refuse_markup(body)


def _check_image_header(source: ReadAhead, state: _State, body: bytes) -> None:
    if len(body) != _IHDR.size:
        raise RefusedError("malformed", "The header chunk of the image has the wrong length.")
    width, height, depth, colour, compression, filtering, interlace = _IHDR.unpack(body)
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise RefusedError("malformed", "The header of the image asks for a coding that PNG does not have.")
    bits = depth * _CHANNELS[colour]
    source.pixels.take(width, height, pixel_cost(bits))
    state.colour, state.size = colour, (width, height)
    state.coding = bits, interlace == 1
    state.data = state.create_data(width, height)


def _check_frame(source: ReadAhead, state: _State, body: bytes) -> None:
    """Checks that a frame lies within the image (section 11.3.6.2). Its pixels follow, or are those of the image."""
    if len(body) != _FRAME.size:
        raise RefusedError("malformed", "An animation chunk of the image has the wrong length.")
    _, width, height, left, top = _FRAME.unpack(body)
    if not width or not height or left + width > state.size[0] or top + height > state.size[1]:
        raise RefusedError("malformed", "A frame of the animation does not fit into the image.")
    source.pixels.take_frame(width, height, state.size)
    state.end_frame()
    if b"IDAT" in state.seen:
        state.frame = state.create_data(width, height)


def _check_palette(colour: int, body: bytes) -> None:
    if colour in _GREYS or not body or len(body) % 3 or len(body) > 3 * 256:
        raise RefusedError("malformed", "The palette of the image is not valid.")
    refuse_markup(body)


def _check_complete(state: _State) -> None:
    if b"IDAT" not in state.seen or state.data is None:
        raise RefusedError("malformed", "The image has no image data.")
    if state.colour == _PALETTE and b"PLTE" not in state.seen:
        raise RefusedError("malformed", "The image has no palette.")
    if b"acTL" in state.seen and not state.frames:
        raise RefusedError("malformed", "The animation has no frames.")
    state.data.finish()
    state.end_frame()
