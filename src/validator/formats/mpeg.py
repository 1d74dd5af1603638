"""MPEG videos: program streams of MPEG-1 (ISO/IEC 11172-1 section 2.4) and MPEG-2 (ISO/IEC 13818-1 section 2.5).

A stream consists of packs of packets; E0 to EF are video packets. The packets are checked at the beginning and near
the end of the file. The end of a program stream need not be marked, so one that was cut exactly between two packets is
valid. The bare video stream (start code B3) has neither lengths nor an end, so anything could follow it; it is not
accepted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from validator.formats.polyglots.second_file import (
    TAIL_BYTES,
    VIDEO_BUDGET,
    content_end,
    ends_in_zeros,
    refuse_appended,
    refuse_hidden_before,
)
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

MIME = "video/mpeg"
BUDGET = VIDEO_BUDGET

_PREFIX = b"\x00\x00\x01"
_PACK = b"\x00\x00\x01\xba"
_END_CODE, _PACK_CODE = 0xB9, 0xBA
_VIDEO_CODES = range(0xE0, 0xF0)
_BLOCK = 16 * 1024
_WALK_BYTES, _WALK_BYTES_MAX = 32 * 1024, 64 * 1024
_PADDING_BLOCK = 4096
_PADDING_MAX = 8 * 2324
"""Video CDs contain empty sectors of 2,324 bytes."""
_DAMAGED = "The MPEG video is damaged."


def recognises(head: bytes) -> bool:
    return head.startswith(_PACK)


def parse(reader: RangeReader) -> str:
    walk = _Walk(reader, 0, reader.size)
    while not walk.at_end and walk.at < (_WALK_BYTES if walk.has_video else _WALK_BYTES_MAX):
        walk.step()
    if not walk.has_video:
        raise RefusedError("unsupported_type", "This MPEG file holds no video, only sound or data.")
    if not walk.at_end:
        _check_tail(reader)
    return MIME


def _check_tail(reader: RangeReader) -> None:
    """Checks that the packets from one near the end lead exactly to the end of the file.

    Start codes also occur inside packets, so the walk is tried from each one that no earlier walk has reached.
    """
    end = content_end(reader)
    if reader.size - end < TAIL_BYTES // 2:
        end = reader.size
    else:
        refuse_hidden_before(reader, end)
    start = max(0, end - TAIL_BYTES)
    tail = reader.read(start, end - start)
    failure: Exception | None = None
    passed: set[int] = set()
    for begin in _packet_codes(tail):
        walk = _Walk(reader, start + begin, end)
        try:
            while not walk.at_end and walk.at not in passed:
                passed.add(walk.at)
                walk.step()
        except (RefusedError, TruncatedError) as error:
            failure = failure or error
        if walk.at_end:
            return
        reader.check_time()
    raise failure or RefusedError(
        "malformed",
        "Something else follows the end of the MPEG video. Please export it again.",
    )


def _packet_codes(data: bytes) -> Iterator[int]:
    """Yields the offsets of the start codes of packs, packets and ends."""
    at = data.find(_PREFIX)
    while 0 <= at < len(data) - 3:
        if data[at + 3] >= _END_CODE:
            yield at
        at = data.find(_PREFIX, at + 1)


@dataclass(slots=True)
class _Walk:
    """Steps through a program stream: pack headers, packets, end codes."""

    reader: RangeReader
    at: int
    end: int
    has_video: bool = False
    padding: int = 0

    @property
    def at_end(self) -> bool:
        return self.at >= self.end

    def step(self) -> None:
        start = self._read(min(6, self.reader.size - self.at))
        if start[:3] != _PREFIX:
            self._skip_padding()
            return
        self.padding = 0
        if len(start) < 4:
            raise TruncatedError("a start code extends beyond the end")
        if start[3] == _PACK_CODE:
            self._step_over_pack_header()
        elif start[3] == _END_CODE:
            self.at += 4
        elif start[3] < _END_CODE or len(start) < 6:
            raise RefusedError("malformed", _DAMAGED)
        else:
            self._step_over_packet(start[3], int.from_bytes(start[4:6]))

    def _read(self, length: int) -> bytes:
        return self.reader.read(self.at, length, ahead=_BLOCK)

    def _skip_padding(self) -> None:
        """Skips zeros, which pad sectors, make up empty ones (Video CD) and end files."""
        rest = self._read(min(_PADDING_BLOCK, self.reader.size - self.at))
        zeros = len(rest) - len(rest.lstrip(b"\x00"))
        if zeros < len(rest) and (zeros < 2 or rest[zeros - 2 : zeros + 1] != _PREFIX):
            refuse_appended(rest)
            raise RefusedError("malformed", _DAMAGED)
        if self.at + zeros < self.reader.size:
            zeros -= 2  # they may be part of a start code
        self.at += zeros
        self.padding += zeros
        if self.padding > _PADDING_MAX:
            if ends_in_zeros(self.reader, self.at):
                self.at = self.reader.size
                return
            raise RefusedError(
                "malformed",
                "Something else follows the end of the MPEG video. Please export it again.",
            )

    def _step_over_pack_header(self) -> None:
        """ISO/IEC 11172-1 2.4.3.2: 12 bytes. ISO/IEC 13818-1 2.5.3.3: 14 bytes and stuffing. Marker bits are 1."""
        header = self._read(12)
        if header[4] & 0xF1 == 0x21 and header[6] & header[8] & header[11] & 1 and header[9] & 0x80:
            self.at += 12
            return
        header = self._read(14)
        markers = header[6] & header[8] & 0x04 and header[9] & 0x01 and header[12] & 0x03 == 0x03
        if header[4] & 0xC4 != 0x44 or not markers:
            raise RefusedError("malformed", _DAMAGED)
        self.at += 14 + (header[13] & 0x07)
        if self.at > self.reader.size:
            raise TruncatedError("a pack header extends beyond the end")

    def _step_over_packet(self, code: int, length: int) -> None:
        if self.at + 6 + length > self.reader.size:
            raise TruncatedError(f"a packet of {length} bytes at offset {self.at}")
        if code in _VIDEO_CODES:
            self._check_video_packet(self._read(7)[6] if length else 0)
            self.has_video = True
        self.at += 6 + length

    def _check_video_packet(self, first: int) -> None:
        """Checks the byte after the length: flags of MPEG-2; stuffing, buffer size or time stamps of MPEG-1."""
        if first & 0xC0 not in {0x80, 0x40} and first & 0xF0 not in {0x20, 0x30} and first not in {0x0F, 0xFF}:
            raise RefusedError("malformed", _DAMAGED)
