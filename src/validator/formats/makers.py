"""Trailers that makers of phones write at the end of a JPEG or PNG. Each is found and checked by its own structure.

Samsung's (SEFH … SEFT) and OnePlus's (… jxrs) end with a directory of the parts before it: videos, further pictures,
and settings as text or JSON. Data that do not fit such a directory are not taken for a trailer.
"""

import itertools
import json
import re
import struct
from dataclasses import dataclass

from validator.formats.polyglots.embedded import refuse_code, refuse_containers
from validator.formats.polyglots.trailing import refuse_foreign_start
from validator.formats.readahead import AHEAD_BYTES, OVERLAP_BYTES, ReadAhead
from validator.formats.reader import RangeReader

_TAIL_BYTES = 4096
_SAMSUNG, _SAMSUNG_DIRECTORY, _ONEPLUS = b"SEFT", b"SEFH", b"jxrs"
_ENTRY, _BLOCK = struct.Struct("<HHII"), struct.Struct("<HHI")
_MAX_PARTS = 256
_MAX_DIRECTORY = 256 * 1024
FOOTER = re.compile(rb"\x00SEFT|jxrs.{4}", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")

type Part = tuple[int, int]
"""Offsets of the first byte of a part, and of the byte after it."""


@dataclass(frozen=True, slots=True)
class Trailer:
    """A trailer that begins at `start`. Its parts are in order and do not overlap."""

    start: int
    parts: tuple[Part, ...]


def find_trailer(reader: RangeReader) -> Trailer | None:
    """Returns the trailer at the end of the file, which zeros may follow. Costs one range, and one for some parts."""
    length = min(_TAIL_BYTES, reader.size)
    tail = reader.read(reader.size - length, length)
    for magic, more, parse in ((_SAMSUNG, 0, _parse_samsung), (_ONEPLUS, 4, _parse_oneplus)):
        at = tail.rfind(magic)
        footer = at + len(magic) + more
        if at >= 4 and footer <= length and not tail[footer:].strip(b"\x00"):
            return parse(reader, reader.size - length + footer)
    return None


def _parse_samsung(reader: RangeReader, end: int) -> Trailer | None:
    """Parses the directory before the footer: for each block its type, its distance to the directory, its length."""
    (size,) = struct.unpack("<I", reader.read(end - 8, 4))
    base = end - 8 - size
    if base < 0 or not 12 <= size <= _MAX_DIRECTORY:
        return None
    directory = reader.read(base, size)
    count = int.from_bytes(directory[8:12], "little")
    if not directory.startswith(_SAMSUNG_DIRECTORY) or not 1 <= count <= _MAX_PARTS or 12 + 12 * count > size:
        return None
    blocks: list[Part] = []
    parts: list[Part] = []
    for _, kind, distance, length in _ENTRY.iter_unpack(directory[12 : 12 + 12 * count]):
        at = base - distance
        if at < 0 or not _BLOCK.size <= length <= distance:
            return None
        _, found, name = _BLOCK.unpack(reader.read(at, _BLOCK.size))
        if found != kind or _BLOCK.size + name > length:
            return None
        blocks.append((at, at + length))
        parts.append((at + _BLOCK.size + name, at + length))
    return _in_order(blocks, [*parts, (base + size, reader.size)])


def _parse_oneplus(reader: RangeReader, end: int) -> Trailer | None:
    """Parses the directory before the footer, a JSON list of parts with their distance to it and their length.

    If the parts overlap, the directory is the whole trailer: it may list other things.
    """
    (size,) = struct.unpack("<I", reader.read(end - 4, 4))
    base = end - size
    if base < 0 or not 8 < size <= _MAX_DIRECTORY:
        return None
    entries = parse_json(reader.read(base, size - 8).rstrip(b"\x00"))
    if not isinstance(entries, (list, dict)) or len(entries) > _MAX_PARTS:
        return None
    listed: list[Part] = [(base, end), (end, reader.size)]
    parts: list[Part] = []
    for entry in entries:
        match entry:
            case {"offset": int(distance), "length": int(length)} if 0 <= length <= distance <= base:
                parts.append((base - distance, base - distance + length))
    return _in_order([*parts, (base, end)], [*parts, *listed]) or Trailer(base, tuple(listed))


def parse_json(text: bytes) -> object:
    """Returns the parsed text, None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_order(blocks: list[Part], parts: list[Part]) -> Trailer | None:
    """Returns the trailer unless two of its blocks overlap: each byte is then checked once."""
    blocks.sort()
    if any(end > start for (_, end), (start, _) in itertools.pairwise(blocks)):
        return None
    return Trailer(blocks[0][0], tuple(sorted(parts)))


def check_trailer(source: ReadAhead, trailer: Trailer) -> None:
    """Refuses a trailer with code, a page, an archive or a program in it. Reads all of it."""
    at = max(0, trailer.start - OVERLAP_BYTES)
    for start, end in trailer.parts:
        _search(source, at, start)
        _check_part(source, start, end)
        at = end
    _search(source, at, source.size)


def _check_part(source: ReadAhead, start: int, end: int) -> None:
    length = min(AHEAD_BYTES, end - start)
    data = source.read(start, length)
    refuse_foreign_start(data)
    refuse_containers(data)
    if not _CONTROL.search(data, 0, _TAIL_BYTES):
        refuse_code(data)
    if length < end - start:
        _search(source, start, end)
        refuse_containers(source.read(end - length, length))


def _search(source: ReadAhead, start: int, end: int) -> None:
    """Reads the bytes, so that the check of `source` sees them."""
    for _ in source.blocks(start, end):
        source.check_time()
