"""PNG and GIF images as written by screenshot tools, editors, optimisers and old web tools."""
# ruff: noqa: E501  # tables, where a case is one line

import struct
import zlib
from collections.abc import Iterator

from testkit.corpus.jpeg_bytes import exif, picture, xmp
from testkit.corpus.png_bytes import SIGNATURE, chunk, extension, gif, header, png, saved
from testkit.corpus.sample import GIF, PNG, Sample, good
from testkit.corpus.tools import clip, convert

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_TEXTS = {
    "software": b"Software\0Adobe ImageReady",
    "diffusion": b"parameters\0a castle, <lora:detail:0.8>, ((masterpiece))\nNegative prompt: blurry\nSteps: 20, CFG: 7",
    "comfyui": b'prompt\0{"3": {"inputs": {"seed": 1, "text": "<b> or not"}, "class_type": "KSampler"}}',
    "comparison": b"Comment\0a < b && c > d, Ann <ann@example.org>",
    "drawio": b"mxfile\0%3Cmxfile%20host%3D%22app.diagrams.net%22%3E%3Cdiagram%3E7Vpbc5s4%3C%2Fdiagram%3E%3C%2Fmxfile%3E",
    "exiftool": b"Raw profile type exif\0\nexif\n      20\n4578696600004d4d002a000000080000\n00000000\n",
    "javascript-book": b"Title\0JavaScript: The Good Parts",
    "brackets": b"Description\0Solar system(s) and weather alert(s)",
    "empty": b"Comment\0",
}


def samples() -> Iterator[Sample]:
    yield from _png_kinds()
    yield from _png_chunks()
    yield from _apng()
    yield from _gif()


def _png_kinds() -> Iterator[Sample]:
    for colour, depths in _DEPTHS.items():
        for depth in depths:
            yield good(f"png/colour-{colour}-depth-{depth}", PNG, png(17, 9, depth, colour), "each kind of PNG 11.2.2")
    for kind in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"):
        image = picture(mode="RGB").convert(kind if kind != "I;16" else "L").convert(kind)
        yield good(f"png/pillow-{kind.lower().replace(';', '')}", PNG, saved(image, "PNG", optimize=True), "by Pillow")
    for name, option in {
        "interlaced": "-interlace PNG", "interlaced-gray-16": "-interlace PNG -colorspace Gray -depth 16",
        "interlaced-palette": "-interlace PNG -colors 16 -type Palette", "bilevel": "-monochrome", "alpha": "-alpha set",
        "text": "-set comment hello -set Title Beach", "gamma": "-gamma 2.2", "64-bit": "-define png:format=png64",
        "no-filter-level-0": "-quality 00",
    }.items():  # fmt: skip
        made = convert("png", f"-seed 1 -size 33x21 plasma:red-blue {option}")
        yield good(f"png/magick-{name}", PNG, made, "by ImageMagick, with its text and date chunks")
    yield good("png/ffmpeg", PNG, clip("png", "-frames:v 1 -update 1"), "a frame by ffmpeg")
    yield good("png/one-pixel", PNG, png(1, 1), "the tracking pixel")
    yield good("png/one-pixel-interlaced-empty-passes", PNG, convert("png", "-size 1x1 xc:red -interlace PNG"), "Adam7")
    yield good("png/stored", PNG, png(level=0), "deflate may only store")
    yield good("png/one-byte-pieces", PNG, png(piece=1), "IDAT may be cut anywhere (PngSuite oi9)")
    yield good("png/empty-piece", PNG, png(before=chunk(b"IDAT")), "IDAT may be empty (PNG 11.2.4)")
    yield good("png/wide", PNG, png(20000, 2, 1, 0), "a strip of 20,000 pixels")
    yield good("png/photo", PNG, saved(picture((1600, 1200)), "PNG"), "a screenshot")
    data = zlib.compress(b"".join(b"\0" + bytes(1250) for _ in range(9000)), 9)
    large = SIGNATURE + header(10000, 9000, 1, 0) + chunk(b"IDAT", data) + chunk(b"IEND")
    yield good("png/90-megapixels-bilevel", PNG, large, "a scanned plan: few bytes, many pixels, yet within the limit")
    original = saved(picture((640, 480)), "PNG")
    cropped = saved(picture((64, 48)), "PNG")
    why = "Pixel's and Windows' cropped screenshots kept the end of the original (CVE-2023-21036, CVE-2023-28303)"
    yield good("png/cropped-screenshot", PNG, cropped + original[len(cropped) :], why)
    small = zlib.compressobj(9, zlib.DEFLATED, 9)
    window = small.compress(b"\0\0\0\0" * 4) + small.flush()
    four = SIGNATURE + header(1, 4) + chunk(b"IDAT", window) + chunk(b"IEND")
    yield good("png/small-window", PNG, four, "optimisers shrink the window of zlib")


