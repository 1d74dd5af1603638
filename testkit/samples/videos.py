"""Small hand-made videos: pure functions that return bytes, so that a test can change one field at a time."""

import struct
from uuid import UUID

PICTURES = bytes(range(256)) * 2


# ISO base media and QuickTime


def box(kind: bytes, *parts: bytes, wide: bool = False, size: int | None = None) -> bytes:
    """Returns a box around `parts`, with a 64-bit size or a false size if given."""
    body = b"".join(parts)
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16 if size is None else size) + body
    return struct.pack(">I4s", len(body) + 8 if size is None else size, kind) + body


def file_type(major: bytes = b"isom", *compatible: bytes) -> bytes:
    return box(b"ftyp", major, bytes(4), *(compatible or (major,)))


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8), kind, bytes(13))


def data_reference(kind: bytes = b"url ", flags: int = 1, body: bytes = b"") -> bytes:
    return box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(kind, struct.pack(">I", flags), body)))


def sample_description(entry: bytes | None = None, count: int = 1) -> bytes:
    return box(b"stsd", struct.pack(">II", 0, count), box(b"avc1", bytes(78)) if entry is None else entry)


def chunk_offsets(*offsets: int, wide: bool = False) -> bytes:
    kind, width = (b"co64", "Q") if wide else (b"stco", "I")
    return box(kind, struct.pack(f">II{len(offsets)}{width}", 0, len(offsets), *offsets))


def track(
    kind: bytes = b"vide", *, offsets: bytes = b"", description: bytes | None = None, dinf: bytes | None = None
) -> bytes:
    table = box(b"stbl", sample_description() if description is None else description, offsets or chunk_offsets())
    information = box(b"minf", box(b"vmhd", bytes(12)), data_reference() if dinf is None else dinf, table)
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"mdhd", bytes(24)), handler(kind), information))


def movie(*tracks: bytes, fragmented: bool = False) -> bytes:
    extends = box(b"mvex", box(b"trex", bytes(24))) if fragmented else b""
    return box(b"moov", box(b"mvhd", bytes(100)), *tracks, extends)


def mp4(
    *,
    before: bytes | None = None,
    between: bytes = b"",
    after: bytes = b"",
    media: bytes | None = None,
    **options: bytes,
) -> bytes:
    """Returns a movie with its media before the moov box, so that chunk offsets do not depend on moov's size."""
    start = (file_type() if before is None else before) + between
    media = box(b"mdat", PICTURES) if media is None else media
    offset = len(start) + (16 if media[:4] == b"\x00\x00\x00\x01" else 8)
    return start + media + movie(track(offsets=chunk_offsets(offset), **options)) + after


def faststart(brand: bytes = b"isom") -> bytes:
    head = file_type(brand)
    length = len(movie(track(offsets=chunk_offsets(0))))
    return head + movie(track(offsets=chunk_offsets(len(head) + length + 8))) + box(b"mdat", PICTURES)


def fragment(media: bytes = PICTURES) -> bytes:
    return box(b"moof", box(b"mfhd", bytes(8)), box(b"traf", box(b"tfhd", bytes(8)))) + box(b"mdat", media)


def fragmented(count: int = 3, media: bytes = PICTURES) -> bytes:
    return file_type(b"iso6", b"cmfc") + movie(track(), fragmented=True) + fragment(media) * count


# WebM


def element(ident: int, *parts: bytes, width: int = 1, unknown: bool = False, size: int | None = None) -> bytes:
    """Returns an EBML element; `width` is the least number of bytes of its size, `size` a false one."""
    body = b"".join(parts)
    size = len(body) if size is None else size
    while size >= (1 << 7 * width) - 1:
        width += 1
    number = (1 << 7 * width) - 1 if unknown else size
    return ident.to_bytes((ident.bit_length() + 7) // 8) + (number | 1 << 7 * width).to_bytes(width) + body


def ebml_header(doc_type: bytes = b"webm", *more: bytes, read_version: int = 2) -> bytes:
    versions = element(0x4286, b"\x01"), element(0x42F7, b"\x01"), element(0x42F2, b"\x04"), element(0x42F3, b"\x08")
    return element(0x1A45DFA3, *versions, element(0x4282, doc_type), element(0x4285, bytes((read_version,))), *more)


def webm_track(codec: bytes = b"V_VP9", kind: int = 1, number: int = 1) -> bytes:
    return element(0xAE, element(0xD7, bytes((number,))), element(0x83, bytes((kind,))), element(0x86, codec))


def webm_tracks(*tracks: bytes) -> bytes:
    return element(0x1654AE6B, *(tracks or (webm_track(),)))


def block(number: int = 1, body: bytes = PICTURES) -> bytes:
    return element(0xA3, bytes((0x80 | number, 0, 0, 0x80)), body)


def cluster(*blocks: bytes, unknown: bool = False) -> bytes:
    return element(0x1F43B675, element(0xE7, b"\x00"), *(blocks or (block(),)), unknown=unknown)


def webm(*parts: bytes, header: bytes | None = None, unknown: bool = False, width: int = 1) -> bytes:
    parts = parts or (webm_tracks(), cluster())
    return (ebml_header() if header is None else header) + element(0x18538067, *parts, unknown=unknown, width=width)


# AVI


def chunk(fourcc: bytes, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return fourcc + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) & 1)


