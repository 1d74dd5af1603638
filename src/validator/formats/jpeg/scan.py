"""Walks one JPEG image from its start marker to its end marker (ITU-T T.81, annex B)."""

import re
from dataclasses import dataclass, field

from validator.formats.jpeg.coded_data import MAX_BYTES, Codes, Scan, is_complete
from validator.formats.jpeg.frame import HIERARCHICAL, Frame, check_quantization, parse_frame, parse_huffman
from validator.formats.jpeg.thumbnails import count_thumbnails
from validator.formats.polyglots.embedded import refuse_code, refuse_markup
from validator.formats.readahead import ReadAhead
from validator.formats.reader import TruncatedError
from validator.formats.verdict import RefusedError

_SOI, _EOI, _SOS, _DHT, _DQT, _DRI, _DNL, _COM, _TEM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xDC, 0xFE, 0x01
_DAC, _JPG, _APP14 = 0xCC, 0xC8, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, _JPG, _DAC}
_JPEG_LS = 0xF7
_APPLICATION = range(0xE0, 0xF0)
_AFTER_APP14 = _FRAMES | {_SOS, _DHT, _DQT, _DRI, _COM, *_APPLICATION}
_RESTARTS = range(0xD0, 0xD8)
_XMP_OR_TEXT = (b"http://ns.adobe.com/x",)
_MAX_SEGMENTS = 20_000
_MAX_SCANS = 250
_MAX_FILL, _MAX_STRAY = 64 * 1024, 64
_SCANNED_WHOLE = 64 * 1024 * 1024
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(slots=True)
class _State:
    frame: Frame | None = None
    scans: int = 0
    coded: int = 0
    tables: set[int] = field(default_factory=set)
    huffman: dict[int, Codes] = field(default_factory=dict)
    restart: int = 0
    shown: set[int] = field(default_factory=set)
    header: bytes = b""


def walk_image(source: ReadAhead, start: int) -> int:
    """Returns the offset after the end marker of the image that begins at `start`."""
    state = _State()
    at = start + 2
    for _ in range(_MAX_SEGMENTS):
        marker, at = _next_marker(source, at)
        if marker == _EOI:
            _check_complete(state)
            return at
        if marker == _TEM:
            continue
        at = _check_segment(source, state, marker, at)
        if marker == _SOS:
            at = _skip_coded_data(source, state, at, start)
            if at == source.size:
                return at
    raise RefusedError("malformed", f"The image has more than {_MAX_SEGMENTS:,} segments.")


def _next_marker(source: ReadAhead, at: int) -> tuple[int, int]:
    """Returns the next marker and its end.

    Fill bytes FF may precede it (B.1.1.2). Decoders also skip other bytes, so zeros and a few stray bytes are accepted.
    """
    first, second = source.read(at, 2)
    if first == 0xFF and second not in {0x00, 0xFF}:
        return second, at + 2
    if first == 0 and second in _APPLICATION and _is_followed(source, at + 2):
        return second, at + 2  # phones of the Pixel series write 00 E1
    gap = source.read(at, min(_MAX_FILL, source.size - at))
    found = _MARKER.search(gap)
    if not found:
        if len(gap) < _MAX_FILL:
            raise TruncatedError(f"no marker from offset {at} on")
        raise RefusedError("malformed", "The parts of the image do not follow each other.")
    stray = gap[: found.start()].strip(b"\x00\xff")
    if len(stray) > _MAX_STRAY:
        raise RefusedError("malformed", "The parts of the image do not follow each other.")
    refuse_code(stray)
    return gap[found.start() + 1], at + found.end()


def _is_followed(source: ReadAhead, at: int) -> bool:
    """Returns True if another marker stands where the segment ends whose length is at `at`."""
    if at + 2 > source.size:
        return False
    after = at + int.from_bytes(source.read(at, 2))
    return after + 1 < source.size and source.read(after, 1) in {b"\xff", b"\x00"}


def _check_segment(source: ReadAhead, state: _State, marker: int, at: int) -> int:
    """Checks a segment and returns where it ends."""
    if marker in _RESTARTS or marker in {0, _SOI}:
        raise RefusedError("malformed", "A marker of the image stands where it must not.")
    length = int.from_bytes(source.read(at, 2))
    if length < 2:
        raise RefusedError("malformed", "A segment of the image has no valid length.")
    body = source.read(at + 2, length - 2)
    if marker == _APP14 and body[-1:] == b"\xff" and _is_one_byte_short(source, at + length):
        length -= 1
    if marker in _FRAMES:
        if state.frame is not None:
            raise RefusedError("malformed", "The image has more than one frame.")
        state.frame = parse_frame(marker, body)
        source.pixels.take(*state.frame.size)
    elif marker in _APPLICATION:
        refuse_markup(body)
        count_thumbnails(body, source.pixels)
    else:
        _check_other_segment(source, state, marker, body)
    return at + length


