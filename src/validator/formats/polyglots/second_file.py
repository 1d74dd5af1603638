"""Files of another kind inside or behind a good one."""

import re

from validator.formats.polyglots.embedded import refuse_containers, refuse_markup, refuse_second_header
from validator.formats.reader import RangeReader
from validator.formats.verdict import RefusedError

TAIL_BYTES = 22 + 0xFFFF
"""As far from the end as readers of ZIP look for its last record; read by that check too, so that it costs nothing."""

_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{16,}")

_SIGNATURES = (
    # archives
    *(b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"),
    *(b"\xfd7zXZ\x00", b"BZh", b"MSCF"),
    # programs
    *(b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!/", b"<?php", b"<?=", b"<%"),
    # documents and pages
    *(b"%PDF-", b"%!PS", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml", b"<!doctype", b"<html", b"<head", b"<body"),
    *(b"<script", b"<iframe", b"<img", b"<svg"),
    # pictures and videos
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"\x1a\x45\xdf\xa3"),
)


def refuse_appended(rest: bytes) -> None:
    """Refuses when `rest`, what follows the end of a structure, begins like a known kind of file, or is text."""
    body = rest.strip(b" \t\r\n\x00")
    start = body[:16].lower()
    if any(start.startswith(signature.lower()) for signature in _SIGNATURES) or _TEXT.fullmatch(body):
        raise RefusedError("polyglot", "Another file is hidden behind the end of this one.")


def refuse_second_file(reader: RangeReader) -> None:
    """Refuses a video whose head or tail holds a page or script, or the beginning of another file.

    Only there: what stands further inside is out of reach for browsers, which guess types by the first bytes, and for
    readers of archives, which look at the ends.
    """
    head = reader.head()
    length = min(reader.size, TAIL_BYTES)
    tail = reader.read(reader.size - length, length)
    refuse_second_header(head)
    refuse_containers(head)
    refuse_markup(tail)
    refuse_containers(tail)