def riff_list(form: bytes, *parts: bytes) -> bytes:
    return chunk(b"LIST", form, *parts)


def avi_stream(kind: bytes = b"vids") -> bytes:
    return riff_list(b"strl", chunk(b"strh", kind, bytes(52)), chunk(b"strf", bytes(40)))


def avi_header(*streams: bytes) -> bytes:
    return riff_list(b"hdrl", chunk(b"avih", bytes(56)), *(streams or (avi_stream(),)))


def avi_media(*chunks: bytes) -> bytes:
    return riff_list(b"movi", *(chunks or (chunk(b"00dc", PICTURES),)))


def avi(*parts: bytes, size: int | None = None) -> bytes:
    return chunk(b"RIFF", b"AVI ", *(parts or (avi_header(), avi_media())), size=size)


# Windows Media


def guid(text: str) -> bytes:
    return UUID(text).bytes_le


ASF_VIDEO = guid("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B")
ASF_SOUND = guid("F8699E40-5B4D-11CF-A8FD-00805F5C442B")
FILE_ID = bytes(range(16))
PACKET = b"\x82\x00\x00" + PICTURES


def asf_object(ident: str, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return guid(ident) + struct.pack("<Q", len(body) + 24 if size is None else size) + body


def asf_stream(kind: bytes = ASF_VIDEO) -> bytes:
    return asf_object("B7DC0791-A9B7-11CF-8EE6-00C00C205365", kind, bytes(38))


def asf_file_properties(size: int, *, broadcast: bool = False) -> bytes:
    fields = struct.pack("<QQQQQQIIII", size, 0, 1, 0, 0, 0, int(broadcast), len(PACKET), len(PACKET), 0)
    return asf_object("8CABDCA1-A947-11CF-8EE4-00C00C205365", FILE_ID, fields)


def asf_index() -> bytes:
    return asf_object("33000890-E5B1-11CF-89F4-00A0C90349CB", bytes(32))


def asf(
    *extras: bytes,
    streams: tuple[bytes, ...] | None = None,
    media: bytes = PACKET * 3,
    after: bytes = b"",
    broadcast: bool = False,
    data_size: int | None = None,
    file_size: int | None = None,
) -> bytes:
    data = asf_object("75B22636-668E-11CF-A6D9-00AA0062CE6C", FILE_ID, bytes(8), b"\x01\x01", media, size=data_size)
    objects = (*((asf_stream(),) if streams is None else streams), *extras)
    length = 30 + 104 + sum(map(len, objects)) + len(data) + len(after)
    properties = asf_file_properties(length if file_size is None else file_size, broadcast=broadcast)
    count = struct.pack("<I", 1 + len(objects)) + b"\x01\x02"
    return asf_object("75B22630-668E-11CF-A6D9-00AA0062CE6C", count, properties, *objects) + data + after


# MPEG program streams

PACK_1 = b"\x00\x00\x01\xba\x21\x00\x01\x00\x01\x80\x00\x01"
PACK_2 = b"\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8"
END = b"\x00\x00\x01\xb9"


def packet(code: int = 0xE0, body: bytes = b"\x80\x00\x00" + PICTURES, length: int | None = None) -> bytes:
    return b"\x00\x00\x01" + struct.pack(">BH", code, len(body) if length is None else length) + body


def program_stream(*parts: bytes, count: int = 3, pack: bytes = PACK_2) -> bytes:
    return (pack + b"".join(parts or (packet(),))) * count