def _is_one_byte_short(source: ReadAhead, end: int) -> bool:
    """Returns True if the FF of the next marker is the last byte of a segment that ends at `end`."""
    return end < source.size and source.read(end, 1)[0] in _AFTER_APP14 and _is_followed(source, end + 1)


def _check_other_segment(source: ReadAhead, state: _State, marker: int, body: bytes) -> None:
    match marker:
        case 0xDB:
            state.tables |= check_quantization(body)
        case 0xC4:
            state.huffman |= parse_huffman(body)
        case 0xDA:
            _check_scan_header(source, state, body)
        case 0xFE:
            refuse_code(body)
        case 0xDD | 0xDC if len(body) != 2:
            raise RefusedError("malformed", "A segment of the image has the wrong length.")
        case 0xDD:
            state.restart = int.from_bytes(body)
        case 0xF7:
            raise RefusedError(
                "unsupported_type", "This is a JPEG-LS image. Please save it as ordinary JPEG, or as PNG."
            )
        case 0xDE | 0xDF:
            raise RefusedError("unsupported_type", HIERARCHICAL)


def _check_scan_header(source: ReadAhead, state: _State, body: bytes) -> None:
    """Checks a scan header (B.2.3)."""
    frame = state.frame
    if frame is None:
        raise RefusedError("malformed", "The image data begins before the image has a size.")
    count = body[0] if body else 0
    if not 1 <= count <= 4 or len(body) != 4 + 2 * count:
        raise RefusedError("malformed", "The header of the image data has the wrong length.")
    chosen = body[1 : 1 + 2 * count : 2]
    if len(set(chosen)) != count or not frame.tables.keys() >= set(chosen):
        raise RefusedError("malformed", "The image data is for colours that the image does not have.")
    if not state.tables >= {frame.tables[component] for component in chosen}:
        raise RefusedError("malformed", "A quantization table of the image is missing.")
    state.scans += 1
    state.shown |= set(chosen)
    state.header = body
    source.pixels.repaint(*frame.size)
    if state.scans > _MAX_SCANS:
        raise RefusedError("decompression_bomb", f"The image has more than {_MAX_SCANS} scans.")


def _skip_coded_data(source: ReadAhead, state: _State, start: int, image_start: int) -> int:
    """Returns the offset of the marker after the entropy-coded data.

    After 64 MiB, the data is not read further if the file ends with an end marker.
    """
    at = start
    while at < source.size:
        if at - image_start > _SCANNED_WHOLE and _ends_with_file(source):
            return source.size
        block = source.rest_of_block(at, 2)
        found = _NEXT_MARKER.search(block)
        if found:
            at += found.start()
            state.coded += at - start
            if at == start:
                raise RefusedError("malformed", "A scan of the image is empty.")
            return at
        source.check_time()
        at += max(1, len(block) - (block[-1] == 0xFF))
    if _is_whole(source, state, start):
        state.coded += source.size - start
        _check_complete(state)
        return source.size
    raise RefusedError("malformed", "The image is cut: its end is missing.")


def _is_whole(source: ReadAhead, state: _State, start: int) -> bool:
    """Returns True if the image lacks only its end marker: the last scan, which begins at `start`, is complete."""
    frame, length = state.frame, source.size - start
    if frame is None or not frame.is_sequential or state.shown != frame.sampling.keys() or length > MAX_BYTES:
        return False
    chosen, numbers = state.header[1:-3:2], state.header[2:-3:2]
    tables = dict(zip(chosen, numbers, strict=True))
    units, blocks = frame.count_units(chosen)
    pairs = [(state.huffman.get(tables[each] >> 4), state.huffman.get(0x10 | tables[each] & 15)) for each in blocks]
    used = [(dc, ac) for dc, ac in pairs if dc and ac]
    if len(used) < len(pairs):
        return False
    return is_complete(source.read(start, length), Scan(units, state.restart, used), source.check_time)


def _ends_with_file(source: ReadAhead) -> bool:
    return source.read(source.size - 2, 2) == b"\xff\xd9"


def _check_complete(state: _State) -> None:
    if state.frame is None or not state.scans:
        raise RefusedError("malformed", "The image has no image data.")
    if state.coded * 8 < state.frame.fewest_bits:
        raise RefusedError("malformed", "The image has far less data than its size needs.")
