"""PNG chunk by chunk (W3C PNG, third edition) and GIF block by block (GIF89a)."""

import io
import struct
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def rows(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """Returns unfiltered scan lines of a gradient."""
    length = (width * depth * _CHANNELS[colour] + 7) // 8
    return b"".join(b"\0" + bytes((x * 7 + y * 13) % 251 for x in range(length)) for y in range(height))


def png(
    width: int = 32, height: int = 24, depth: int = 8, colour: int = 2, *,
    before: bytes = b"", after: bytes = b"", level: int = 9, piece: int = 0,
) -> bytes:  # fmt: skip
    """Returns an image with chunks before and after its data, and the data in chunks of `piece` bytes if given."""
    data = zlib.compress(rows(width, height, depth, colour), level)
    idat = [data[at : at + piece] for at in range(0, len(data), piece)] if piece else [data]
    palette = b""
    if colour == 3:
        palette = chunk(b"PLTE", b"".join(bytes((n * 5 % 256, n * 3 % 256, n)) for n in range(2**depth)))
    body = header(width, height, depth, colour) + palette + before
    return SIGNATURE + body + b"".join(chunk(b"IDAT", part) for part in idat) + after + END


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def blocks(data: bytes) -> bytes:
    """Returns GIF's sub-blocks with their terminator."""
    return (
        b"".join(bytes((len(part),)) + part for part in (data[n : n + 255] for n in range(0, len(data), 255))) + b"\0"
    )


def lzw(pixels: int) -> bytes:
    """Returns the uncompressed code stream of `pixels` pixels of colour 0 at a minimum code size of 2."""
    codes = []
    for number in range(pixels):
        if number % 2 == 0:
            codes.append(4)
        codes.append(0)
    codes.append(5)
    value = sum(code << 3 * place for place, code in enumerate(codes))
    return b"\x02" + blocks(value.to_bytes((len(codes) * 3 + 7) // 8, "little"))


def gif(
    *, version: bytes = b"89a", size: tuple[int, int] = (4, 4), table: bool = True, before: bytes = b"",
    frames: int = 1, local: bool = False, interlaced: bool = False, between: bytes = b"", after: bytes = b"",
    end: bytes = b";",
) -> bytes:  # fmt: skip
    colours = b"\xff\xff\xff\0\0\0\x80\0\0\0\x80\0"
    screen = struct.pack("<HHBBB", *size, 0xF1 if table else 0x70, 0, 0) + (colours if table else b"")
    flags = (0x81 if local else 0) | (0x40 if interlaced else 0)
    image = b"," + struct.pack("<HHHHB", 0, 0, *size, flags) + (colours if local else b"") + lzw(size[0] * size[1])
    return b"GIF" + version + screen + before + between.join([image] * frames) + after + end


def extension(label: int, fixed: bytes, data: bytes = b"") -> bytes:
    body = bytes((len(fixed),)) + fixed if fixed else b""
    return b"!" + bytes((label,)) + body + (blocks(data) if data else b"\0")
