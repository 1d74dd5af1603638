"""WebM videos: EBML (RFC 8794), Matroska elements (RFC 9559, section 5), WebM container guidelines.

A WebM file is a Matroska file of document type `webm` with VP8, VP9 or AV1 video. Recorders that write to a stream
leave the sizes of the segment and its clusters unknown (RFC 8794, section 6.2).
"""

import re
from dataclasses import dataclass, field

from validator.formats.polyglots.second_file import TAIL_BYTES, VIDEO_BUDGET, ends_in_zeros, refuse_appended
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError
from validator.formats.webm import vint
from validator.formats.webm.vint import CRC32, VOID, Element, children, element_at, read_text, read_unsigned

MIME = "video/webm"
BUDGET = VIDEO_BUDGET

ENOUGH_RANGES = 10
"""After this many ranges a proven video is not read further: a long one has hundreds of clusters."""

_MAGIC = b"\x1a\x45\xdf\xa3"
_DOC_TYPE, _DOC_TYPE_READ_VERSION, _READ_VERSION = 0x4282, 0x4285, 0x42F7
_MAX_ID_LENGTH, _MAX_SIZE_LENGTH = 0x42F2, 0x42F3
_HEADER_LIMITS = {_READ_VERSION: 1, _MAX_ID_LENGTH: 4, _MAX_SIZE_LENGTH: 8, _DOC_TYPE_READ_VERSION: 4}
_HEADER_BYTES = 1024

_SEGMENT, _TRACKS, _CLUSTER, _ATTACHMENTS = 0x18538067, 0x1654AE6B, 0x1F43B675, 0x1941A469
_SEEK_HEAD, _INFO, _CUES, _CHAPTERS, _TAGS = 0x114D9B74, 0x1549A966, 0x1C53BB6B, 0x1043A770, 0x1254C367
_TOP_LEVEL = frozenset((_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES, _CHAPTERS, _TAGS, VOID, CRC32))

_TRACK_ENTRY, _TRACK_NUMBER, _TRACK_TYPE, _CODEC_ID = 0xAE, 0xD7, 0x83, 0x86
_CONTENT_ENCODINGS, _CONTENT_ENCODING, _ENCODING_TYPE, _ENCRYPTION = 0x6D80, 0x6240, 0x5033, 0x5035
_ENCODING_IS_ENCRYPTION = 1
_VIDEO_TRACK = 1
_VIDEO_CODECS = frozenset((b"V_VP8", b"V_VP9", b"V_AV1"))

_SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK, _ENCRYPTED_BLOCK = 0xA3, 0xA0, 0xA1, 0xAF
_TIMESTAMP, _POSITION, _PREV_SIZE, _SILENT_TRACKS = 0xE7, 0xA7, 0xAB, 0x5854
_IN_CLUSTER = frozenset(
    (_SIMPLE_BLOCK, _BLOCK_GROUP, _ENCRYPTED_BLOCK, _TIMESTAMP, _POSITION, _PREV_SIZE, _SILENT_TRACKS, VOID, CRC32),
)
_SMALLEST_BLOCK = 4
_CLUSTER_BEGIN = re.compile(
    rb"\x1f\x43\xb6\x75(?:[\x80-\xff]|\x01.{7}|[\x08-\x7f].{1,4})[\xe7\xec\xbf\xa7\xab]", re.DOTALL
)


def recognises(head: bytes) -> bool:
    return head.startswith(_MAGIC)


def parse(reader: RangeReader) -> str:
    at = _check_header(reader)
    segment = element_at(reader, at, reader.size)
    while segment.id == VOID and segment.end is not None:
        segment = element_at(reader, segment.end, reader.size)
    if segment.id != _SEGMENT:
        raise RefusedError("malformed", "The WebM video has no content.")
    content = _Segment(reader)
    complete = content.walk_elements(segment.body, segment.end or reader.size)
    content.check()
    if segment.end is not None:
        _check_end(reader, segment.end)
    elif not complete:
        _check_last_cluster(reader)
    return MIME


def _check_header(reader: RangeReader) -> int:
    """Checks the EBML header (RFC 8794 section 11.2) and returns where it ends."""
    header = element_at(reader, 0, reader.size)
    if header.end is None or header.end - header.body > _HEADER_BYTES:
        raise RefusedError("malformed", "The WebM video's header is damaged.")
    doc_type = b""
    for child in children(reader, header):
        if child.id == _DOC_TYPE:
            doc_type = read_text(reader, child)
        elif child.id in _HEADER_LIMITS and not 1 <= read_unsigned(reader, child) <= _HEADER_LIMITS[child.id]:
            raise RefusedError("malformed", "The WebM video's header asks for a reader that does not exist.")
    if doc_type == b"webm":
        return header.end
    if doc_type == b"matroska":
        raise RefusedError(
            "unsupported_type",
            "This is a Matroska video (MKV), which is not accepted. Please convert it to MP4 or WebM.",
        )
    raise RefusedError("unsupported_type", "This file is related to WebM, but of a kind that is not accepted.")


def _check_end(reader: RangeReader, end: int) -> None:
    """Checks that only padding follows the segment."""
    while end < reader.size:
        if ends_in_zeros(reader, end):
            return
        refuse_appended(reader.read(end, min(64, reader.size - end)))
        element = element_at(reader, end, reader.size)
        if element.id not in {VOID, CRC32} or element.end is None:
            raise RefusedError(
                "malformed",
                "Something else follows the end of the WebM video. Please export it again.",
            )
        end = element.end


def _check_last_cluster(reader: RangeReader) -> None:
    """Checks that the elements from a cluster near the end of a live recording lead exactly to the end."""
    start = max(0, reader.size - TAIL_BYTES)
    cluster = _CLUSTER_BEGIN.search(reader.read(start, reader.size - start))
    if cluster:
        _Segment(reader).walk_elements(start + cluster.start(), reader.size)


