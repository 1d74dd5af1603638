"""EBML element by element (RFC 8794), with the WebM elements that the corpus rearranges (RFC 9559)."""

from collections.abc import Iterator

HEADER, SEGMENT, VOID, TAGS = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\xec", b"\x12\x54\xc3\x67"
CLUSTER, TRACKS, INFO = b"\x1f\x43\xb6\x75", b"\x16\x54\xae\x6b", b"\x15\x49\xa9\x66"


def vint(value: int, length: int = 0) -> bytes:
    """Returns a data size in `length` bytes, by default as few as possible."""
    length = length or next(n for n in range(1, 9) if value < (1 << 7 * n) - 1)
    return (value | 1 << 7 * length).to_bytes(length, "big")


def element(kind: bytes, content: bytes) -> bytes:
    return kind + vint(len(content)) + content


def unknown(kind: bytes, content: bytes) -> bytes:
    """Returns an element of unknown size: eight bytes, all ones."""
    return kind + b"\x01" + b"\xff" * 7 + content


def elements(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields identifier and content of each element of a body without unknown sizes."""
    at = 0
    while at < len(data):
        length = 9 - data[at].bit_length()
        kind = data[at : at + length]
        at += length
        width = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
        at += width
        yield kind, data[at : at + size]
        at += size


def document(doctype: bytes, *tracks: bytes, content: bytes = b"") -> bytes:
    """Returns a file of this document type with these tracks and one cluster."""
    head = element(
        HEADER, element(b"\x42\x86", b"\x01") + element(b"\x42\x82", doctype) + element(b"\x42\x87", b"\x02")
    )
    cluster = element(CLUSTER, element(b"\xe7", b"\x00") + element(b"\xa3", b"\x81\0\0\x80" + bytes(20)))
    info = element(INFO, element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"))
    return head + element(SEGMENT, info + element(TRACKS, b"".join(tracks)) + content + cluster)


def track(kind: int, codec: bytes, number: int = 1) -> bytes:
    """Returns a track entry; kind 1 is video, 2 audio, 17 subtitles."""
    video = element(b"\xe0", element(b"\xb0", b"\x40") + element(b"\xba", b"\x30")) if kind == 1 else b""
    body = element(b"\xd7", bytes((number,))) + element(b"\x73\xc5", b"\x01") + element(b"\x83", bytes((kind,)))
    return element(b"\xae", body + element(b"\x86", codec) + video)
