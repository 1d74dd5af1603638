"""MP4 and QuickTime movies.

ISO/IEC 14496-12 (ISO base media file format): 4.2 boxes, 4.3 file type, 8.1 media data, 8.2 movie, 8.3 track, 8.4 media
and handler, 8.5 sample description, 8.8 fragments. ISO/IEC 14496-14 (MP4). Apple's QuickTime File Format for movies
without a file type and for atoms that ISO does not define.
"""

import re
from dataclasses import dataclass

from validator.formats.isobmff import brands
from validator.formats.isobmff.boxes import MAX_BOXES, Box, NotABoxError, box_at
from validator.formats.isobmff.references import refuse_links_of_items
from validator.formats.isobmff.tracks import Tracks, read_movie
from validator.formats.isobmff.trailers import is_trailer
from validator.formats.polyglots.second_file import (
    TAIL_BYTES,
    VIDEO_BUDGET,
    refuse_appended,
    refuse_hidden_before,
    skip_zeros,
)
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

BUDGET = VIDEO_BUDGET

ENOUGH_RANGES = 10
"""After this many ranges a proven movie is not read further: a long recording may have a thousand fragments."""

_FIRST_BOXES = frozenset(
    (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"junk", b"PICT", b"udta"),
)
_FILE_TYPE_MAX = 4096
_UNKNOWN_BYTES = 4096
_FRAGMENT = re.compile(rb".{4}(?:moof\x00\x00\x00\x10mfhd|mfra.{4}tfra)", re.DOTALL)
_EARLY = frozenset((b"styp", b"free", b"skip", b"wide", b"uuid", b"pnot", b"junk", b"PICT"))


def recognises(head: bytes) -> bool:
    return head[4:8] in _FIRST_BOXES


def parse(reader: RangeReader) -> str:
    movie = _Movie(reader)
    at = 0
    for _ in range(MAX_BOXES):
        if at >= reader.size:
            return movie.mime_type()
        if movie.proven and reader.cost.ranges >= ENOUGH_RANGES:
            break
        box = _top_level_box(reader, at, complete=movie.proven)
        if box is None:
            return movie.mime_type()
        movie.take(box)
        at = box.end
    if not movie.proven:
        raise RefusedError("malformed", "The video has too many parts.")
    _check_last_fragment(reader)
    return movie.mime_type()


def _check_last_fragment(reader: RangeReader) -> None:
    """Checks that the boxes from a fragment near the end of the file lead exactly to the end."""
    start = max(0, reader.size - TAIL_BYTES)
    fragment = _FRAGMENT.search(reader.read(start, reader.size - start))
    at = start + fragment.start() if fragment else reader.size
    while at < reader.size:
        box = _top_level_box(reader, at, complete=True)
        at = box.end if box else reader.size
        reader.check_time()


def _top_level_box(reader: RangeReader, at: int, *, complete: bool) -> Box | None:
    """Returns the box at `at`, None if only zeros or, behind a `complete` movie, the data of a known maker follow."""
    try:
        return box_at(reader, at, reader.size)
    except (NotABoxError, TruncatedError) as error:
        if at > 0:
            rest = skip_zeros(reader, at, reader.size)
            if rest == reader.size and isinstance(error, NotABoxError):
                refuse_hidden_before(reader, at)
                return None
            if complete and is_trailer(reader, at):
                return None
            refuse_appended(reader.read(rest, min(reader.size - rest, _UNKNOWN_BYTES)))
        if isinstance(error, TruncatedError):
            raise
        raise RefusedError(
            "malformed",
            "The video is damaged, or something else follows it. Please export it again.",
        ) from error


@dataclass(slots=True)
class _Movie:
    """Facts from the top-level boxes read so far."""

    reader: RangeReader
    mime: str | None = None
    major: bytes = b""
    compatible: frozenset[bytes] = frozenset()
    tracks: Tracks | None = None
    has_media: bool = False
    has_fragment: bool = False
    begun: bool = False

    @property
    def proven(self) -> bool:
        if not self.tracks or not self.tracks.video or not self.has_media:
            return False
        return bool(self.tracks.first_chunks) or (self.tracks.fragmented and self.has_fragment)

    def take(self, box: Box) -> None:
        if box.kind == b"ftyp":
            self._take_file_type(box)
        elif box.kind == b"moov":
            self._take_movie(box)
        elif box.kind == b"mdat" and box.end > box.body:
            self.has_media = True
        elif box.kind == b"moof":
            self.has_fragment = True
        elif box.kind == b"meta":
            refuse_links_of_items(self.reader, box)
        self.begun = self.begun or box.kind not in _EARLY

    def mime_type(self) -> str:
        """Returns the proven type. Raises RefusedError if the boxes of the whole file prove none."""
        if self.proven:
            assert self.tracks is not None
            if self.tracks.h263 and brands.is_3gp(self.major):
                raise RefusedError("unsupported_type", brands.SENTENCE_3GP)
            self._check_chunks()
            return self.mime or brands.QUICKTIME
        if sentence := brands.picture_sentence(self.compatible):
            raise RefusedError("unsupported_type", sentence)
        if self.tracks is None:
            raise RefusedError("malformed", "The video has no movie header: the recording or the upload was cut short.")
        if not self.tracks.video:
            raise RefusedError("unsupported_type", "This file holds no video, only sound or data.")
        raise RefusedError("malformed", "The video has a header, but no pictures follow it.")

    def _check_chunks(self) -> None:
        """Checks that all chunks of pictures begin before the end of the file; otherwise the file was cut.

        They need not be inside a media data box: some tools insert a box without adjusting the offsets. Such videos
        play badly, but are harmless.
        """
        assert self.tracks is not None
        if any(offset >= self.reader.size for offset in (*self.tracks.first_chunks, *self.tracks.last_chunks)):
            raise TruncatedError("a chunk of pictures begins beyond the end")

    def _take_file_type(self, box: Box) -> None:
        length = box.end - box.body
        if self.begun or length < 8 or length % 4 or length > _FILE_TYPE_MAX:
            raise RefusedError("malformed", "The video's file type is damaged or in the wrong place.")
        body = self.reader.read(box.body, length)
        self.compatible = frozenset(body[at : at + 4] for at in range(8, length, 4))
        self.major = body[:4]
        self.mime = brands.media_type_of(self.major, self.compatible)

    def _take_movie(self, box: Box) -> None:
        if self.tracks is not None:
            raise RefusedError("malformed", "The video has two movie headers.")
        self.tracks = read_movie(self.reader, box)