@dataclass(slots=True)
class _Segment:
    """Facts from the elements of the segment read so far."""

    reader: RangeReader
    track_numbers: set[int] = field(default_factory=set)
    has_tracks: bool = False
    has_video: bool = False
    codec_unknown: bool = False
    blocks: set[int] = field(default_factory=set)

    @property
    def proven(self) -> bool:
        return self.has_video and bool(self.blocks & self.track_numbers)

    def walk_elements(self, at: int, end: int) -> bool:
        """Walks the elements of the segment. Returns True if it reached the end, False if it read enough before.

        The children of a cluster of unknown size appear as elements of the segment.
        """
        in_cluster = False
        for _ in range(vint.MAX_ELEMENTS):
            if at >= end:
                return True
            if self.proven and self.reader.cost.ranges >= ENOUGH_RANGES:
                return False
            if end == self.reader.size and self.reader.read(at, 1) == b"\x00" and ends_in_zeros(self.reader, at):
                return True
            element = self._next(at, end)
            if not (in_cluster and element.id in _IN_CLUSTER):
                if element.id not in _TOP_LEVEL:
                    self._refuse_unknown(element)
                in_cluster = element.id == _CLUSTER and element.end is None
            at = self._take(element)
        if not self.proven:
            raise RefusedError("malformed", "The WebM video has too many parts.")
        return False

    def check(self) -> None:
        if not self.has_tracks:
            raise RefusedError("malformed", "The WebM video has no list of tracks.")
        if self.codec_unknown and not self.has_video:
            raise RefusedError("unsupported_type", "The video is coded in a way that WebM does not know.")
        if not self.has_video:
            raise RefusedError("unsupported_type", "This WebM file holds only sound, no video.")
        if not self.proven:
            raise RefusedError("malformed", "The WebM video has a header, but no pictures follow it.")

    def _next(self, at: int, end: int) -> Element:
        try:
            return element_at(self.reader, at, end)
        except (RefusedError, TruncatedError):
            refuse_appended(self.reader.read(at, min(64, end - at)))
            raise

    def _refuse_unknown(self, element: Element) -> None:
        refuse_appended(self.reader.read(element.start, min(64, self.reader.size - element.start)))
        if element.id == _ATTACHMENTS:
            raise RefusedError("malformed", "The WebM video carries attached files, which WebM does not allow.")
        raise RefusedError(
            "malformed",
            "The WebM video is damaged, or something else follows it. Please export it again.",
        )

    def _take(self, element: Element) -> int:
        """Reads one element and returns the offset of the next."""
        if element.end is None:
            if element.id != _CLUSTER:
                raise RefusedError("malformed", "A part of the WebM video has no end.")
            return element.body
        if element.id == _TRACKS:
            self._take_tracks(element)
        elif element.id in {_CLUSTER, _BLOCK_GROUP} and not self.proven:
            self._take_blocks(element)
        elif element.id in {_SIMPLE_BLOCK, _ENCRYPTED_BLOCK}:
            self._take_block(element)
        return element.end

    def _take_tracks(self, tracks: Element) -> None:
        if self.has_tracks:
            raise RefusedError("malformed", "The WebM video has two lists of tracks.")
        self.has_tracks = True
        for entry in children(self.reader, tracks):
            if entry.id == _TRACK_ENTRY:
                self._take_track(entry)

    def _take_track(self, entry: Element) -> None:
        number = kind = 0
        codec = b""
        for child in children(self.reader, entry):
            if child.id == _TRACK_NUMBER:
                number = read_unsigned(self.reader, child)
            elif child.id == _TRACK_TYPE:
                kind = read_unsigned(self.reader, child)
            elif child.id == _CODEC_ID:
                codec = read_text(self.reader, child)
            elif child.id == _CONTENT_ENCODINGS:
                self._refuse_encrypted(child)
        if kind == _VIDEO_TRACK and codec in _VIDEO_CODECS:
            self.has_video = True
        elif kind == _VIDEO_TRACK:
            self.codec_unknown = True
        self.track_numbers.add(number)

    def _refuse_encrypted(self, encodings: Element) -> None:
        """Refuses a track whose content is encrypted (RFC 9559, section 5.1.4.1.31), for any part of it."""
        for encoding in children(self.reader, encodings):
            if encoding.id != _CONTENT_ENCODING:
                continue
            for child in children(self.reader, encoding):
                if child.id == _ENCRYPTION or (
                    child.id == _ENCODING_TYPE and read_unsigned(self.reader, child) == _ENCODING_IS_ENCRYPTION
                ):
                    raise RefusedError(
                        "unsupported_type",
                        "The video is copy-protected and plays only with a key. Please send a copy without protection.",
                    )

    def _take_blocks(self, parent: Element) -> None:
        for child in children(self.reader, parent):
            if child.id == _BLOCK_GROUP and parent.id == _CLUSTER:
                self._take_blocks(child)
            elif child.id in {_SIMPLE_BLOCK, _BLOCK, _ENCRYPTED_BLOCK}:
                self._take_block(child)
            if self.proven:
                return

    def _take_block(self, block: Element) -> None:
        """Records the track number at the beginning of a block, a variable-size integer (RFC 9559, section 10)."""
        assert block.end is not None
        if block.end - block.body < _SMALLEST_BLOCK:
            return
        header = self.reader.read(block.body, min(8, block.end - block.body))
        length = vint.vint_length(header[0])
        if length < len(header):
            self.blocks.add(int.from_bytes(header[:length]) & ((1 << (7 * length)) - 1))
