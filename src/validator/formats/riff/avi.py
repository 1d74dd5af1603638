"""AVI videos.

Microsoft, "AVI RIFF File Reference": RIFF form `AVI `, list `hdrl` with `avih` and one `strl` per stream, list `movi`.
OpenDML AVI File Format Extensions 1.02: further RIFF segments of form `AVIX`, indexes inside the lists.
"""

from dataclasses import dataclass, field

from validator.formats.polyglots.second_file import refuse_appended
from validator.formats.reader import Budget, RangeReader, TruncatedError
from validator.formats.riff.chunks import Chunk, chunks
from validator.formats.verdict import RefusedError

MIME = "video/x-msvideo"
BUDGET = Budget(max_bytes=256 * 1024, max_ranges=32, max_seconds=20.0)

_AVIH_BYTES = 56
_STRH_BYTES = 48
_MAX_STREAMS = 100
_MAX_PARTS = 4096
_MEDIA_WALK = 512
_SEGMENTS = 8
_VIDEO = frozenset((b"vids", b"iavs"))  # iavs: sound and video in one stream, by DV camcorders
_NO_PICTURES = frozenset((b"wb", b"pc", b"tx", b"ix"))
_SLACK = 8


def recognises(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"AVI "


def parse(reader: RangeReader) -> str:
    end = _segment_end(reader, 0)
    video = _Video(reader)
    for chunk in chunks(reader, 12, end, _MAX_PARTS):
        video.take(chunk)
    video.check()
    _check_rest(reader, end)
    return MIME


def _segment_end(reader: RangeReader, start: int) -> int:
    """Returns where the RIFF segment at `start` ends. Raises RefusedError if its writer did not fill in the size.

    Some writers include the eight bytes of the header in the size; the chunks must then still end at the file's end.
    """
    size = int.from_bytes(reader.read(start + 4, 4), "little")
    if size < 4:
        raise RefusedError("malformed", "The video has no length: the recording was cut short.")
    if start + size > reader.size:
        raise TruncatedError(f"a segment of {size} bytes at offset {start}")
    return min(start + _SLACK + size, reader.size)


def _check_rest(reader: RangeReader, end: int) -> None:
    """Checks that only further segments of OpenDML and zero padding follow the first segment."""
    at = end + (end & 1)
    for _ in range(_SEGMENTS):
        if at + 12 > reader.size:
            break
        header = reader.read(at, 12)
        if header[:4] != b"RIFF" or header[8:] != b"AVIX":
            break
        at = _segment_end(reader, at)
        at += at & 1
    if at < reader.size:
        rest = reader.read(at, min(4096, reader.size - at))
        if not any(rest) and at + len(rest) == reader.size:
            return
        refuse_appended(rest)
        raise RefusedError("malformed", "Something else follows the end of the video.")


@dataclass(slots=True)
class _Video:
    """Facts from the chunks of the first segment read so far."""

    reader: RangeReader
    has_header: bool = False
    streams: list[bytes] = field(default_factory=list)
    has_media: bool = False

    def take(self, chunk: Chunk) -> None:
        if chunk.fourcc != b"LIST" or chunk.size < 4:
            return
        kind = self.reader.read(chunk.offset, 4)
        if kind == b"hdrl":
            self._take_header(chunk)
        elif kind == b"movi":
            self.has_media = self.has_media or self._has_pictures(chunk)

    def check(self) -> None:
        if not self.has_header:
            raise RefusedError("malformed", "The AVI video has no header.")
        if not _VIDEO & set(self.streams):
            raise RefusedError("unsupported_type", "This AVI file holds only sound, no video.")
        if not self.has_media:
            raise RefusedError("malformed", "The AVI video has a header, but no pictures follow it.")

    def _take_header(self, header: Chunk) -> None:
        for chunk in chunks(self.reader, header.offset + 4, header.offset + header.size, _MAX_PARTS):
            if chunk.fourcc == b"avih":
                if chunk.size < _AVIH_BYTES:
                    raise RefusedError("malformed", "The AVI video's header is damaged.")
                self.has_header = True
            elif chunk.fourcc == b"LIST" and chunk.size >= 4 and self.reader.read(chunk.offset, 4) == b"strl":
                self._take_stream(chunk)

    def _take_stream(self, stream: Chunk) -> None:
        for chunk in chunks(self.reader, stream.offset + 4, stream.offset + stream.size, _MAX_PARTS):
            if chunk.fourcc == b"strh":
                if chunk.size < _STRH_BYTES or len(self.streams) >= _MAX_STREAMS:
                    raise RefusedError("malformed", "The AVI video's list of streams is damaged.")
                self.streams.append(self.reader.read(chunk.offset, 4))
                return
        raise RefusedError("malformed", "The AVI video's list of streams is damaged.")

    def _has_pictures(self, media: Chunk) -> bool:
        """Returns True if one of the first chunks of the list is of a video stream, such as `00dc` or `00db`.

        Writers may group the chunks in lists of form `rec `, one level deep.
        """
        for chunk in chunks(self.reader, media.offset + 4, media.offset + media.size, _MEDIA_WALK):
            if self._is_picture(chunk):
                return True
            if chunk.fourcc != b"LIST" or chunk.size < 4 or self.reader.read(chunk.offset, 4) != b"rec ":
                continue
            if any(
                self._is_picture(inner) for inner in chunks(self.reader, chunk.offset + 4, chunk.offset + chunk.size)
            ):
                return True
        return False

    def _is_picture(self, chunk: Chunk) -> bool:
        number = chunk.fourcc[:2]
        if not number.isdigit() or chunk.fourcc[2:] in _NO_PICTURES or chunk.size == 0:
            return False
        return int(number) < len(self.streams) and self.streams[int(number)] in _VIDEO
