"""WebP (RFC 9649) and BMP (Microsoft's and OS/2's) images as common software writes them."""

import struct
from collections.abc import Iterator

from testkit.corpus.jpeg_bytes import exif, picture, xmp
from testkit.corpus.png_bytes import saved
from testkit.corpus.riff_bytes import chunk, chunks, riff, vp8x
from testkit.corpus.sample import BMP, WEBP, Sample, good
from testkit.corpus.tools import clip, convert

ICC, ALPHA, EXIF, XMP = 0x20, 0x10, 0x08, 0x04


def samples() -> Iterator[Sample]:
    yield from _webp()
    yield from _bmp()


def _webp() -> Iterator[Sample]:
    photo, clear = picture((64, 48)), picture((64, 48)).convert("RGBA")
    clear.putalpha(picture((64, 48), "L"))
    lossy, lossless = saved(photo, "WEBP"), saved(photo, "WEBP", lossless=True)
    yield good("webp/lossy", WEBP, lossy, "VP8")
    yield good("webp/lossless", WEBP, lossless, "VP8L")
    yield good("webp/lossless-alpha", WEBP, saved(clear, "WEBP", lossless=True), "VP8L with alpha")
    yield good("webp/alpha", WEBP, saved(clear, "WEBP"), "extended, with ALPH")
    yield good("webp/quality-1", WEBP, saved(photo, "WEBP", quality=1), "VP8")
    yield good("webp/one-pixel", WEBP, saved(picture((1, 1)), "WEBP"), "VP8")
    yield good("webp/one-pixel-lossless", WEBP, saved(picture((1, 1)), "WEBP", lossless=True), "VP8L")
    yield good("webp/largest-side", WEBP, saved(picture((16383, 2)), "WEBP"), "the largest side of the format")
    yield good("webp/photo", WEBP, saved(picture((1600, 1200)), "WEBP"), "a photo")
    yield good("webp/exif", WEBP, saved(photo, "WEBP", exif=exif()), "EXIF")
    yield good("webp/xmp", WEBP, saved(photo, "WEBP", xmp=xmp()), "XMP")
    yield good("webp/icc", WEBP, saved(photo, "WEBP", icc_profile=bytes(36) + b"acsp" + bytes(560)), "a profile")
    yield good("webp/all", WEBP, saved(clear, "WEBP", exif=exif(), xmp=xmp(), icc_profile=bytes(301)), "everything")
    frames = [clear.rotate(angle) for angle in (0, 90, 180)]
    for name, lossless_frames in (("lossy", False), ("lossless", True)):
        made = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=lossless_frames)
        yield good(f"webp/animated-{name}", WEBP, made, "an animation")
    mixed = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], allow_mixed=True, exif=exif())
    yield good("webp/animated-mixed", WEBP, mixed, "frames of both kinds")
    yield good("webp/ffmpeg-animated", WEBP, clip("webp", "-c:v libwebp_anim"), "an animation by ffmpeg")
    yield good("webp/ffmpeg", WEBP, clip("webp", "-c:v libwebp -frames:v 1"), "a frame by ffmpeg")
    yield good(
        "webp/magick", WEBP, convert("webp", "-seed 1 -size 40x30 plasma: -define webp:lossless=true"), "by Magick"
    )
    bitstream = [chunk(kind, content) for kind, content in chunks(lossy[12:])]
    simple = riff(b"WEBP", vp8x(0, 64, 48), *bitstream)
    yield good("webp/extended-without-need", WEBP, simple, "VP8X without any flag")
    unknown = riff(b"WEBP", vp8x(XMP, 64, 48), *bitstream, chunk(b"XMP ", xmp()), chunk(b"CUST", b"abc"))
    yield good("webp/unknown-chunk", WEBP, unknown, "unknown chunks may follow (RFC 9649 2.7.1.6)")
    c2pa = riff(b"WEBP", vp8x(0, 64, 48), *bitstream, chunk(b"C2PA", bytes(100)))
    yield good("webp/c2pa", WEBP, c2pa, "content credentials")
    odd = riff(b"WEBP", vp8x(EXIF, 64, 48), *bitstream, chunk(b"EXIF", exif()[6:] + b"\0"))
    yield good("webp/exif-bare-odd", WEBP, odd, "EXIF without its prefix, of an odd length")


