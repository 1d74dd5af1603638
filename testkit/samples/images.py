"""Valid images, as bytes: one for each variant found in practice."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, PngImagePlugin

from testkit.corpus.trailer_bytes import oneplus, sef

type Sample = bytes

XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta><?xpacket end="w"?>'
)
TEXT = b"A photo of a dog & a cat, taken in 2026 (f/2.8; 1/250 s) /* really */"


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Returns a gradient, so that encoders meet differing pixels."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> Sample:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(mode: str = "RGB", **options: object) -> Sample:
    return saved(picture(mode), "JPEG", **options)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segment(image: Sample, marker: int, body: bytes) -> Sample:
    """Returns the JPEG with one more segment right after its start."""
    return image[:2] + segment(marker, body) + image[2:]


def without_jfif(image: Sample) -> Sample:
    return image[:2] + image[4 + int.from_bytes(image[4:6]) :]


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def motion_video() -> bytes:
    return box(b"ftyp", b"mp42\0\0\0\0isommp42") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(5000))


def samsung_trailer() -> bytes:
    block = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1600000000000"
    directory = b"SEFH" + struct.pack("<II", 106, 1) + struct.pack("<HHII", 0, 0x0A01, len(block), len(block))
    return block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def edited_trailer() -> bytes:
    """Returns the trailer of an edited photo, with JSON and the original."""
    settings = b'{"originalPath": "/data/sec/0.jpg", "toneValue": "{\\"hue\\":100}", "isBlending": true}'
    return sef([(0x0BA1, b"PhotoEditor_Re_Edit_Data", settings), (1, b"Original", jpeg("L"))])


def jpegs() -> dict[str, Sample]:
    plain = jpeg()
    icc = b"ICC_PROFILE\0" + bytes((1, 2)) + bytes(range(256)) * 250
    return {
        "baseline": plain,
        "progressive, many scans": jpeg(progressive=True),
        "grey": jpeg("L"),
        "CMYK": jpeg("CMYK"),
        "optimised Huffman tables": jpeg(optimize=True),
        "quality 1, 16-bit quantization": jpeg(quality=1),
        "4:2:0 subsampling": jpeg(subsampling=2),
        "restart markers": jpeg(restart_marker_blocks=2),
        "without JFIF segment": without_jfif(plain),
        "64 KB of Exif": with_segment(plain, 0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(65_000)),
        "ICC profile in two segments": with_segment(with_segment(plain, 0xE2, icc), 0xE2, icc),
        "XMP": with_segment(plain, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        "comment": with_segment(plain, 0xFE, TEXT),
        "comment of a well-known encoder": with_segment(
            plain, 0xFE, b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v80), quality = 90\n"
        ),
        "fill bytes before a marker": plain[:2] + b"\xff\xff\xff" + plain[2:],
        "zeros and a few bytes between segments": plain[:20]
        + bytes(300)
        + plain[20:].replace(b"\xff\xc0", b"\1\2\xff\xc0", 1),
        "segment that begins with 00": plain[:20] + b"\0" + segment(0xE1, bytes(14))[1:] + plain[20:],
        "APP14 one byte short": with_segment(plain, 0xEE, b"Adobe\0\x64" + bytes(5)).replace(
            bytes(5) + b"\xff", bytes(4) + b"\xff", 1
        ),
        "zero padding": plain + bytes(3000),
        "line feed behind the end": plain + b"\r\n",
        "motion photo": plain + motion_video(),
        "motion photo behind padding": plain + bytes(7) + motion_video(),
        "preview behind the image (MPF)": plain + jpeg("L"),
        "gain map and padding": plain + bytes(16) + jpeg("L") + bytes(16),
        "Samsung trailer": plain + samsung_trailer(),
        "Samsung motion photo": plain + motion_video() + samsung_trailer(),
        "JSON in a Samsung trailer": plain + edited_trailer(),
        "Samsung panorama without end marker": plain[:-2] + edited_trailer() + bytes(9),
        "OnePlus trailer": plain + oneplus({"private.emptyspace": bytes(4), "watermark.device": b"\1OnePlus\0"}),
        "JSON behind the image": plain + b'[{"a": 1, "b": "two"}, {"c": null}]',
        "without end marker": plain[:-2],
        "without end marker, restarts": jpeg(restart_marker_blocks=2)[:-2],
        "without end marker, grey, half of it": jpeg("L")[:-1],
        "record of an unknown telephone": plain + b"\x93\xf1OPPO\0\x01" + bytes(range(128, 256)) * 8,
        "JSON of a telephone": plain + b'vivo{"com.android.camera.faceinfo":[{"smile":0}]}cameraalbum!',
        "one pixel": saved(picture(size=(1, 1)), "JPEG"),
        "larger than a block": saved(Image.effect_noise((1400, 1400), 90).convert("RGB"), "JPEG", quality=95),
    }


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + body) if checksum is None else checksum
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", checksum)


def png_header(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = chunk(b"IEND", b"")


def png(width: int = 4, height: int = 4, depth: int = 8, colour: int = 2, *extra: bytes) -> Sample:
    """Returns a hand-made PNG of any depth and colour type, with `extra` chunks between header and data."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = bytes(height * (1 + (width * depth * channels + 7) // 8))
    palette = chunk(b"PLTE", bytes(range(2**depth)) * 3) if colour == 3 else b""
    header = png_header(width, height, depth, colour)
    data = chunk(b"IDAT", zlib.compress(rows))
    return PNG_SIGNATURE + header + palette + b"".join(extra) + data + PNG_END