def _png_chunks() -> Iterator[Sample]:
    for name, text in _TEXTS.items():
        yield good(f"png/text-{name}", PNG, png(before=chunk(b"tEXt", text)), "innocent text")
    yield good(
        "png/text-last", PNG, png(after=chunk(b"tEXt", b"Comment\0last") + chunk(b"tIME", b"\x07\xe8\5\1\n\0\0")), "any"
    )
    yield good(
        "png/ztxt", PNG, png(before=chunk(b"zTXt", b"mxGraphModel\0\0" + zlib.compress(b"7Vpb" * 99))), "draw.io"
    )
    packet = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()
    yield good("png/xmp", PNG, png(before=chunk(b"iTXt", packet)), "XMP as Adobe writes it")
    squeezed = b"Comment\0\x01\0de\0Kommentar\0" + zlib.compress("Grüße".encode())
    yield good("png/itxt-compressed", PNG, png(before=chunk(b"iTXt", squeezed)), "compressed international text")
    yield good("png/exif", PNG, png(before=chunk(b"eXIf", exif(order=">")[6:])), "eXIf, third edition")
    profile = b"ICC Profile\0\0" + zlib.compress(struct.pack(">I", 3144) + bytes(32) + b"acsp" + bytes(3104))
    yield good("png/iccp", PNG, png(before=chunk(b"iCCP", profile)), "an embedded profile")
    colour = chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", bytes(32))
    yield good("png/srgb", PNG, png(before=colour + chunk(b"pHYs", struct.pack(">IIB", 3780, 3780, 1))), "Windows' own")
    dots = chunk(b"iDOT", struct.pack(">7I", 2, 0, 12, 0x28, 0, 12, 200))
    yield good("png/mac-screenshot", PNG, png(before=chunk(b"sRGB", b"\0") + dots), "macOS writes iDOT")
    yield good("png/android-nine-patch", PNG, png(before=chunk(b"npTc", bytes(84)), colour=6), "compiled nine-patch")
    fireworks = chunk(b"mkBF", bytes(72)) + chunk(b"mkTS", bytes(40_000)) + chunk(b"prVW", bytes(3000))
    yield good("png/fireworks", PNG, png(before=fireworks), "Fireworks keeps its layers in private chunks")
    yield good("png/office", PNG, png(before=chunk(b"msOG", b"MSOFFICE9.0" + bytes(8))), "Microsoft Office's chunk")
    yield good("png/c2pa", PNG, png(before=chunk(b"caBX", b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(12))), "C2PA")
    yield good("png/hdr", PNG, png(before=chunk(b"cICP", b"\x09\x10\0\x01")), "cICP, third edition")
    yield good("png/vpag", PNG, png(before=chunk(b"vpAg", struct.pack(">IIB", 32, 24, 0))), "ImageMagick's vpAg")
    yield good("png/transparent-palette", PNG, png(colour=3, before=chunk(b"tRNS", b"\0\x80")), "tRNS of a palette")
    yield good("png/transparent-gray", PNG, png(colour=0, before=chunk(b"tRNS", b"\0\x10")), "tRNS of gray")
    yield good(
        "png/suggested-palette", PNG, png(before=chunk(b"PLTE", bytes(range(48)))), "PLTE in a true-colour image"
    )


