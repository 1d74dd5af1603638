"""Takes ffmpeg's MP4 and QuickTime files apart and rearranges their boxes (ISO/IEC 14496-12, QTFF)."""

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from testkit.corpus import tools

_PARENTS = (b"trak", b"mdia", b"minf", b"stbl")


def box(kind: bytes, *payload: bytes, wide: bool = False) -> bytes:
    """Returns a box, with a 64-bit size if `wide`."""
    content = b"".join(payload)
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def full(kind: bytes, *payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def ftyp(major: bytes, *compatible: bytes, minor: int = 0) -> bytes:
    return box(b"ftyp", major, struct.pack(">I", minor), *compatible)


def boxes(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Yields kind, offset and payload of each box of a valid file."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        yield kind, at, data[at + header : at + size]
        at += size


@dataclass(frozen=True)
class Film:
    """The parts of a file with one movie and one block of media: moov's payload, the media, and its offset `at`."""

    moov: bytes
    media: bytes
    at: int

    def moov_for(self, media_at: int, *extra: bytes) -> bytes:
        return box(b"moov", _shifted(self.moov, media_at - self.at), *extra)

    def first(self, head: bytes, *, between: bytes = b"", extra: tuple[bytes, ...] = (), tail: bytes = b"") -> bytes:
        """Returns the file with moov before the media, as after "fast start"."""
        length = len(self.moov_for(0, *extra))
        moov = self.moov_for(len(head) + length + len(between) + 8, *extra)
        return head + moov + between + box(b"mdat", self.media) + tail

    def last(
        self, head: bytes, *, wide: bool = False, between: bytes = b"", extra: tuple[bytes, ...] = (), tail: bytes = b""
    ) -> bytes:
        """Returns the file with moov after the media, as a recorder writes it."""
        media_at = len(head) + (16 if wide else 8)
        moov = self.moov_for(media_at, *extra)
        return head + box(b"mdat", self.media, wide=wide) + between + moov + tail


@functools.cache
def film(suffix: str = "mp4", options: str = "-c:v libx264 -pix_fmt yuv420p", audio: str = "-c:a aac") -> Film:
    moov = media = b""
    media_at = 0
    for kind, at, payload in boxes(tools.clip(suffix, options, audio=audio)):
        if kind == b"moov":
            moov = payload
        elif kind == b"mdat" and payload:
            media, media_at = payload, at + 8
    return Film(moov, media, media_at)


def _shifted(payload: bytes, delta: int) -> bytes:
    """Returns the payload of a box with the chunk offsets inside it moved."""
    out = []
    for kind, _, content in boxes(payload):
        moved = content
        if kind in _PARENTS:
            moved = _shifted(content, delta)
        elif kind == b"stco":
            count = struct.unpack_from(">I", content, 4)[0]
            offsets = struct.unpack_from(f">{count}I", content, 8)
            moved = content[:8] + struct.pack(f">{count}I", *(offset + delta for offset in offsets))
        out.append(box(kind, moved))
    return b"".join(out)


def data_track(number: int, handler: bytes, entry: bytes, media_at: int, length: int) -> bytes:
    """Returns a data track with one sample, as cameras write for telemetry."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tkhd = full(b"tkhd", struct.pack(">5I", 0, 0, number, 0, 400), bytes(16), matrix, bytes(8), flags=7)
    tables = (
        full(b"stsd", struct.pack(">I", 1), box(entry, bytes(6), b"\x00\x01", bytes(8))),
        full(b"stts", struct.pack(">3I", 1, 1, 400)),
        full(b"stsc", struct.pack(">4I", 1, 1, 1, 1)),
        full(b"stsz", struct.pack(">2I", length, 1)),
        full(b"stco", struct.pack(">2I", 1, media_at)),
    )
    source = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    minf = box(b"minf", full(b"nmhd"), source, box(b"stbl", *tables))
    hdlr = full(b"hdlr", bytes(4), handler, bytes(12), b"Metadata\x00")
    mdhd = full(b"mdhd", struct.pack(">4IHH", 0, 0, 1000, 400, 0x55C4, 0))
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))


def keyed_metadata(**values: str) -> bytes:
    """Returns Apple's `meta` box with keys and values, as iPhones and Android write it into `moov`."""
    names = [key.replace("_", ".").encode() for key in values]
    keys = full(b"keys", struct.pack(">I", len(names)), *(box(b"mdta", name) for name in names))
    items = (
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0), value.encode()))
        for number, value in enumerate(values.values(), 1)
    )
    return box(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(14)), keys, box(b"ilst", *items))