def interlaced_png() -> Sample:
    """Returns 3 x 5 gray pixels in seven passes, of which the second is empty."""
    passes = ((1, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 2))
    rows = b"".join(bytes((1 + columns) * lines) for columns, lines in passes)
    return PNG_SIGNATURE + png_header(3, 5, 8, 0, 1) + chunk(b"IDAT", zlib.compress(rows)) + PNG_END


def pngs() -> dict[str, Sample]:
    formats = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", TEXT.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=False)
    frames = [picture(size=(20, 20)).rotate(angle) for angle in (0, 90, 180)]
    split = saved(picture(size=(300, 300)), "PNG", compress_level=0)
    made = {
        f"colour type {colour}, {bits} bits": png(9, 5, bits, colour) for colour in formats for bits in formats[colour]
    }
    return made | {
        "interlaced": interlaced_png(),
        "Samsung trailer": saved(picture(size=(40, 30)).convert("P"), "PNG") + edited_trailer(),
        "profile with a wrong checksum": png(4, 4, 8, 2, chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200)), 1)),
        "with texts and XMP": saved(picture(), "PNG", pnginfo=info, icc_profile=bytes(2000)),
        "animated": saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "many data chunks": split,
        "padded with zeros": png() + bytes(512),
        "larger than a block": saved(Image.effect_noise((1500, 1500), 90), "PNG", compress_level=1),
        "private chunk": png(4, 4, 8, 2, chunk(b"prVt", b"\0\x01\x02")),
    }


def gif(*blocks: bytes, version: bytes = b"GIF89a", size: tuple[int, int] = (2, 2)) -> Sample:
    """Returns a hand-made GIF with two colours."""
    header = version + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return header + b"".join(blocks) + b";"


GIF_IMAGE = b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x44\x02\x05\0"


def gif_extension(label: int, *parts: bytes) -> bytes:
    blocks = [part[at : at + 255] for part in parts for at in range(0, len(part), 255)]
    return bytes((0x21, label)) + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def gifs() -> dict[str, Sample]:
    frames = [picture("P", (20, 20)).rotate(angle) for angle in (0, 90, 180)]
    xmp = b"!\xff\x0bXMP DataXMP" + XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return {
        "GIF87a": saved(picture("P"), "GIF"),
        "GIF89a with transparency": saved(picture("P"), "GIF", transparency=0),
        "interlaced": saved(picture("P"), "GIF", interlace=1),
        "animated": saved(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=0, duration=40),
        "comment": gif(gif_extension(0xFE, TEXT), GIF_IMAGE),
        "XMP": gif(xmp, GIF_IMAGE),
        "plain text": gif(gif_extension(0x01, bytes(12), b"Hello"), GIF_IMAGE),
        "padded": gif(GIF_IMAGE) + bytes(100),
        "without trailer": gif(GIF_IMAGE)[:-1],
        "zeros between blocks": gif(bytes(3), GIF_IMAGE, b"\0", GIF_IMAGE, bytes(9)),
        "second trailer": gif(GIF_IMAGE) + b";",
        "larger than a block": saved(Image.effect_noise((1400, 1400), 90).convert("P"), "GIF"),
    }


def webps() -> dict[str, Sample]:
    frames = [picture("RGBA", (20, 20)).rotate(angle) for angle in (0, 90, 180)]
    glass = picture("RGBA")
    glass.putalpha(picture("L"))
    return {
        "lossy": saved(picture(), "WEBP"),
        "lossless": saved(picture(), "WEBP", lossless=True),
        "lossy with alpha": saved(glass, "WEBP"),
        "with Exif, XMP and a profile": saved(
            picture(), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", xmp=XMP, icc_profile=bytes(999)
        ),
        "animated": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40),
        "padded": saved(picture(), "WEBP") + bytes(64),
        "Exif and XMP behind it": saved(picture(), "WEBP")
        + b"EXIF\x0e\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
        + b"XMP "
        + struct.pack("<I", len(XMP))
        + XMP,
        "animated, with frames behind it": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
        + saved(frames[1], "WEBP"),
    }


