"""JPEG (ITU-T T.81, annex B) as cameras write it: JFIF, Exif 2.32, MPF (CIPA DC-007), motion photos, gain maps."""

from validator.formats.jpeg.scan import walk_image
from validator.formats.jpeg.trailer import refuse_trailer
from validator.formats.makers import check_trailer, find_trailer
from validator.formats.polyglots.embedded import (
    opens_script,
    refuse_markup,
    refuse_script,
    refuse_second_header,
)
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import RefusedError

MIME = "image/jpeg"
BUDGET = Budget(max_bytes=600 * 1024 * 1024, max_ranges=2_000, max_seconds=30.0)

_START = b"\xff\xd8\xff"


def recognises(head: bytes) -> bool:
    return head.startswith(_START)


def parse(reader: RangeReader) -> str:
    """Walks the markers and scans to the end of the image, then checks the data after it."""
    head = reader.head()
    if not recognises(head):
        raise RefusedError("malformed", "The file does not begin with a JPEG marker.")
    refuse_second_header(head)
    source = ReadAhead(reader, refuse_markup)
    if opens_script(head[4:6]):
        refuse_script(head[4:6], source.read(6, min(AHEAD_BYTES, reader.size - 6)))
    trailer = find_trailer(reader)
    if trailer is None:
        _check_image(source)
    else:
        _check_image(ReadAhead(reader, refuse_markup, trailer.start))
        check_trailer(source, trailer)
    return MIME


def _check_image(source: ReadAhead) -> None:
    end = walk_image(source, 0)
    if end < source.size:
        refuse_trailer(source, end)
