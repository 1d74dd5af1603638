"""Walks one JPEG image from its start marker to its end marker (ITU-T T.81, annex B)."""

import re
from dataclasses import dataclass, field

from validator.formats.jpeg.frame import Frame, check_huffman, check_quantization, parse_frame
from validator.formats.jpeg.thumbnails import count_thumbnails
from validator.formats.polyglots.embedded import refuse_code, refuse_markup
from validator.formats.readahead import ReadAhead
from validator.formats.verdict import RefusedError

_SOI, _EOI, _SOS, _DHT, _DQT, _DRI, _DNL, _COM, _TEM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xDC, 0xFE, 0x01
_DAC, _JPG = 0xCC, 0xC8
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, _JPG, _DAC}
_JPEG_LS = 0xF7
_APPLICATION = range(0xE0, 0xF0)
_RESTARTS = range(0xD0, 0xD8)
_XMP_OR_TEXT = (b"http://ns.adobe.com/x",)
_MAX_SEGMENTS = 20_000
_MAX_SCANS = 250
_MAX_FILL = 64
_SCANNED_WHOLE = 64 * 1024 * 1024
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(slots=True)
class _State:
    frame: Frame | None = None
    scans: int = 0
    coded: int = 0
    tables: set[int] = field(default_factory=set)


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
    """Returns the next marker and its end; it may be preceded by fill bytes FF (B.1.1.2)."""
    for _ in range(_MAX_FILL):
        first, second = source.read(at, 2)
        if first != 0xFF:
            break
        if second != 0xFF:
            return second, at + 2
        at += 1
    raise RefusedError("malformed", "A marker of the image is missing where one must stand.")


def _check_segment(source: ReadAhead, state: _State, marker: int, at: int) -> int:
    """Checks a segment and returns where it ends."""
    if marker in _RESTARTS or marker in {0, _SOI}:
        raise RefusedError("malformed", "A marker of the image stands where it must not.")
    length = int.from_bytes(source.read(at, 2))
    if length < 2:
        raise RefusedError("malformed", "A segment of the image has no valid length.")
    body = source.read(at + 2, length - 2)
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


def _check_other_segment(source: ReadAhead, state: _State, marker: int, body: bytes) -> None:
    match marker:
        case 0xDB:
            state.tables |= check_quantization(body)
        case 0xC4:
            check_huffman(body)
        case 0xDA:
            _check_scan_header(source, state, body)
        case 0xFE:
            refuse_code(body)
        case 0xDD | 0xDC if len(body) != 2:
            raise RefusedError("malformed", "A segment of the image has the wrong length.")
        case 0xF7:
            raise RefusedError("unsupported_type", "This is a JPEG-LS image, which browsers do not show.")
        case 0xDE | 0xDF:
            raise RefusedError("unsupported_type", "This is a hierarchical JPEG image, which browsers do not show.")


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
    if not frame.lossless and not state.tables >= {frame.tables[component] for component in chosen}:
        raise RefusedError("malformed", "A quantization table of the image is missing.")
    state.scans += 1
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
    raise RefusedError("malformed", "The image is cut: its end is missing.")


def _ends_with_file(source: ReadAhead) -> bool:
    return source.read(source.size - 2, 2) == b"\xff\xd9"


def _check_complete(state: _State) -> None:
    if state.frame is None or not state.scans:
        raise RefusedError("malformed", "The image has no image data.")
    if state.coded * 8 < state.frame.fewest_bits:
        raise RefusedError("malformed", "The image has far less data than its size needs.")
