"""The tracks of a movie box (ISO/IEC 14496-12 sections 8.2 to 8.7; QuickTime File Format, "Movie Atoms").

The sample tables of a long video take megabytes, so only headers and small boxes are read.
"""

from dataclasses import dataclass, field

from validator.formats.isobmff.boxes import Box, children
from validator.formats.isobmff.encryption import refuse_encrypted
from validator.formats.isobmff.references import refuse_links, refuse_links_of_items
from validator.formats.reader import RangeReader
from validator.formats.verdict import RefusedError

MAX_TRACKS = 128

_WHOLE_MOVIE_MAX = 16 * 1024
_VISUAL_ENTRY = 86


@dataclass(slots=True)
class Tracks:
    """Contents of a movie box: number of tracks, kinds of video (any, H.263, in fragments), offsets of chunks."""

    count: int = 0
    video: bool = False
    fragmented: bool = False
    h263: bool = False
    first_chunks: list[int] = field(default_factory=list)
    last_chunks: list[int] = field(default_factory=list)


def read_movie(reader: RangeReader, movie: Box) -> Tracks:
    """Reads the movie box by the headers of its children. Raises RefusedError if it is invalid."""
    if movie.end - movie.start <= _WHOLE_MOVIE_MAX:
        reader.read(movie.start, movie.end - movie.start)  # one range instead of one per track
    found, kinds = Tracks(), set[bytes]()
    for child in children(reader, movie.body, movie.end):
        kinds.add(child.kind)
        if child.kind == b"trak":
            found.count += 1
            _take_track(reader, child, found)
        elif child.kind == b"mvex":
            found.fragmented = True
        elif child.kind == b"meta":
            refuse_links_of_items(reader, child)
        if found.count > MAX_TRACKS:
            raise RefusedError("malformed", "The video has too many tracks.")
    if b"cmov" in kinds or b"rmra" in kinds:
        raise RefusedError(
            "unsupported_type",
            "This is an old QuickTime file with a compressed header or with links to other files. Please convert it.",
        )
    if b"mvhd" not in kinds:
        raise RefusedError("malformed", "The video's movie header is incomplete.")
    return found


def _take_track(reader: RangeReader, track: Box, found: Tracks) -> None:
    """Checks a track whose handler is video; other tracks may contain anything but links to other files."""
    refuse_links(reader, track)
    refuse_encrypted(reader, track)
    media = _find(reader, track, b"mdia")
    handler = media and _find(reader, media, b"hdlr")
    if not media or not handler or handler.end - handler.body < 12 or reader.read(handler.body + 8, 4) != b"vide":
        return
    information = _find_required(reader, media, b"minf")
    table = _find_required(reader, information, b"stbl")
    parts = {child.kind: child for child in children(reader, table.body, table.end)}
    if b"stsd" not in parts:
        raise RefusedError("malformed", "The video track is incomplete.")
    found.h263 = found.h263 or _check_sample_description(reader, parts[b"stsd"]) == b"s263"
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        if kind in parts:
            _take_chunk_offsets(reader, parts[kind], width, found)
    found.video = True


def _take_chunk_offsets(reader: RangeReader, table: Box, width: int, found: Tracks) -> None:
    """Reads the first and the last chunk offset (section 8.7.5), which count from the beginning of the file."""
    length = table.end - table.body
    count = int.from_bytes(reader.read(table.body, 8)[4:]) if length >= 8 else 0
    if count * width > length - 8:
        raise RefusedError("malformed", "The video's list of chunks is damaged.")
    if count:
        found.first_chunks.append(int.from_bytes(reader.read(table.body + 8, width)))
        found.last_chunks.append(int.from_bytes(reader.read(table.body + 8 + (count - 1) * width, width)))


def _find(reader: RangeReader, parent: Box, kind: bytes) -> Box | None:
    for child in children(reader, parent.body, parent.end):
        if child.kind == kind:
            return child
    return None


def _find_required(reader: RangeReader, parent: Box, kind: bytes) -> Box:
    if child := _find(reader, parent, kind):
        return child
    raise RefusedError("malformed", "The video track is incomplete.")


def _check_sample_description(reader: RangeReader, description: Box) -> bytes:
    """Returns the codec of the first visual sample entry (section 8.5.2), which must be complete."""
    length = description.end - description.body
    if length < 8 + _VISUAL_ENTRY:
        raise RefusedError("malformed", "The video track does not say how it is coded.")
    body = reader.read(description.body, 16)
    entries, size = int.from_bytes(body[4:8]), int.from_bytes(body[8:12])
    if not 1 <= entries <= length // 16 or not _VISUAL_ENTRY <= size <= length - 8:
        raise RefusedError("malformed", "The video track does not say how it is coded.")
    return body[12:16]
