"""Windows Media videos: Advanced Systems Format (ASF) specification, revision 01.20.06.

Section 2 (objects), 3.1 (Header Object), 3.2 (File Properties), 3.3 (Stream Properties), 3.4 (Header Extension), 3.6
(Script Command), 4.1 (Extended Stream Properties), 5.1 (Data Object), 6 (indexes).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from validator.formats.polyglots.second_file import (
    TAIL_BYTES,
    VIDEO_BUDGET,
    content_end,
    ends_in_zeros,
    refuse_appended,
)
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

MIME = "video/x-ms-wmv"
BUDGET = VIDEO_BUDGET


def _guid(text: str) -> bytes:
    """Returns a GUID as ASF stores it (section 1.2.4): its first three numbers are little-endian."""
    first, second, third, *rest = (bytes.fromhex(part) for part in text.split("-"))
    return first[::-1] + second[::-1] + third[::-1] + b"".join(rest)


_HEADER = _guid("75B22630-668E-11CF-A6D9-00AA0062CE6C")
_DATA = _guid("75B22636-668E-11CF-A6D9-00AA0062CE6C")
_FILE_PROPERTIES = _guid("8CABDCA1-A947-11CF-8EE4-00C00C205365")
_STREAM_PROPERTIES = _guid("B7DC0791-A9B7-11CF-8EE6-00C00C205365")
_HEADER_EXTENSION = _guid("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
_EXTENDED_STREAM = _guid("14E6A5CB-C672-4332-8399-A96952065B5A")
_SCRIPT_COMMAND = _guid("1EFB1A30-0B62-11D0-A39B-00A0C90348F6")
_ENCRYPTION = frozenset(
    (
        _guid("2211B3FB-BD23-11D2-B4B7-00A0C955FC6E"),  # Content Encryption
        _guid("298AE614-2622-4C17-B935-DAE07EE9289C"),  # Extended Content Encryption
    ),
)
_VIDEO = _guid("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B")

_INDEXES = (
    _guid("33000890-E5B1-11CF-89F4-00A0C90349CB"),  # Simple Index
    _guid("D6E229D3-35DA-11D1-9034-00A0C90349BE"),  # Index
    _guid("FEB103F8-12AD-4C64-840F-2A1D2F7AD48C"),  # Media Object Index
    _guid("3CB73FD0-0C4A-4803-953D-EDF7B6228F0C"),  # Timecode Index
)

_OBJECT = struct.Struct("<16sQ")
_HEADER_BYTES = 30
_DATA_BYTES = 50
_FILE_PROPERTIES_BYTES = 104
_STREAM_PROPERTIES_BYTES = 78
_EXTENSION_BYTES = 46
_MAX_OBJECTS = 1024
_MAX_SCRIPT_BYTES = 32 * 1024
_END_CHUNK, _END_CHUNK_BYTES = b"$E", 12  # the end packet of streamed recordings ($E in MS-WMSP)
_PACKET_MAX = 1024 * 1024
_BROADCAST = 1
_LINKS = (b"URL", b"FILENAME", b"OPENEVENT", b"SCRIPT")
"""Prefixes of the script commands that make a player open pages or files."""


class Object(NamedTuple):
    """One ASF object: its GUID, its start, and the start of the next object."""

    guid: bytes
    start: int
    end: int


def recognises(head: bytes) -> bool:
    return head.startswith(_HEADER)


def parse(reader: RangeReader) -> str:
    header = _object_at(reader, 0, reader.size)
    if header.end < _HEADER_BYTES:
        raise RefusedError("malformed", "The Windows Media video's header is damaged.")
    found = _Header(reader)
    for part in _objects(reader, _HEADER_BYTES, header.end):
        found.take(part)
    found.check()
    _check_data(reader, header.end, found)
    return MIME


def _object_at(reader: RangeReader, start: int, end: int) -> Object:
    guid, size = _OBJECT.unpack(reader.read(start, _OBJECT.size))
    if size < _OBJECT.size:
        raise RefusedError("malformed", "The Windows Media video is damaged.")
    if start + size > end:
        raise TruncatedError(f"an object of {size} bytes at offset {start} extends beyond {end}")
    return Object(guid, start, start + size)


def _objects(reader: RangeReader, start: int, end: int) -> Iterator[Object]:
    """Yields the objects that fill a parent from `start` to `end`."""
    at = start
    for _ in range(_MAX_OBJECTS):
        if end - at < _OBJECT.size:
            break
        try:
            part = _object_at(reader, at, end)
        except TruncatedError as error:
            raise RefusedError("malformed", "A part of the video's header does not fit into it.") from error
        yield part
        at = part.end
    if at != end:
        raise RefusedError("malformed", "The video's header does not add up.")


@dataclass(slots=True)
class _Header:
    """Facts from the objects of the header read so far."""

    reader: RangeReader
    file_id: bytes = b""
    file_size: int = 0
    broadcast: bool = False
    packet_size: int = 0
    streams: int = 0
    has_video: bool = False

    def take(self, part: Object) -> None:
        if part.guid == _FILE_PROPERTIES:
            self._take_file_properties(part)
        elif part.guid == _STREAM_PROPERTIES:
            self._take_stream(part)
        elif part.guid == _HEADER_EXTENSION:
            self._take_extension(part)
        elif part.guid == _SCRIPT_COMMAND:
            self._check_script(part)
        elif part.guid in _ENCRYPTION:
            raise RefusedError("unsupported_type", "The video is copy-protected and cannot be shown.")

    def check(self) -> None:
        if not self.file_id:
            raise RefusedError("malformed", "The Windows Media video's header is incomplete.")
        if not self.has_video:
            raise RefusedError("unsupported_type", "This Windows Media file holds no video, only sound or data.")

    def _take_file_properties(self, part: Object) -> None:
        if part.end - part.start < _FILE_PROPERTIES_BYTES or self.file_id:
            raise RefusedError("malformed", "The Windows Media video's header is damaged.")
        body = self.reader.read(part.start, _FILE_PROPERTIES_BYTES)
        self.file_id = body[24:40]
        self.file_size = int.from_bytes(body[40:48], "little")
        self.broadcast = bool(body[88] & _BROADCAST)
        self.packet_size = int.from_bytes(body[92:96], "little")

    def _take_stream(self, part: Object) -> None:
        if part.end - part.start < _STREAM_PROPERTIES_BYTES:
            raise RefusedError("malformed", "The Windows Media video's list of streams is damaged.")
        self.streams += 1
        if self.reader.read(part.start + _OBJECT.size, 16) == _VIDEO:
            self.has_video = True

    def _take_extension(self, part: Object) -> None:
        """Section 3.4. A stream may be described only in an Extended Stream Properties Object (section 4.1)."""
        if part.end - part.start < _EXTENSION_BYTES:
            raise RefusedError("malformed", "The Windows Media video's header is damaged.")
        for inner in _objects(self.reader, part.start + _EXTENSION_BYTES, part.end):
            if inner.guid in _ENCRYPTION:
                self.take(inner)
            elif inner.guid == _EXTENDED_STREAM:
                self._take_extended_stream(inner)

    def _take_extended_stream(self, part: Object) -> None:
        """Section 4.1: 88 bytes, then names and payload extensions with their lengths, then Stream Properties."""
        at = part.start + 88
        if at > part.end:
            raise RefusedError("malformed", "The Windows Media video's list of streams is damaged.")
        names, extensions = struct.unpack("<HH", self.reader.read(part.start + 84, 4))
        for _ in range(names):
            at += 4 + int.from_bytes(self.reader.read(at + 2, 2), "little")
        for _ in range(extensions):
            at += 22 + int.from_bytes(self.reader.read(at + 18, 4), "little")
        if part.end - at < _OBJECT.size:
            return
        for inner in _objects(self.reader, at, part.end):
            if inner.guid == _STREAM_PROPERTIES:
                self._take_stream(inner)

    def _check_script(self, part: Object) -> None:
        """Refuses command types that make a player open addresses (section 3.6); the names are UTF-16."""
        length = part.end - part.start
        if length > _MAX_SCRIPT_BYTES:
            raise RefusedError("active_content", "The video carries commands that open web pages.")
        names = self.reader.read(part.start, length)[44:].replace(b"\x00", b"").upper()
        if any(link in names for link in _LINKS):
            raise RefusedError("active_content", "The video carries commands that open web pages.")


def _check_data(reader: RangeReader, start: int, header: _Header) -> None:
    """Checks that the Data Object of the same file follows, contains packets, and is followed by indexes only.

    A live recording (broadcast flag) may lack its sizes; its packets then fill the rest of the file.
    """
    if start + _DATA_BYTES > reader.size:
        raise RefusedError("malformed", "The Windows Media video has a header, but no pictures follow it.")
    guid, size = _OBJECT.unpack(reader.read(start, _OBJECT.size))
    if guid != _DATA or reader.read(start + _OBJECT.size, 16) != header.file_id:
        refuse_appended(guid)
        raise RefusedError("malformed", "The Windows Media video has a header, but no pictures follow it.")
    end = start + size
    if header.broadcast and size <= _DATA_BYTES:
        end = _end_of_packets(reader, start + _DATA_BYTES, header.packet_size)
    if end - start <= _DATA_BYTES:
        raise RefusedError("malformed", "The Windows Media video has a header, but no pictures follow it.")
    if end > reader.size or (not header.broadcast and header.file_size > reader.size):
        raise TruncatedError(f"data of {size} bytes at offset {start}")
    _check_indexes(reader, end)


def _end_of_packets(reader: RangeReader, start: int, packet_size: int) -> int:
    """Returns where the packets of a live recording end: all have one size (section 3.2), indexes may follow."""
    if not 0 < packet_size <= _PACKET_MAX:
        raise RefusedError("malformed", "The Windows Media video's header is damaged.")
    if (reader.size - start) % packet_size == 0:
        return reader.size
    tail_at = max(start, reader.size - TAIL_BYTES)
    tail = reader.read(tail_at, reader.size - tail_at)
    for index in _INDEXES:
        at = tail.find(index)
        if at >= 0 and (tail_at + at - start) % packet_size == 0:
            return tail_at + at
    packets = -((start - content_end(reader)) // packet_size)
    if start + packets * packet_size <= reader.size:
        return start + packets * packet_size  # only zeros follow
    raise TruncatedError("the last packet extends beyond the end")


def _check_indexes(reader: RangeReader, start: int) -> None:
    at = start
    for _ in range(_MAX_OBJECTS):
        if at >= reader.size or ends_in_zeros(reader, at):
            return
        rest = reader.read(at, min(64, reader.size - at))
        refuse_appended(rest)
        if len(rest) == _END_CHUNK_BYTES and rest.startswith(_END_CHUNK):
            return
        if len(rest) < _OBJECT.size or rest.startswith((_HEADER, _DATA)):
            break
        at = _object_at(reader, at, reader.size).end
    raise RefusedError(
        "malformed",
        "Something else follows the end of the video. Please export it again.",
    )
