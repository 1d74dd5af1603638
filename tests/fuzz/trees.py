"""Files as trees of their parts: parsed leniently, written with right sizes and checksums.

Bytes that are no part stay at the end of their parent.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

_DEEPEST = 12


class Found(NamedTuple):
    """A part: its kind, start and end of its body, and start of the next part."""

    kind: bytes
    body: int
    end: int
    next_at: int


@dataclass(slots=True)
class Node:
    """A part. With children, `body` comes before them. Raw bytes have no kind."""

    kind: bytes | None
    body: bytes
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


class Layout(Protocol):
    """How a family of formats writes its parts."""

    kinds: tuple[bytes, ...]
    """Some that exist, for the mutator to choose from."""

    def find(self, data: bytes, at: int, end: int) -> Found | None: ...

    def inner(self, kind: bytes) -> int | None:
        """Returns the number of bytes before the children of a part of this kind; None if it has no children."""

    def write(self, kind: bytes, body: bytes) -> bytes: ...


def parse(layout: Layout, data: bytes, start: int = 0) -> Node:
    """Parses a file. The root is raw and holds the first `start` bytes."""
    return Node(None, data[:start], _children(layout, data, start, len(data), 0))


def _children(layout: Layout, data: bytes, at: int, end: int, depth: int) -> list[Node]:
    nodes = []
    while at < end:
        found = layout.find(data, at, end)
        if found is None or not found.body <= found.end <= end:
            nodes.append(Node(None, data[at:end]))
            break
        before = layout.inner(found.kind)
        if before is None or depth == _DEEPEST or found.body + before > found.end:
            nodes.append(Node(found.kind, data[found.body : found.end]))
        else:
            inside = found.body + before
            children = _children(layout, data, inside, found.end, depth + 1)
            nodes.append(Node(found.kind, data[found.body : inside], children))
        at = max(found.next_at, at + 1)
    return nodes


def write(layout: Layout, node: Node) -> bytes:
    body = node.body + b"".join(write(layout, child) for child in node.children)
    return body if node.kind is None else layout.write(node.kind, body)


class Png:
    kinds = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"eXIf")

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        body = at + 8
        length = int.from_bytes(data[at : at + 4])
        return Found(data[at + 4 : body], body, body + length, body + length + 4) if body + 4 <= end else None

    def inner(self, kind: bytes) -> int | None:
        return None

    def write(self, kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


class Riff:
    kinds = (b"RIFF", b"LIST", b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"XMP ", b"avih", b"strh", b"00dc", b"JUNK")

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        body = at + 8
        stop = body + int.from_bytes(data[at + 4 : body], "little")
        return Found(data[at : at + 4], body, stop, stop + (stop - body & 1)) if body <= end else None

    def inner(self, kind: bytes) -> int | None:
        return {b"RIFF": 4, b"LIST": 4, b"ANMF": 16}.get(kind)

    def write(self, kind: bytes, body: bytes) -> bytes:
        return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) & 1)


class Boxes:
    kinds = (b"ftyp", b"moov", b"mdat", b"moof", b"trak", b"mdia", b"hdlr", b"stsd", b"stco", b"co64", b"free", b"uuid")
    _parents = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"mvex", b"moof", b"traf", b"udta"))

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        size, body = int.from_bytes(data[at : at + 4]), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16]), at + 16
        stop = at + size if size else end
        return Found(data[at + 4 : at + 8], body, stop, stop) if body <= end else None

    def inner(self, kind: bytes) -> int | None:
        return 8 if kind == b"dref" else 0 if kind in self._parents else None

    def write(self, kind: bytes, body: bytes) -> bytes:
        return (8 + len(body)).to_bytes(4) + kind + body


class Ebml:
    """The kind is the identifier and the first byte of the size, which gives the width of the size."""

    _parents = (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\xae", b"\xa0")
    kinds = tuple(kind + b"\x80" for kind in (*_parents, b"\xa3", b"\xa1", b"\xec", b"\xbf", b"\xd7", b"\x83", b"\x86"))

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        first = 9 - data[at].bit_length()
        body = at + first
        if first > 4 or body >= end:
            return None
        width = 9 - data[body].bit_length()
        if width > 8:
            return None
        mask = (1 << 7 * width) - 1
        size = int.from_bytes(data[body : body + width]) & mask
        kind = data[at:body] + (b"\xff" if size == mask else bytes((1 << (8 - width),)))
        stop = end if size == mask else body + width + size
        return Found(kind, body + width, stop, stop)

    def inner(self, kind: bytes) -> int | None:
        return 0 if kind[:-1] in self._parents else None

    def write(self, kind: bytes, body: bytes) -> bytes:
        if kind[-1:] == b"\xff":
            return kind + body
        width = 9 - (kind[-1] or 1).bit_length()
        while len(body) >= (1 << 7 * width) - 1:
            width += 1
        return kind[:-1] + (len(body) | 1 << 7 * width).to_bytes(width) + body


class Asf:
    _header = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    _extension = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
    _extended = bytes.fromhex("cba5e61472c632438399a96952065b5a")
    kinds = (_extension, _extended, bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365"))

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        body, stop = at + 24, at + int.from_bytes(data[at + 16 : at + 24], "little")
        return Found(data[at : at + 16], body, stop, stop) if body <= end else None

    def inner(self, kind: bytes) -> int | None:
        return {self._header: 6, self._extension: 22, self._extended: 64}.get(kind)

    def write(self, kind: bytes, body: bytes) -> bytes:
        return kind + (24 + len(body)).to_bytes(8, "little") + body


class Segments:
    """JPEG segments; everything from the first scan on is raw."""

    kinds = tuple(bytes((0xFF, marker)) for marker in (0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE))

    def find(self, data: bytes, at: int, end: int) -> Found | None:
        stop = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        coded = data[at] != 0xFF or data[at + 1 : at + 2] in {b"\xda", b"\xd9"}
        return None if coded or at + 4 > end else Found(data[at : at + 2], at + 4, stop, stop)

    def inner(self, kind: bytes) -> int | None:
        return None

    def write(self, kind: bytes, body: bytes) -> bytes:
        body = body[:0xFFFD]
        return kind + (len(body) + 2).to_bytes(2) + body
