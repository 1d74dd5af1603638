"""Files of another kind inside or behind a good one."""

import re

from validator.formats.reader import RangeReader
from validator.formats.verdict import RefusedError

TAIL_BYTES = 22 + 0xFFFF
"""As far from the end as readers of ZIP look for its last record; read by that check too, so that it costs nothing."""

_FOREIGN = re.compile(
    rb"<(?:\?php\s|script[\s>]|html[\s>]|iframe[\s>]|!doctype\s+html)"
    rb"|Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c\x00|%PDF-[12]\.\d"
    rb"|#!/(?:bin|usr)/|\x7fELF[\x01\x02][\x01\x02]\x01|This program (?:cannot|must) be run",
    re.IGNORECASE,
)
"""Long enough not to turn up by chance in what is searched, and nothing that cameras or editors write."""

_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{16,}")

_PDF_HEADER_WITHIN = 1024
_TAR_MAGIC_AT = 257
_DICOM_MAGIC_AT = 128

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
    """Refuses a video whose head or tail holds the beginning of a page, script, archive, document or program.

    PDF readers look for %PDF- within the first 1,024 bytes, tar has its magic at 257 and DICOM at 128.
    """
    head = reader.head()
    length = min(reader.size, TAIL_BYTES)
    tail = reader.read(reader.size - length, length)
    if (
        _FOREIGN.search(head)
        or _FOREIGN.search(tail)
        or b"%PDF-" in head[:_PDF_HEADER_WITHIN]
        or head.startswith(b"ustar", _TAR_MAGIC_AT)
        or head.startswith(b"DICM", _DICOM_MAGIC_AT)
    ):
        raise RefusedError("polyglot", "The video contains program code, a web page or another file.")