def tiff(
    order: str = "<", *, entries: list[tuple[int, int, int, int]] | None = None, data: bytes = bytes(16)
) -> Sample:
    """Returns a hand-made TIFF of 4 x 4 gray pixels; `entries` (tag, type, count, value) are added or replace tags."""
    fields = {256: (3, 1, 4), 257: (3, 1, 4), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, 8)}
    fields |= {277: (3, 1, 1), 278: (3, 1, 4), 279: (4, 1, 16)}
    fields |= {tag: rest for tag, *rest in entries or ()}
    body = struct.pack(order + "H", len(fields))
    for tag, (kind, count, value) in sorted(fields.items()):
        packed = struct.pack(
            order + ("HH" if kind == 3 and count == 1 else "I"), *([value, 0] if kind == 3 and count == 1 else [value])
        )
        body += struct.pack(order + "HHI", tag, kind, count) + packed
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(data))
    return header + data + body + bytes(4)


def tiff_with_thumbnail() -> Sample:
    """Returns a TIFF whose sub-directory points to a JPEG image at the very end of the file."""
    thumbnail = jpeg("L")
    page = tiff(entries=[(330, 4, 1, 0)])
    child = len(page)
    at = child + 2 + 2 * 12 + 4
    fields = struct.pack("<HHHIIHHII", 2, 513, 4, 1, at, 514, 4, 1, len(thumbnail)) + bytes(4)
    return tiff(entries=[(330, 4, 1, child)]) + fields + thumbnail


def tiffs() -> dict[str, Sample]:
    pages = [picture("L"), picture("1"), picture()]
    made = {
        f"{compression} {mode}": saved(picture(mode), "TIFF", compression=compression)
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        for mode in ("L", "RGB")
    }
    return made | {
        "little-endian": tiff("<"),
        "big-endian": tiff(">"),
        "bilevel, fax": saved(picture("1"), "TIFF", compression="group4"),
        "CMYK": saved(picture("CMYK"), "TIFF"),
        "16 bits": saved(picture("I;16"), "TIFF"),
        "floating point": saved(picture("F"), "TIFF"),
        "many strips": saved(picture(size=(600, 600)), "TIFF", tiffinfo={278: 1}),
        "several pages": saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]),
        "description in XML": saved(picture(), "TIFF", tiffinfo={270: '<?xml version="1.0"?><OME><Image/></OME>'}),
        "XMP and Exif": saved(picture(), "TIFF", tiffinfo={700: XMP, 271: "Maker"}),
        "padded": tiff() + bytes(100),
        "tiles": tiff(entries=[(322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 1, 8), (325, 4, 1, 256)], data=bytes(256)),
        "separate planes": tiff(entries=[(284, 3, 1, 2)]),
        "length of its strip is 0": tiff(entries=[(279, 4, 1, 0)]),
        "length of its strip is too small": tiff(entries=[(279, 4, 1, 9)]),
        "text behind the end": tiff(entries=[(270, 2, 9_999, 9_999)]),
        "Exif behind the end": tiff(entries=[(34665, 4, 1, 9_999)]),
        "without the length of its one strip": tiff(entries=[(279, 4, 0, 0)]),
        "thumbnail in a sub-directory": tiff_with_thumbnail(),
    }


def bmp(header: int = 40, depth: int = 24, size: tuple[int, int] = (3, 2), **fields: int) -> Sample:
    """Returns a hand-made BMP with a header of any known length; `fields` set compression, masks and palette."""
    width, height = size
    compression = fields.get("compression", 0)
    between = 4 * 2**depth if depth <= 8 else 12 if compression == 3 and header == 40 else 0
    if header == 12:
        between = between * 3 // 4
        body = struct.pack("<IHHHH", 12, width, height, 1, depth)
    else:
        body = struct.pack("<IiiHHI", header, width, height, fields.get("planes", 1), depth, compression)
        body = (body + bytes(header))[:header]
    stride = (width * depth + 31) // 32 * 4
    pixels = bytes(128 + at % 128 for at in range(stride)) * abs(height)
    start = 14 + header + between
    return (
        struct.pack("<2sIHHI", b"BM", fields.get("length", start + len(pixels)), 0, 0, start)
        + body
        + bytes(between)
        + pixels
    )


def bmps() -> dict[str, Sample]:
    made = {f"header of {header} bytes": bmp(header) for header in (12, 16, 40, 52, 56, 64, 108, 124)}
    made |= {f"{depth} bits": bmp(depth=depth) for depth in (1, 2, 4, 8, 16, 24, 32)}
    return made | {
        "from top to bottom": bmp(size=(3, -2)),
        "bit fields": bmp(depth=32, compression=3),
        "without length": bmp(length=0),
        "padded by two bytes, as Photoshop does": bmp() + bytes(2),
        "palette": saved(picture("P"), "BMP"),
        "bilevel": saved(picture("1"), "BMP"),
        "run lengths": bmp(depth=8, compression=1)[:-8] + b"\x03\x01\0\0\x03\x02\0\x01",
    }


VALID: dict[str, Callable[[], dict[str, Sample]]] = {
    "jpeg": jpegs,
    "png": pngs,
    "gif": gifs,
    "webp": webps,
    "tiff": tiffs,
    "bmp": bmps,
}
