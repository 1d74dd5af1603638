"""AVI videos.

Microsoft, "AVI RIFF File Reference": RIFF form `AVI `, list `hdrl` with `avih` and one `strl` per stream, list `movi`.
OpenDML AVI File Format Extensions 1.02: further RIFF segments of form `AVIX`, indexes inside the lists. Some writers
put zeros between chunks, write too small a size of the first segment, or put an index, filler or data behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from validator.formats.polyglots.second_file import (
    VIDEO_BUDGET,
    refuse_appended,
    refuse_file_start,
    refuse_hidden_before,
    skip_zeros,
)
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.riff.chunks import Chunk, chunks
from validator.formats.verdict import RefusedError

MIME = "video/x-msvideo"
BUDGET = VIDEO_BUDGET

_AVIH_BYTES = 56
_STRH_BYTES = 48
_MAX_STREAMS = 100
_MAX_PARTS = 4096
_MEDIA_WALK = 512
_SEGMENTS = 8
_VIDEO = frozenset((b"vids", b"iavs"))  # iavs: sound and video in one stream, by DV camcorders
_NO_PICTURES = frozenset((b"wb", b"pc", b"tx", b"ix"))
_SLACK = 8
_HEADER_BYTES = 8
_FILLERS = frozenset((b"JUNK", b"JUNQ", b"idx1", b"LIST"))
_FILE_FORMS = frozenset((b"AVI ", b"WAVE", b"WEBP", b"RMID", b"CDXA", b"ACON", b"RMMP", b"PAL ", b"sfbk", b"DLS "))
"""Forms of RIFF that are separate files. Others are data, such as the positions that a camera has recorded."""
_SEARCHED = 4096


def recognises(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"AVI "


def parse(reader: RangeReader) -> str:
    end = _segment_end(reader, 0)
    video = _Video(reader)
    behind = end
    for chunk in _chunks(reader, 12, end, reader.size):
        if chunk.fourcc == b"RIFF":
            behind = chunk.offset - _HEADER_BYTES
            break
        video.take(chunk)
        behind = max(end, min(chunk.end, reader.size))
    video.check()
    _check_rest(reader, behind)
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


def _chunks(reader: RangeReader, start: int, stop: int, end: int) -> Iterator[Chunk]:
    """Yields the chunks that begin between `start` and `stop` and end before `end`. Skips the zeros between them."""
    at = start
    for _ in range(_MAX_PARTS):
        if at < stop and reader.read(at, 1) == b"\x00":
            at = skip_zeros(reader, at, stop)
        if at >= stop:
            return
        chunk = next(chunks(reader, at, end))
        yield chunk
        at = chunk.end
    if at < stop:
        raise RefusedError("malformed", f"The video has more than {_MAX_PARTS:,} parts.")


def _check_rest(reader: RangeReader, start: int) -> None:
    """Checks that only segments of OpenDML or data, an index, filler and zeros follow the first segment."""
    at = start + (start & 1)
    for _ in range(_SEGMENTS):
        end, at = at, skip_zeros(reader, at, reader.size)
        if at >= reader.size:
            refuse_hidden_before(reader, end)
            return
        header = reader.read(at, min(12, reader.size - at))
        if header[:4] == b"RIFF" and len(header) == 12 and header[8:] not in _FILE_FORMS:
            if header[8:] != b"AVIX":
                refuse_file_start(reader.read(at + 12, min(_SEARCHED, reader.size - at - 12)))
            at = _segment_end(reader, at)
        elif header[:4] in _FILLERS and len(header) >= _HEADER_BYTES:
            chunk = next(chunks(reader, at, reader.size))
            refuse_file_start(reader.read(chunk.offset, min(_SEARCHED, chunk.size)))
            at = chunk.end
        else:
            break
        at += at & 1
    if at < reader.size:
        refuse_appended(reader.read(at, min(_SEARCHED, reader.size - at)))
        raise RefusedError(
            "malformed",
            "Something else follows the end of the video. Please export it again.",
        )


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

    def _parts(self, parent: Chunk) -> Iterator[Chunk]:
        """Yields the chunks of a list, behind its type."""
        end = parent.offset + parent.size
        return _chunks(self.reader, parent.offset + 4, end, end)

    def _take_header(self, header: Chunk) -> None:
        for chunk in self._parts(header):
            if chunk.fourcc == b"avih":
                if chunk.size < _AVIH_BYTES:
                    raise RefusedError("malformed", "The AVI video's header is damaged.")
                self.has_header = True
            elif chunk.fourcc == b"LIST" and chunk.size >= 4 and self.reader.read(chunk.offset, 4) == b"strl":
                self._take_stream(chunk)

    def _take_stream(self, stream: Chunk) -> None:
        for chunk in self._parts(stream):
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
        for chunk in islice(self._parts(media), _MEDIA_WALK):
            if self._is_picture(chunk):
                return True
            if chunk.fourcc != b"LIST" or chunk.size < 4 or self.reader.read(chunk.offset, 4) != b"rec ":
                continue
            if any(self._is_picture(inner) for inner in self._parts(chunk)):
                return True
        return False

    def _is_picture(self, chunk: Chunk) -> bool:
        number = chunk.fourcc[:2]
        if not number.isdigit() or chunk.fourcc[2:] in _NO_PICTURES or chunk.size == 0:
            return False
        return int(number) < len(self.streams) and self.streams[int(number)] in _VIDEO