def _apng() -> Iterator[Sample]:
    frames = [picture(mode="RGB").rotate(angle) for angle in (0, 90, 180)]
    made = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    yield good("png/apng-pillow", PNG, made, "an animation")
    hidden = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)
    yield good("png/apng-default-image", PNG, hidden, "a still picture outside of the animation")
    yield good("png/apng-ffmpeg", PNG, clip("apng", "-f apng -plays 0"), "an animation by ffmpeg")


def _gif() -> Iterator[Sample]:
    control = extension(0xF9, b"\x05\x0a\0\0")
    loop = extension(0xFF, b"NETSCAPE2.0", b"\x01\0\0")
    why = "the grammar of GIF89a allows it"
    yield good("gif/87a", GIF, gif(version=b"87a"), "GIF87a")
    yield good("gif/89a", GIF, gif(), why)
    yield good("gif/tracking-pixel", GIF, gif(size=(1, 1), before=control), "the classic 1 by 1")
    yield good("gif/local-table", GIF, gif(table=False, local=True), why)
    yield good("gif/interlaced", GIF, gif(interlaced=True, size=(8, 16)), why)
    yield good("gif/animated", GIF, gif(before=loop + control, between=control, frames=5), "an endless loop")
    yield good(
        "gif/animexts", GIF, gif(before=extension(0xFF, b"ANIMEXTS1.0", b"\x01\x03\0"), frames=2), "the older loop"
    )
    yield good("gif/thousand-frames", GIF, gif(before=loop, between=control, frames=1000), "a long animation")
    for name, text in {
        "gimp": b"Created with GIMP", "mail": b"by Ann <ann@example.org>", "long": b"lorem ipsum dolor " * 300,
        "ascii": b"GIF optimized with https://ezgif.com/optimize",
    }.items():  # fmt: skip
        yield good(f"gif/comment-{name}", GIF, gif(before=extension(0xFE, b"", text)), "an innocent comment")
    yield good("gif/comment-last", GIF, gif(after=extension(0xFE, b"", b"the end")), why)
    plain = extension(0x01, struct.pack("<HHHHBBBB", 0, 0, 4, 4, 8, 8, 1, 0), b"Hi")
    yield good("gif/plain-text", GIF, gif(before=plain), "plain text is a graphic rendering block")
    magic = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    adobe = b"!\xff\x0bXMP DataXMP" + xmp(padding=500) + magic
    yield good("gif/xmp", GIF, gif(before=adobe), "XMP with Adobe's magic trailer")
    yield good("gif/icc", GIF, gif(before=extension(0xFF, b"ICCRGBG1012", bytes(600))), "a colour profile")
    yield good("gif/giphy", GIF, clip("gif", ""), "an animation by ffmpeg, as GIF services make")
    yield good(
        "gif/magick", GIF, convert("gif", "-seed 1 -size 40x30 plasma: plasma:red -set delay 10 -loop 0"), "animated"
    )
    yield good(
        "gif/magick-optimised", GIF, convert("gif", "-delay 9 -size 40x30 xc:red xc:blue -layers Optimize"), "layers"
    )
    yield good("gif/magick-87", GIF, convert("gif", "-size 40x30 xc:red"), "a plain one")
    yield good("gif/pillow", GIF, saved(picture().quantize(16), "GIF"), "16 colours")
    yield good("gif/pillow-interlaced", GIF, saved(picture().quantize(256), "GIF", interlace=1), "256 colours")
    yield good("gif/large", GIF, saved(picture((1920, 1080)).quantize(64), "GIF"), "a full screen")
