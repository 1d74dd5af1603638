"""Checks the data that cameras write after the end marker of a JPEG image.

These are further images (previews of MPF, CIPA DC-007; gain maps of Ultra HDR and ISO 21496-1), the video of a motion
photo (an MP4 file: Google's Motion Photo format 1.0), and records of manufacturers. Those with a directory are walked
by `makers`. New phones bring new records, so other data is accepted unless it is text but no JSON, or a known file.
"""

import re

from validator.formats.jpeg.scan import walk_image
from validator.formats.makers import FOOTER, parse_json
from validator.formats.polyglots.embedded import refuse_code, refuse_containers
from validator.formats.polyglots.second_file import TAIL_BYTES
from validator.formats.polyglots.trailing import refuse_foreign_tail, skip_padding
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.verdict import RefusedError

_MAX_PARTS = 64
_MAX_BOXES = 10_000
_BOXES = frozenset(
    (
        b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta", b"udta", b"moof", b"mfra", b"sidx",
        b"styp", b"pdin", b"mpvd", b"sefd", b"emsg", b"ssix", b"prft",
    )
)  # fmt: skip
_TEXT_RECORDS = (b"vivo{", b"LIVE_", b"v2_f", b"v3_f", b'{"')
_JSON_RECORD = re.compile(rb"[\w.:-]{0,32}(?=[{\[])")
_TEXT_RECORD_BYTES = 64 * 1024


def refuse_trailer(source: ReadAhead, end: int) -> None:
    """Checks all parts after the `end` of the first image."""
    at = end
    for _ in range(_MAX_PARTS):
        at = _check_part(source, at, skip_padding(source, at))
        if at == source.size:
            return
    raise RefusedError("malformed", f"More than {_MAX_PARTS} parts follow the image.")


def _check_part(source: ReadAhead, end: int, at: int) -> int:
    """Checks the part at `at`, which is preceded by padding from `end` on, and returns where it ends."""
    start = source.read(at, min(16, source.size - at))
    if start.startswith(b"\xff\xd8\xff"):
        return walk_image(source, at)
    video = at + start[:8].find(b"ftyp") - 4  # its size field may begin with bytes that look like padding
    if b"ftyp" in start[:8] and video >= end:
        end = _walk_video(source, video)
        _refuse_in_video(source, video, end)
        return end
    if start.startswith(_TEXT_RECORDS) or _is_json(source, at):
        _refuse_text_record(source, at)
    elif start:
        refuse_foreign_tail(source, at)
        _refuse_behind_footer(source, at)
    return source.size


def _refuse_behind_footer(source: ReadAhead, at: int) -> None:
    """Refuses a known file behind a maker's trailer that is not the last one in the file."""
    data = source.read(at, min(AHEAD_BYTES, source.size - at))
    footer = FOOTER.search(data)
    if footer and footer.end() < len(data):
        behind = skip_padding(source, at + footer.end())
        if behind < source.size:
            refuse_foreign_tail(source, behind)


def _walk_video(source: ReadAhead, start: int) -> int:
    """Returns where the boxes of an MP4 file end (ISO/IEC 14496-12, section 4.2)."""
    at = start
    for _ in range(_MAX_BOXES):
        if at + 8 > source.size:
            return at
        header = source.read(at, min(16, source.size - at))
        size = int.from_bytes(header[:4])
        if header[4:8] not in _BOXES:
            return at
        if size == 1:
            size = int.from_bytes(header[8:16])
        elif size == 0:
            size = source.size - at
        if size < 8 or at + size > source.size:
            raise RefusedError("malformed", "The video behind the image is cut.")
        at += size
    raise RefusedError("malformed", "The video behind the image has too many parts.")


def _refuse_in_video(source: ReadAhead, start: int, end: int) -> None:
    """Refuses foreign files near the beginning and the end of the video, as in any video."""
    for at in (start, max(start, end - TAIL_BYTES)):
        refuse_containers(source.read(at, min(TAIL_BYTES, end - at)))


def _is_json(source: ReadAhead, at: int) -> bool:
    """Returns True if the data at `at` are a JSON object or list, after a name and before zeros."""
    length = source.size - at
    if not 0 < length <= _TEXT_RECORD_BYTES:
        return False
    record = source.read(at, length)
    name = _JSON_RECORD.match(record)
    return name is not None and parse_json(record[name.end() :].rstrip(b"\x00\r\n ")) is not None


def _refuse_text_record(source: ReadAhead, at: int) -> None:
    """Checks the settings that some phones write after the image, as JSON or plain text."""
    if source.size - at > _TEXT_RECORD_BYTES:
        refuse_foreign_tail(source, at)
        return
    record = source.read(at, source.size - at)
    refuse_code(record)
    refuse_containers(record)
