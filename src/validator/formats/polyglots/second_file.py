"""Finds a second file inside or after a video."""

import re

from validator.formats.polyglots.embedded import refuse_containers, refuse_markup, refuse_second_header
from validator.formats.polyglots.signatures import AFTER_VIDEO, pattern_at
from validator.formats.reader import RangeReader
from validator.formats.verdict import RefusedError

TAIL_BYTES = 22 + 0xFFFF
"""ZIP readers search this many bytes at the end for the last record. That check reads the same range, so it is free."""

_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{16,}")
_FILE_START = re.compile(pattern_at(AFTER_VIDEO), re.IGNORECASE)


def refuse_appended(rest: bytes) -> None:
    """Refuses if `rest`, the bytes after the end of a structure, begin like a known kind of file or are text."""
    body = rest.strip(b" \t\r\n\x00")
    if _FILE_START.match(body) or _TEXT.fullmatch(body):
        raise RefusedError("polyglot", "Another file is hidden behind the end of this one.")


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
