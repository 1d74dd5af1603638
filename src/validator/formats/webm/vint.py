"""Headers and values of EBML elements (RFC 8794, sections 4 to 7)."""

from collections.abc import Iterator
from typing import NamedTuple

from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

MAX_ELEMENTS = 20_000

VOID = 0xEC
CRC32 = 0xBF

_MAX_ID = 4
_MAX_SIZE = 8


class Element(NamedTuple):
    """One element: its ID, and the offsets of its start, body and end; `end` is None if its size is unknown."""

    id: int
    start: int
    body: int
    end: int | None


def vint_length(first: int) -> int:
    """Returns the length of a variable-size integer by its first byte; 9 if that byte is invalid."""
    return 9 - first.bit_length()


def element_at(reader: RangeReader, start: int, end: int) -> Element:
    """Returns the element at `start`, within a parent that ends at `end`.

    Raises TruncatedError if it extends beyond `end`, RefusedError if the bytes are not an element.
    """
    header = reader.read(start, min(_MAX_ID + _MAX_SIZE, end - start))
    id_length = vint_length(header[0]) if header else 9
    if id_length > _MAX_ID:
        raise RefusedError("malformed", "The WebM video is damaged.")
    if id_length >= len(header):
        raise TruncatedError(f"an element header at offset {start} extends beyond {end}")
    size_length = vint_length(header[id_length])
    if size_length > _MAX_SIZE:
        raise RefusedError("malformed", "The WebM video is damaged.")
    body = start + id_length + size_length
    if id_length + size_length > len(header):
        raise TruncatedError(f"an element header at offset {start} extends beyond {end}")
    mask = (1 << (7 * size_length)) - 1
    size = int.from_bytes(header[id_length : id_length + size_length]) & mask
    if size != mask and body + size > end:
        raise TruncatedError(f"an element of {size} bytes at offset {start} extends beyond {end}")
    return Element(int.from_bytes(header[:id_length]), start, body, None if size == mask else body + size)


def children(reader: RangeReader, parent: Element) -> Iterator[Element]:
    """Yields the elements that fill `parent`. It and all its children must have known sizes."""
    assert parent.end is not None
    at = parent.body
    for _ in range(MAX_ELEMENTS):
        if at >= parent.end:
            return
        try:
            child = element_at(reader, at, parent.end)
        except TruncatedError as error:
            raise RefusedError("malformed", "A part of the WebM video does not fit into its parent.") from error
        if child.end is None:
            raise RefusedError("malformed", "A part of the WebM video has no end.")
        yield child
        at = child.end
    if at < parent.end:
        raise RefusedError("malformed", "The WebM video has too many parts.")


def read_unsigned(reader: RangeReader, element: Element) -> int:
    """Returns the value of an unsigned integer element (section 7.2)."""
    return int.from_bytes(read_body(reader, element, 8))


def read_text(reader: RangeReader, element: Element) -> bytes:
    """Returns the value of a string element without its zero padding (section 7.4)."""
    return read_body(reader, element, 64).rstrip(b"\x00")


def read_body(reader: RangeReader, element: Element, limit: int) -> bytes:
    """Returns the body of an element. Raises RefusedError if it has more than `limit` bytes."""
    assert element.end is not None
    if element.end - element.body > limit:
        raise RefusedError("malformed", "The WebM video is damaged.")
    return reader.read(element.body, element.end - element.body)
