"""RIFF chunk by chunk (Microsoft's multimedia programming interface 1.0): WebP and AVI."""

import struct
from collections.abc import Iterator

from testkit.corpus import tools


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(form: bytes, *chunks: bytes) -> bytes:
    body = form + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def listing(kind: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", kind + b"".join(chunks))


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields kind and content of each chunk of a body."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def avi_parts(options: str = "-c:v mpeg4", audio: str = "-c:a pcm_s16le") -> dict[bytes, bytes]:
    """Returns the chunks of an AVI by ffmpeg: hdrl, INFO, movi (with their list types) and idx1."""
    parts = {}
    for kind, content in chunks(tools.clip("avi", options, audio=audio)[12:]):
        parts[content[:4] if kind == b"LIST" else kind] = content
    return parts


def vp8x(flags: int, width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return chunk(b"VP8X", struct.pack("<I", flags) + size)
