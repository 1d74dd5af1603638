"""Image file directories of TIFF (TIFF 6.0, section 2)."""

import struct
from dataclasses import dataclass

from validator.formats.polyglots.embedded import refuse_code, refuse_markup
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_COUNTS, PLANAR = 273, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS = 322, 323, 324, 325
OLD_JPEG_AT, OLD_JPEG_LENGTH = 513, 514
_SUB_DIRECTORIES, _CFA_PATTERN, _DNG_VERSION = 330, 33422, 50706
_EXIF, _GPS = 34665, 34853
_COLOUR_FILTER_ARRAY, _LINEAR_RAW = 32803, 34892
_RAW_COMPRESSIONS = frozenset((32767, 32769, 32770, 34713, 65000, 65535))
_TEXTS = frozenset((269, 270, 271, 272, 285, 305, 306, 315, 316, 337, 700, 33432))
_XMP = 700
_COLOUR_MAP, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _JPEG_TABLES = 320, 338, 339, 347
_OLD_JPEG_TABLES = frozenset((519, 520, 521))
_NEEDED = _OLD_JPEG_TABLES | {
    WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, PLANAR, TILE_WIDTH,
    TILE_HEIGHT, TILE_OFFSETS, OLD_JPEG_AT, OLD_JPEG_LENGTH, _SUB_DIRECTORIES, _COLOUR_MAP, _EXTRA_SAMPLES,
    _SAMPLE_FORMAT, _JPEG_TABLES,
}  # fmt: skip
"""Fields without which a viewer cannot show the picture. Lengths of strips and tiles can be worked out."""

_ENTRY_BYTES = 12
_MAX_ENTRIES = 4_096
_MAX_CHILDREN = 32
_MAX_TEXT = 1024 * 1024
_MAX_VALUES = 500_000
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I"}

type Text = tuple[bool, int, int]
"""A text that was checked: True if it is XMP, its offset, and the number of bytes that were checked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: the type and number of its values, and their offset."""

    kind: int
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The fields of one page; `first` are first values of short integer fields, `end` is where the last value ends."""

    order: str
    at: int
    entries: dict[int, Entry]
    next_at: int
    end: int
    first: dict[int, int]

    @property
    def is_raw(self) -> bool:
        """True if the directory describes raw data of a camera's sensor."""
        return (
            _DNG_VERSION in self.entries
            or _CFA_PATTERN in self.entries
            or self.first.get(PHOTOMETRIC) in {_COLOUR_FILTER_ARRAY, _LINEAR_RAW}
            or self.first.get(COMPRESSION) in _RAW_COMPRESSIONS
        )

    def values(self, reader: RangeReader, tag: int) -> tuple[int, ...]:
        """Returns all values of an integer field; () if it is absent or of another type."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _INTEGERS:
            return ()
        if entry.count > _MAX_VALUES:
            raise RefusedError("malformed", "A field of the TIFF has too many values.")
        data = reader.read(entry.at, entry.count * _SIZES[entry.kind])
        return struct.unpack(f"{self.order}{entry.count}{_INTEGERS[entry.kind]}", data)

    def starts(self, reader: RangeReader, pieces: tuple[int, ...]) -> list[int]:
        """Returns where anything begins: strips or tiles, the directory, its values, and the end of the file."""
        values = (entry.at for entry in self.entries.values())
        return sorted({*pieces, self.at, *values, reader.size})

    def children(self, reader: RangeReader) -> tuple[int, ...]:
        """Returns the offsets of the sub-directories that hold pictures (supplement 1)."""
        return self.values(reader, _SUB_DIRECTORIES)[:_MAX_CHILDREN]

    def metadata(self) -> tuple[int, ...]:
        """Returns the offsets of the sub-directories that describe the picture (Exif 2.32, section 4.6.3)."""
        return tuple(self.first[tag] for tag in (_EXIF, _GPS) if tag in self.first)


def read_directory(reader: RangeReader, order: str, at: int, searched: set[Text]) -> Directory:
    """Reads the directory at `at`. Raises TruncatedError if a value that a picture needs is not in the file.

    Other values beyond the end are left out, as viewers do: old programs write private tags without their values.
    Texts are checked and added to `searched`, so that a long text shared by thousands of fields is checked once.
    """
    (count,) = struct.unpack(order + "H", reader.read(at, 2))
    if not 0 < count <= _MAX_ENTRIES:
        raise RefusedError("malformed", "A directory of the TIFF has no fields, or too many.")
    body = reader.read(at + 2, count * _ENTRY_BYTES)
    links = at + 2 + len(body)
    next_at = struct.unpack(order + "I", reader.read(links, 4))[0] if links + 4 <= reader.size else 0
    entries, first, end = {}, {}, links + 4
    for index, (tag, kind, number, value) in enumerate(struct.iter_unpack(order + "HHII", body)):
        size = number * _SIZES.get(kind, 0)
        where = value if size > 4 else at + 2 + index * _ENTRY_BYTES + 8
        if where + size > reader.size:
            if tag in _NEEDED:
                raise TruncatedError(f"a field of {size} bytes at offset {where}")
            continue
        entries[tag] = Entry(kind, number, where)
        end = max(end, where + size)
        if number and size <= 4 and kind in _INTEGERS:
            inline = body[index * _ENTRY_BYTES + 8 : index * _ENTRY_BYTES + 12]
            first[tag] = struct.unpack_from(order + _INTEGERS[kind], inline)[0]
        text = tag == _XMP, where, min(size, _MAX_TEXT)
        if tag in _TEXTS and size > 4 and text not in searched:
            searched.add(text)
            reader.check_time()
            _check_text(tag, reader.read(where, min(size, _MAX_TEXT)))
    return Directory(order, at, entries, next_at, end, first)


def _check_text(tag: int, text: bytes) -> None:
    """Checks a text. Descriptions may contain XML, as those of OME-TIFF do."""
    if tag == _XMP:
        refuse_markup(text)
    else:
        refuse_code(text)
