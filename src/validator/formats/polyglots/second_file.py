"""Finds a second file inside or after a video, and tells it from the padding that recorders leave at the end."""

import re

from validator.formats.polyglots.embedded import refuse_containers, refuse_markup, refuse_second_header
from validator.formats.polyglots.signatures import AFTER, AFTER_VIDEO, pattern_at
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import RefusedError

TAIL_BYTES = 22 + 0xFFFF
"""ZIP readers search this many bytes at the end for the last record. That check reads the same range, so it is free."""

MAX_PADDING = 1024 * 1024
"""Recorders that reserve room in advance leave up to this many zeros behind a video."""

VIDEO_BUDGET = Budget(max_bytes=256 * 1024 + MAX_PADDING, max_ranges=32, max_seconds=20.0)

_PADDING_BLOCK = 256 * 1024
_HEADER_BYTES = 64
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{16,}")
_FILE_START = re.compile(pattern_at(AFTER_VIDEO), re.IGNORECASE)
_ANY_FILE_START = re.compile(pattern_at(AFTER), re.IGNORECASE | re.DOTALL)


def refuse_appended(rest: bytes) -> None:
    """Refuses if `rest`, the bytes after the end of a structure, begin like a known kind of file or are text."""
    body = rest.strip(b" \t\r\n\x00")
    if _FILE_START.match(body) or _TEXT.fullmatch(body):
        raise RefusedError("polyglot", "Another file is hidden behind the end of this one.")


def refuse_file_start(data: bytes) -> None:
    """Refuses records of a maker behind a video that begin like a known kind of file, or contain code."""
    if _ANY_FILE_START.match(data.strip(b" \t\r\n\x00")):
        raise RefusedError("polyglot", "Another file is hidden behind the end of this one.")
    refuse_markup(data)
    refuse_containers(data)


def skip_zeros(reader: RangeReader, start: int, end: int) -> int:
    """Returns the offset of the first byte from `start` on that is not zero, at most `end` or MAX_PADDING bytes on."""
    at, end, length = start, min(end, start + MAX_PADDING), _HEADER_BYTES
    while at < end:
        block = reader.read(at, min(length, end - at))
        rest = block.lstrip(b"\x00")
        if rest:
            return at + len(block) - len(rest)
        at, length = at + len(block), _PADDING_BLOCK
    return at


def content_end(reader: RangeReader) -> int:
    """Returns the offset behind the last byte that is not zero: recorders leave up to MAX_PADDING zeros at the end."""
    end = reader.size
    while end > max(0, reader.size - MAX_PADDING):
        length = min(end, TAIL_BYTES)
        block = reader.read(end - length, length).rstrip(b"\x00")
        if block:
            return end - length + len(block)
        end -= length
    return end


def ends_in_zeros(reader: RangeReader, start: int) -> bool:
    """Returns True if only zeros follow from `start` on, at most MAX_PADDING of them.

    They would keep the search of the tail away from the end of the video, so that is searched here.
    """
    if skip_zeros(reader, start, reader.size) < reader.size:
        return False
    refuse_hidden_before(reader, start)
    return True


def refuse_hidden_before(reader: RangeReader, end: int) -> None:
    """Searches the end of a video that padding or the data of a maker follows, if that is longer than a header."""
    if reader.size - end > _HEADER_BYTES:
        length = min(end, TAIL_BYTES)
        tail = reader.read(end - length, length)
        refuse_markup(tail)
        refuse_containers(tail)


def refuse_second_file(reader: RangeReader) -> None:
    """Refuses a video whose head or tail contains a page, a script, or the beginning of another file.

    Only head and tail are searched: browsers guess the type from the first bytes, archive readers look at the ends.
    """
    head = reader.head()
    length = min(reader.size, TAIL_BYTES)
    tail = reader.read(reader.size - length, length)
    refuse_second_header(head)
    refuse_containers(head)
    refuse_markup(tail)
    refuse_containers(tail)
