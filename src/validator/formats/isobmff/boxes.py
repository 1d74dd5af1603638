"""Headers of boxes (ISO/IEC 14496-12, 4.2) and of QuickTime atoms (QuickTime File Format, "Atoms")."""

from collections.abc import Iterator
from typing import NamedTuple

from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

MAX_BOXES = 4096

_SMALLEST = 8
_TERMINATOR = 4


class Box(NamedTuple):
    """One box: its type, the offsets of its header and body, and the offset of the next box."""

    kind: bytes
    start: int
    body: int
    end: int


class NotABoxError(Exception):
    """The bytes at `offset` are not a box header."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"no box at offset {offset}")
        self.offset = offset


def box_at(reader: RangeReader, start: int, end: int) -> Box:
    """Returns the box whose header is at `start`, within a parent that ends at `end`.

    A size of 0 means that the box extends to `end`; the caller decides where that is allowed. Raises TruncatedError if
    the box extends beyond `end`, NotABoxError if the header is invalid.
    """
    header = reader.read(start, min(16, end - start))
    if len(header) < _SMALLEST:
        raise NotABoxError(start)
    size, kind, body = int.from_bytes(header[:4]), header[4:8], start + _SMALLEST
    if size == 1:
        size, body = int.from_bytes(header[8:16]), start + 16
    elif size == 0:
        size = end - start
    if not is_type(kind) or start + size < body:
        raise NotABoxError(start)
    if start + size > end:
        raise TruncatedError(f"a box of {size} bytes at offset {start} extends beyond {end}")
    return Box(kind, start, body, start + size)


def is_type(kind: bytes) -> bool:
    """Returns True if four bytes can be a box type: printable ASCII; QuickTime's user data may begin with ©."""
    return (0x20 <= kind[0] < 0x7F or kind[0] == 0xA9) and all(0x20 <= byte < 0x7F for byte in kind[1:])


def children(reader: RangeReader, start: int, end: int) -> Iterator[Box]:
    """Yields the boxes that fill a parent's body from `start` to `end`.

    QuickTime ends some lists of atoms with four zero bytes, which are skipped. Raises RefusedError if the boxes do not
    fit into their parent, or if there are too many.
    """
    at = start
    for _ in range(MAX_BOXES):
        if end - at < _SMALLEST:
            break
        try:
            box = box_at(reader, at, end)
        except (NotABoxError, TruncatedError) as error:
            raise RefusedError("malformed", "A part of the video's structure does not fit into its parent.") from error
        yield box
        at = box.end
    if end - at >= _SMALLEST or any(reader.read(at, end - at)[:_TERMINATOR]):
        raise RefusedError("malformed", "The video's structure does not add up.")
