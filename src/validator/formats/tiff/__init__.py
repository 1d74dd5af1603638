"""TIFF (Adobe, TIFF Revision 6.0 with supplements 1 and 2). BigTIFF and camera raw files are recognised and refused."""

from validator.formats.polyglots.embedded import refuse_markup, refuse_second_header
from validator.formats.polyglots.trailing import refuse_foreign_tail, skip_padding
from validator.formats.readahead import ReadAhead
from validator.formats.reader import Budget, RangeReader, TruncatedError
from validator.formats.tiff.directory import Text, read_directory
from validator.formats.tiff.page import check_page, check_thumbnail
from validator.formats.verdict import RefusedError

MIME = "image/tiff"
BUDGET = Budget(max_bytes=128 * 1024 * 1024, max_ranges=4_000, max_seconds=20.0)

_CLASSIC, _BIG = 42, 43
_RAW_HEADERS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\x00")
_CR2_MARKER, _PHASE_ONE_MARKERS = b"CR", (b"IIII", b"MMMM")
_SCANNED = 64 * 1024 * 1024
_MAX_PAGES = 3_000
_RAW = "This is a camera raw photo, which is not accepted. Please export it as JPEG or TIFF."


def recognises(head: bytes) -> bool:
    return _version(head) in {_CLASSIC, _BIG} or head.startswith(_RAW_HEADERS)


def _version(head: bytes) -> int:
    match head[:2]:
        case b"II":
            return int.from_bytes(head[2:4], "little")
        case b"MM":
            return int.from_bytes(head[2:4])
        case _:
            return 0


def parse(reader: RangeReader) -> str:
    """Follows the chain of directories, one per page, and checks that their pixels are in the file."""
    head = reader.head()
    if not recognises(head):
        raise RefusedError("malformed", "The file does not begin with the header of TIFF.")
    refuse_second_header(head)
    if head.startswith(_RAW_HEADERS) or head[8:10] == _CR2_MARKER or head[8:12] in _PHASE_ONE_MARKERS:
        raise RefusedError("unsupported_type", _RAW)
    if _version(head) == _BIG:
        raise RefusedError("unsupported_type", "This is a BigTIFF, which is not accepted. Please save it as TIFF.")
    source = ReadAhead(reader, refuse_markup)
    end = _check_pages(reader, "<" if head.startswith(b"II") else ">")
    for _ in source.blocks(0, min(reader.size, _SCANNED)):
        reader.check_time()
    at = skip_padding(source, end)
    if at < reader.size:
        refuse_foreign_tail(source, at)
    return MIME


def _check_metadata(reader: RangeReader, order: str, at: int, searched: set[Text]) -> int:
    """Checks an Exif or GPS directory and returns its end; 0 if it does not exist: editors leave stale pointers."""
    try:
        directory = read_directory(reader, order, at, searched)
        return max(directory.end, check_thumbnail(reader, directory))
    except TruncatedError:
        return 0
    except RefusedError as refusal:
        if refusal.reason != "malformed":
            raise
        return 0


def _check_pages(reader: RangeReader, order: str) -> int:
    """Checks all pages and returns where the last data that a page refers to ends."""
    at = int.from_bytes(reader.read(4, 4), "little" if order == "<" else "big")
    visited: set[int] = set()
    searched: set[Text] = set()
    end = 8
    while at:
        if at in visited or len(visited) == _MAX_PAGES:
            raise RefusedError("malformed", "The pages of the TIFF go round in a circle, or are too many.")
        visited.add(at)
        reader.check_time()
        directory = read_directory(reader, order, at, searched)
        children = [read_directory(reader, order, child, searched) for child in directory.children(reader) if child]
        if directory.is_raw or any(child.is_raw for child in children):
            raise RefusedError("unsupported_type", _RAW)
        end = max(end, directory.end, check_page(reader, directory))
        for child in children:
            end = max(end, child.end, check_thumbnail(reader, child))
        for place in directory.metadata():
            end = max(end, _check_metadata(reader, order, place, searched))
        at = directory.next_at
    if not visited:
        raise RefusedError("malformed", "The TIFF has no page.")
    return end
