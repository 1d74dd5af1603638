"""Data that cameras write behind the last box of a movie, each maker in another structure.

Insta360: records, then a footer with the length of all and a fixed text. Kenwood: positions as text after fourteen `C`.
Auto-Vox: chunks as in RIFF. Cobra: a last box `gps0` whose size is too large. (ExifTool, QuickTimeStream.pl.)
"""

import re
import struct

from validator.formats.polyglots.second_file import (
    MAX_PADDING,
    ends_in_zeros,
    refuse_file_start,
    refuse_hidden_before,
)
from validator.formats.reader import RangeReader

OVERRUNNING = frozenset((b"gps0", b"gsen", b"gpsa", b"gsea", b"gps ", b"GPS "))
"""Boxes with positions and accelerations, which no player reads; some cameras give the last one too large a size."""

_INSTA360 = b"8db42d694ccc418790edff439fe026bf"
_INSTA360_FOOTER = struct.Struct("<II32s")
_INSTA360_SLACK = 128
_JPEG = b"\xff\xd8\xff"
_KENWOOD = re.compile(rb"C{14}[ -~\x00]")
_KENWOOD_TEXT = re.compile(rb"[A-Z0-9 .,:+*\r\n\x00\xff-]*")
_AUTO_VOX = (b"gpsa", b"gps0", b"gsen", b"gsea")
_AUTO_VOX_TAG = re.compile(rb"[A-Za-z0-9_ ]{4}")
_AUTO_VOX_MAX = 0x2000000
_MAX_CHUNKS = 4096
_AHEAD = 64 * 1024
_SEARCHED = 4096


def is_trailer(reader: RangeReader, at: int) -> bool:
    """Returns True if the file ends with a known maker's data from `at` on. Refuses another file inside of it."""
    start = reader.read(at, min(16, reader.size - at))
    if not (
        _is_insta360(reader, at)
        or (_KENWOOD.match(start) and _is_kenwood(reader, at))
        or (start[:4] in _AUTO_VOX and _is_auto_vox(reader, at))
        or (start[4:8] in OVERRUNNING and _is_overrunning(reader, at))
    ):
        return False
    refuse_hidden_before(reader, at)
    return True


def _is_insta360(reader: RangeReader, at: int) -> bool:
    """The records are counted from the end, some of them are pictures. Only the text and the length are fixed."""
    if reader.size - at < _INSTA360_FOOTER.size:
        return False
    length, _, magic = _INSTA360_FOOTER.unpack(reader.read(reader.size - _INSTA360_FOOTER.size, _INSTA360_FOOTER.size))
    if magic != _INSTA360 or abs(length - (reader.size - at)) > _INSTA360_SLACK:
        return False
    start = reader.read(at, min(_SEARCHED, reader.size - at))
    refuse_file_start(start.removeprefix(_JPEG))
    return True


def _is_kenwood(reader: RangeReader, at: int) -> bool:
    """Numbers and words in capitals: nothing of which a program, a page or an archive could be made."""
    length = reader.size - at
    return length <= MAX_PADDING and bool(_KENWOOD_TEXT.fullmatch(reader.read(at, length)))


def _is_auto_vox(reader: RangeReader, at: int) -> bool:
    for _ in range(_MAX_CHUNKS):
        if at == reader.size or ends_in_zeros(reader, at):
            return True
        if at + 8 > reader.size:
            return False
        header = reader.read(at, min(8 + _SEARCHED, reader.size - at), ahead=_AHEAD)
        length = int.from_bytes(header[4:8], "little")
        if not _AUTO_VOX_TAG.match(header) or length > _AUTO_VOX_MAX or at + 8 + length > reader.size:
            return False
        refuse_file_start(header[8 : 8 + length])
        at += 8 + length
    return False


def _is_overrunning(reader: RangeReader, at: int) -> bool:
    refuse_file_start(reader.read(at + 8, min(_SEARCHED, reader.size - at - 8)))
    return int.from_bytes(reader.read(at, 4)) > reader.size - at
