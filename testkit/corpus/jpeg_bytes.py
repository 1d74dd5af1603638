"""JPEG segments (ITU-T T.81), EXIF (CIPA DC-008) and the trailers that cameras append."""

import functools
import io
import struct

from PIL import Image, ImageDraw

XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


@functools.cache
def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Returns an image with more than one colour."""
    image = Image.new("RGB", size, (200, 220, 240))
    draw = ImageDraw.Draw(image)
    for number in range(12):
        left, top = number * 37 % size[0], number * 23 % size[1]
        draw.ellipse((left, top, left + size[0] // 3, top + size[1] // 3), fill=(number * 20, 90, 255 - number * 15))
    return image if mode == "RGB" else image.convert(mode)


@functools.cache
def jpeg(mode: str = "RGB", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    picture(size, mode).save(out, "JPEG", **options)
    return out.getvalue()


def blank_jpeg(width: int, height: int) -> bytes:
    """Returns a gray picture of any size in 4 bytes for 16 x 16 pixels, with the usual Huffman tables."""
    own, rest = split(jpeg(subsampling=2))
    sized = [part[:5] + struct.pack(">HH", height, width) + part[9:] if part[1] == 0xC0 else part for part in own]
    header = rest[: 2 + int.from_bytes(rest[2:4])]
    blocks = -(-width // 16) * -(-height // 16)
    return b"\xff\xd8" + b"".join(sized) + header + b"\x28\xa2\x8a\x00" * blocks + b"\xff\xd9"


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Returns the segments before the first scan, and the rest from SOS on."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        found.append(data[at:end])
        at = end
    return found, data[at:]


def with_segments(data: bytes, *segments: bytes, keep_jfif: bool = True) -> bytes:
    """Returns the image with these segments before the existing ones."""
    own, scan = split(data)
    if not keep_jfif:
        own = [part for part in own if part[1] != 0xE0]
        return b"\xff\xd8" + b"".join((*segments, *own)) + scan
    return b"\xff\xd8" + own[0] + b"".join((*segments, *own[1:])) + scan


def xmp(*, body: str = "", attributes: str = "", padding: int = 2000) -> bytes:
    """Returns an XMP packet as Adobe's toolkit writes it."""
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmp:CreatorTool="Adobe Photoshop 25.0 (Macintosh)" {attributes}>{body}</rdf:Description></rdf:RDF>'
        "</x:xmpmeta>"
    )
    return packet.encode() + (b" " * 99 + b"\n") * (padding // 100) + b'<?xpacket end="w"?>'


def exif(*, order: str = "<", thumbnail: bytes = b"", maker: bytes = b"", comment: bytes = b"") -> bytes:
    """Returns an APP1 payload: make, model, an EXIF directory and, if given, a thumbnail."""
    entries0: list[tuple[int, int, int, bytes]] = [
        (0x010E, 2, 23, b"OLYMPUS DIGITAL CAMERA\0"), (0x010F, 2, 6, b"Canon\0"), (0x0110, 2, 7, b"EOS R5\0"),
        (0x0112, 3, 1, struct.pack(f"{order}HH", 1, 0)),
    ]  # fmt: skip
    notes = [(0x9000, 7, 4, b"0232")]
    if maker:
        notes.append((0x927C, 7, len(maker), maker))
    if comment:
        notes.append((0x9286, 7, len(comment) + 8, b"ASCII\0\0\0" + comment))
    at = 8
    size0 = (
        2 + 12 * (len(entries0) + 1) + 4 + sum(len(value) + len(value) % 2 for *_, value in entries0 if len(value) > 4)
    )
    sub_at = at + size0
    sub = _directory(order, sub_at, notes, 0)
    thumb_at = sub_at + len(sub)
    first = _directory(
        order, at, [*entries0, (0x8769, 4, 1, struct.pack(f"{order}I", sub_at))], thumb_at if thumbnail else 0
    )
    body = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8) + first + sub
    if thumbnail:
        data_at = thumb_at + 2 + 36 + 4
        links = [
            (0x0103, 3, 1, struct.pack(f"{order}HH", 6, 0)),
            (0x0201, 4, 1, struct.pack(f"{order}I", data_at)),
            (0x0202, 4, 1, struct.pack(f"{order}I", len(thumbnail))),
        ]
        body += _directory(order, thumb_at, links, 0) + thumbnail
    return b"Exif\0\0" + body


def _directory(order: str, at: int, entries: list[tuple[int, int, int, bytes]], following: int) -> bytes:
    values_at = at + 2 + 12 * len(entries) + 4
    table, values = struct.pack(f"{order}H", len(entries)), b""
    for tag, kind, count, value in entries:
        if len(value) <= 4:
            table += struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
        else:
            table += struct.pack(f"{order}HHII", tag, kind, count, values_at + len(values))
            values += value + b"\0" * (len(value) % 2)
    return table + struct.pack(f"{order}I", following) + values


def samsung_trailer(blocks: dict[bytes, bytes]) -> bytes:
    """Returns Samsung's SEF trailer, which its phones append to every photo: blocks, then their directory."""
    data, directory = b"", b"SEFH" + struct.pack("<II", 106, len(blocks))
    lengths = []
    for name, value in blocks.items():
        block = struct.pack("<HHI", 0, 0x0A01, len(name)) + name + value
        data += block
        lengths.append(len(block))
    left = sum(lengths)
    for length in lengths:
        directory += struct.pack("<HHII", 0, 0x0A01, left, length)
        left -= length
    return data + directory + struct.pack("<I", len(directory)) + b"SEFT"


def mpf(*, first: int, second_at: int, second: int) -> bytes:
    """Returns an APP2 payload (CIPA DC-007) that lists two images, the second appended to the first."""
    entry = struct.pack("<IIIHH", 0x20030000, first, 0, 0, 0) + struct.pack("<IIIHH", 0, second, second_at, 0, 0)
    directory = struct.pack("<H", 3)
    directory += struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, 2)
    directory += struct.pack("<HHII", 0xB002, 7, 32, 8 + 2 + 36 + 4) + bytes(4)
    return b"MPF\0II*\0" + struct.pack("<I", 8) + directory + entry
