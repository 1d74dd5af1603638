"""Checks the data after the end of an image, and the end of any file for a ZIP archive."""

import re
import struct

from validator.formats.polyglots.embedded import refuse_code, refuse_containers, refuse_markup
from validator.formats.polyglots.signatures import AFTER_IMAGE, DOS_PROGRAM, is_tar, pattern_at
from validator.formats.readahead import ReadAhead
from validator.formats.reader import RangeReader
from validator.formats.verdict import RefusedError

MAX_PADDING = 1024 * 1024

_ZIP_END = struct.Struct("<4sHHHHIIH")
_ZIP_END_MAGIC = b"PK\x05\x06"
_ZIP64_LOCATOR_MAGIC, _ZIP64_LOCATOR_BYTES = b"PK\x06\x07", 20
_ZIP_COMMENT_MAX = 0xFFFF
_FILLERS = b"\x00 \t\r\n\x1a"
_SCANNED = 1024 * 1024
_TEXT_SAMPLE = 4096
_TEXT_SHARE = 0.9
_NOT_TEXT = re.compile(rb"[^\t\n\r\x20-\x7e]+")

_MEDIA = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|.{0,4}ftyp|RIFF.{4}(?:WEBP|WAVE)", re.DOTALL)
"""Files that phones keep behind a picture: the picture before an edit, stickers, videos, sound."""
_FILE_START = re.compile(pattern_at(AFTER_IMAGE), re.IGNORECASE | re.DOTALL)


def refuse_zip_tail(reader: RangeReader) -> None:
    """Refuses any file that a ZIP reader would open, regardless of its head (APPNOTE.TXT 4.3.16).

    ZIP readers look for the end-of-central-directory record in the last 64 KiB, so a ZIP can be appended to a file of
    any kind or placed in one of its comments. JAR, APK and DOCX are ZIPs. Costs one range.
    """
    length = min(reader.size, _ZIP_COMMENT_MAX + _ZIP_END.size)
    if length < _ZIP_END.size:
        return
    tail = reader.read(reader.size - length, length)
    at = tail.rfind(_ZIP_END_MAGIC)
    while at >= 0:
        if _is_zip_end(tail, at):
            raise RefusedError("polyglot", "The file is a ZIP archive at the same time.")
        at = tail.rfind(_ZIP_END_MAGIC, 0, at)


def _is_zip_end(tail: bytes, at: int) -> bool:
    """Returns True if the record is consistent: its magic occurs by chance in one of 65,000 files."""
    if len(tail) - at < _ZIP_END.size:
        return False
    _, disk, first_disk, here, total, directory, offset, comment = _ZIP_END.unpack_from(tail, at)
    if tail.startswith(_ZIP64_LOCATOR_MAGIC, max(0, at - _ZIP64_LOCATOR_BYTES)):
        return True
    if disk != first_disk or here != total or comment > len(tail) - at - _ZIP_END.size:
        return False
    if not total:
        return not directory and not offset
    return bool(directory >= 46 * total)


def skip_padding(source: ReadAhead, start: int) -> int:
    """Returns the offset of the first byte from `start` on that is not padding, or else the file size."""
    at = start
    for block in source.blocks(start, min(source.size, start + MAX_PADDING)):
        rest = bytes(block).lstrip(_FILLERS)
        if rest:
            return at + len(block) - len(rest)
        at += len(block)
    if at < source.size:
        raise RefusedError("malformed", "More than a megabyte of padding follows the image.")
    return at


def refuse_tail(source: ReadAhead, end: int, remains: bytes = b"") -> None:
    """Refuses data after the `end` of an image, for formats whose encoders only write padding there.

    With `remains`, the rest of a longer image that was overwritten in place is accepted too; it ends with `remains`.
    """
    at = skip_padding(source, end)
    if at == source.size:
        return
    if remains and source.read(source.size - len(remains), len(remains)) == remains:
        refuse_foreign_tail(source, at)
        return
    rest = source.read(at, min(_SCANNED, source.size - at))
    if _FILE_START.match(rest) or is_tar(rest) or _is_text(rest):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    _refuse_hidden(rest)
    raise RefusedError("malformed", "Unknown data follows the end of the image.")


def refuse_foreign_tail(source: ReadAhead, at: int) -> None:
    """Refuses known foreign files after an image, for formats whose encoders write their own data there.

    `MZ` may begin such data by chance, so a program must be recognised by more than that.
    """
    rest = source.read(at, min(_SCANNED, source.size - at))
    start = _FILE_START.match(rest)
    if start and (start[0].upper() != b"MZ" or DOS_PROGRAM.match(rest)):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    if is_tar(rest) or _is_text(rest):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    _refuse_hidden(rest)
    if at + len(rest) < source.size:
        last = min(_SCANNED, source.size - at - len(rest))
        _refuse_hidden(source.read(source.size - last, last))


def refuse_foreign_start(part: bytes) -> None:
    """Refuses a part of a maker's trailer that is a file other than a picture, a video or a sound."""
    part = part.lstrip(_FILLERS)
    start = _FILE_START.match(part)
    if start and not _MEDIA.match(part) and (start[0].upper() != b"MZ" or DOS_PROGRAM.match(part)):
        raise RefusedError("polyglot", "Another file is hidden in the data behind the image.")
    if is_tar(part):
        raise RefusedError("polyglot", "Another file is hidden in the data behind the image.")


def _refuse_hidden(data: bytes) -> None:
    refuse_markup(data)
    refuse_containers(data)


def _is_text(rest: bytes) -> bool:
    """Returns True if 90 % of the bytes are readable: this catches scripts in languages without a pattern."""
    sample = rest[:_TEXT_SAMPLE].rstrip(_FILLERS)
    refuse_code(sample)
    readable = len(_NOT_TEXT.sub(b"", sample))
    return len(sample) >= 16 and readable >= _TEXT_SHARE * len(sample)
