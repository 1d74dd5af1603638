"""What may stand behind the end of an image, and the archive that may stand at the end of any file."""

import re
import struct

from validator.formats.polyglots.embedded import refuse_code, refuse_containers, refuse_markup
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

_FOREIGN_STARTS = re.compile(
    rb"PK(?:\x03\x04|\x05\x06|\x07\x08|\x01\x02)|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\x00"
    rb"|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|MSCF\x00|07070[127]|!<arch>\n|LZIP\x01|\x60\xea|\*\*ACE\*\*|.{2}-lh[0-7]-"
    rb"|%PDF-|%!PS|\{\\rtf|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|SQLite format 3\x00"
    rb"|\x7fELF|MZ|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|dex\n03|[FCZ]WS[\x01-\x30]"
    rb"|L\x00\x00\x00\x01\x14\x02\x00|\x00?asm\x01\x00\x00\x00|Cr24|#!|@echo"
    rb"|\x89PNG\r\n|GIF8[79]a|RIFF.{4}[A-Z]|OggS\x00|ID3[\x02-\x04]|fLaC\x00|\x1a?\x45\xdf\xa3|\x30\x26\xb2\x75\x8e\x66\xcf\x11"
    rb"|II\x2a\x00|MM\x00\x2a|\xff\xd8\xff|.{0,4}ftyp|\x01\xba|8BPS\x00|\xed\xab\xee\xdb[\x03\x04]"
    rb"|<[?!%/]?[a-z]",
    re.IGNORECASE | re.DOTALL,
)
"""The first bytes of files of every kind that is worth appending to an image."""

_DOS_PROGRAM = re.compile(rb"MZ(?:\x90\x00|.{0,1000}PE\x00\x00|.{0,300}This program)", re.DOTALL)


def refuse_zip_tail(reader: RangeReader) -> None:
    """Refuses any file that a ZIP reader would open, whatever its head says (APPNOTE.TXT 4.3.16).

    Such readers look for the end-of-central-directory record in the last 64 KiB; a ZIP can thus be appended to, or
    kept in a comment of, a file of any kind. JAR, APK, DOCX are ZIPs. Costs one range.
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
    """Four bytes turn up by chance in one of 65,000 files: the record must make sense too."""
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
    """Where the first byte after `start` stands that is no padding; the size of the file when all is."""
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
    """For formats whose encoders leave nothing but padding behind the `end` of the image.

    Nothing, or what remains of a longer image that was written over: `remains` is how such a one ends.
    """
    at = skip_padding(source, end)
    if at == source.size:
        return
    if remains and source.read(source.size - len(remains), len(remains)) == remains:
        refuse_foreign_tail(source, at)
        return
    rest = source.read(at, min(_SCANNED, source.size - at))
    if _FOREIGN_STARTS.match(rest) or _is_tar(rest) or _is_text(rest):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    _refuse_hidden(rest)
    raise RefusedError("malformed", "Unknown data follows the end of the image.")


def refuse_foreign_tail(source: ReadAhead, at: int) -> None:
    """For formats whose encoders do leave data of their own behind the image: refuses what is known to be none."""
    rest = source.read(at, min(_SCANNED, source.size - at))
    start = _FOREIGN_STARTS.match(rest)
    if start and (start[0].upper() != b"MZ" or _DOS_PROGRAM.match(rest)):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    if _is_tar(rest) or _is_text(rest):
        raise RefusedError("polyglot", "Another file is appended to the image.")
    _refuse_hidden(rest)
    if at + len(rest) < source.size:
        last = min(_SCANNED, source.size - at - len(rest))
        _refuse_hidden(source.read(source.size - last, last))


def _refuse_hidden(data: bytes) -> None:
    refuse_markup(data)
    refuse_containers(data)


def _is_tar(rest: bytes) -> bool:
    return rest.startswith(b"ustar", 257)


def _is_text(rest: bytes) -> bool:
    """Whether a person could read it: scripts in languages that no pattern knows."""
    sample = rest[:_TEXT_SAMPLE].rstrip(_FILLERS)
    refuse_code(sample)
    readable = len(_NOT_TEXT.sub(b"", sample))
    return len(sample) >= 16 and readable >= _TEXT_SHARE * len(sample)