def bmp(
    bits: int = 24, *, size: tuple[int, int] = (13, 7), info: int = 40, down: bool = False, compression: int = 0,
    pixels: bytes | None = None, colours: int | None = None, gap: int = 0, masks: bytes = b"", image_size: bool = True,
) -> bytes:  # fmt: skip
    """Returns a bitmap whose header has `info` bytes: 12 core, 16 and 64 OS/2, 40 v3, 52, 56, 108 v4, 124 v5."""
    width, height = size
    row = (width * bits + 31) // 32 * 4
    data = bytes(n * 7 % 256 for n in range(row * height)) if pixels is None else pixels
    if bits <= 8 and pixels is None:
        data = bytes(len(data))
    used = 2**bits if bits <= 8 and colours is None else colours or 0
    entry = 3 if info == 12 else 4
    palette = b"".join(bytes((n * 5 % 256, n % 256, n * 3 % 256, 0))[:entry] for n in range(used))
    if info == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHH", info, width, -height if down else height, 1, bits)
        head += struct.pack("<IIiiII", compression, len(data) if image_size else 0, 2835, 2835, colours or 0, 0)
        head = head[:info]
        head += masks[: max(0, info - len(head))]
        head = head.ljust(info, b"\0") if info != 40 else head + masks
    at = 14 + len(head) + len(palette) + gap
    return struct.pack("<2sIHHI", b"BM", at + len(data), 0, 0, at) + head + palette + bytes(gap) + data


_565 = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
_8888 = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
_RLE8 = b"".join(b"\x0d\x01\0\0" for _ in range(6)) + b"\x0d\x02\0\x01"
_RLE8_MIXED = b"\0\x05\1\2\3\4\5\0\x08\x07\0\0\0\x02\x03\x01\x0a\x05\0\0\x0d\x01\0\x01"


def _bmp() -> Iterator[Sample]:
    for bits in (1, 4, 8, 24):
        yield good(f"bmp/core-{bits}", BMP, bmp(bits, info=12), "OS/2 1.x and Windows 2")
    for bits in (1, 4, 8, 16, 24, 32):
        yield good(f"bmp/v3-{bits}", BMP, bmp(bits), "the usual header of 40 bytes")
        yield good(f"bmp/v3-{bits}-no-image-size", BMP, bmp(bits, image_size=False), "biSizeImage may be 0 for BI_RGB")
    for bits in (16, 24, 32):
        yield good(f"bmp/top-down-{bits}", BMP, bmp(bits, down=True), "a negative height means top-down")
    for info in (52, 56, 108, 124):
        yield good(f"bmp/v{info}-32", BMP, bmp(32, info=info, compression=3, masks=_8888), "masks within the header")
        yield good(f"bmp/v{info}-16", BMP, bmp(16, info=info, compression=3, masks=_565), "5-6-5")
    yield good("bmp/os2-64", BMP, bmp(24, info=64), "OS/2 2.x")
    yield good("bmp/os2-16", BMP, bmp(8, info=16), "OS/2 2.x, short form")
    yield good("bmp/v5-24", BMP, bmp(24, info=124), "v5 as GIMP writes it")
    yield good("bmp/v4-8", BMP, bmp(8, info=108), "v4 with a palette")
    yield good("bmp/bitfields-16", BMP, bmp(16, compression=3, masks=_565), "masks behind the header")
    yield good("bmp/bitfields-32", BMP, bmp(32, compression=3, masks=_8888[:12]), "masks behind the header")
    yield good("bmp/rle8", BMP, bmp(8, compression=1, pixels=_RLE8), "run lengths")
    yield good("bmp/rle8-deltas", BMP, bmp(8, compression=1, pixels=_RLE8_MIXED), "runs, literals and deltas")
    rle4 = b"".join(b"\x0d\x12\0\0" for _ in range(7)) + b"\0\x01"
    yield good("bmp/rle4", BMP, bmp(4, compression=2, pixels=rle4), "run lengths of 4 bits")
    yield good("bmp/few-colours", BMP, bmp(8, colours=7), "biClrUsed smaller than the most")
    yield good("bmp/palette-for-24", BMP, bmp(24, colours=16), "a suggested palette in a true-colour image")
    yield good("bmp/gap", BMP, bmp(24, gap=92), "bfOffBits may leave a gap")
    yield good("bmp/one-pixel", BMP, bmp(24, size=(1, 1)), "the smallest one")
    yield good("bmp/one-bit-wide", BMP, bmp(1, size=(9999, 3)), "a long strip")
    yield good("bmp/full-hd", BMP, bmp(24, size=(1920, 1080), pixels=bytes(1920 * 1080 * 3)), "a screenshot of Windows")
    for name, option in {"": "", "-bmp3": "BMP3:", "-bmp2": "BMP2:"}.items():
        made = convert("bmp", f"-seed 1 -size 33x21 plasma:red-blue -define bmp:format={option[:-1].lower() or 'bmp4'}")
        yield good(f"bmp/magick{name}", BMP, made, "by ImageMagick")
    yield good("bmp/magick-alpha", BMP, convert("bmp", "-size 33x21 xc:#ff000080"), "by ImageMagick")
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield good(f"bmp/pillow-{mode.lower()}", BMP, saved(picture(mode="RGB").convert(mode), "BMP"), "by Pillow")
    yield good("bmp/ffmpeg", BMP, clip("bmp", "-frames:v 1 -pix_fmt bgr24 -update 1"), "a frame by ffmpeg")
