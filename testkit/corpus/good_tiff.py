"""TIFF images as written by scanners, faxes, editors, microscopes and GIS."""
# ruff: noqa: E501  # tables, where a case is one line

import struct
import zlib
from collections.abc import Iterator

from testkit.corpus.jpeg_bytes import picture, xmp
from testkit.corpus.png_bytes import saved
from testkit.corpus.sample import TIFF, Sample, good
from testkit.corpus.tiff_bytes import ASCII, BYTE, DOUBLE, LONG, SHORT, UNDEFINED, Page, gray, picture_tags, rgb, tiff
from testkit.corpus.tools import clip, convert

_OME = (
    b'<?xml version="1.0" encoding="UTF-8"?><!-- Warning: this comment is an OME-XML metadata block --><OME '
    b'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" '
    b'Type="uint8" SizeX="20" SizeY="10"/></Image></OME>\0'
)


def samples() -> Iterator[Sample]:
    yield from _pillow()
    yield from _magick()
    yield from _structures()
    yield from _metadata()


def _pillow() -> Iterator[Sample]:
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "tiff_deflate", "zstd", "lzma"):
        made = saved(picture((64, 48)), "TIFF", compression=compression)
        yield good(f"tiff/pillow-{compression or 'raw'}", TIFF, made, "by libtiff")
    for compression in ("group3", "group4", "tiff_ccitt"):
        made = saved(picture((64, 48)).convert("1"), "TIFF", compression=compression)
        yield good(f"tiff/pillow-{compression}", TIFF, made, "a fax")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        image = picture(mode="RGB").convert("L").convert(mode) if mode in {"I;16", "I", "F", "LA"} else None
        image = image or picture().convert(mode)
        image.info.clear()  # a profile would contain the date
        yield good(f"tiff/mode-{mode.lower().replace(';', '')}", TIFF, saved(image, "TIFF"), "each kind of picture")
    pages = [picture((40, 30)).rotate(angle) for angle in range(0, 50, 10)]
    made = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    yield good("tiff/five-pages", TIFF, made, "a scanner's document")
    fax = saved(picture((1728, 1100)).convert("1"), "TIFF", compression="group4")
    yield good("tiff/fax-page", TIFF, fax, "a fax page")
    made = saved(picture((2000, 1500)), "TIFF")
    yield good("tiff/many-strips", TIFF, made, "nine megabytes in many strips")


def _magick() -> Iterator[Sample]:
    for name, option in {
        "big-endian": "-endian MSB", "little-endian": "-endian LSB", "16-bit": "-depth 16", "bilevel": "-monochrome",
        "float": "-define quantum:format=floating-point -depth 32 -compress LZW", "palette": "-type Palette -colors 16",
        "zip": "-compress Zip", "lzw": "-compress LZW", "fax": "-monochrome -compress Fax", "rle": "-compress RLE",
        "group4": "-monochrome -compress Group4", "jpeg": "-compress JPEG", "cmyk": "-colorspace CMYK",
        "lab": "-colorspace Lab", "tiled": "-define tiff:tile-geometry=16x16", "planar": "-interlace Plane",
        "rows-2": "-define tiff:rows-per-strip=2", "alpha": "-alpha set", "min-is-white": "-monochrome "
        "-define quantum:polarity=min-is-white", "fill-order": "-monochrome -define tiff:fill-order=lsb",
        "predictor": "-compress LZW -define tiff:predictor=2", "described": "-set comment Beach -set label X",
        "gray": "-colorspace Gray", "signed": "-define quantum:format=signed -depth 16",
    }.items():  # fmt: skip
        made = convert("tif", f"-seed 1 -size 50x34 plasma:red-blue {option}")
        yield good(f"tiff/magick-{name}", TIFF, made, "by ImageMagick and libtiff")
    yield good("tiff/magick-pages", TIFF, convert("tif", "-size 20x20 xc:red xc:blue xc:green"), "three pages")
    yield good("tiff/magick-pyramid", TIFF, convert("ptif", "-seed 1 -size 200x200 plasma:red-blue"), "a pyramid")
    yield good("tiff/ffmpeg", TIFF, clip("tiff", "-frames:v 1 -update 1"), "a frame by ffmpeg")


def _structures() -> Iterator[Sample]:
    why = "TIFF 6.0 allows it"
    for order, name in (("<", "intel"), (">", "motorola")):
        for first in (True, False):
            place = "first" if first else "last"
            made = tiff(rgb(), order=order, directory_first=first)
            yield good(f"tiff/{name}-directory-{place}", TIFF, made, why)
    yield good("tiff/ten-strips", TIFF, tiff(rgb(strips=10)), why)
    yield good("tiff/two-pages", TIFF, tiff(rgb(), gray(), directory_first=False), why)
    yield good("tiff/hundred-pages", TIFF, tiff(*[gray() for _ in range(100)]), "a long scan")
    tiles = Page(picture_tags(32, 32) | {0x0142: (SHORT, (16,)), 0x0143: (SHORT, (16,))}, (bytes(256),) * 4, tiles=True)
    yield good("tiff/tiles", TIFF, tiff(tiles), why)
    thumbnail = Page(rgb().tags | {0x00FE: (LONG, (1,))}, rgb().strips)
    yield good("tiff/thumbnail-below", TIFF, tiff(Page(rgb().tags, rgb().strips, below=(thumbnail,))), "SubIFDs")
    short = {tag: (SHORT if tag in {0x100, 0x101, 0x116} else kind, value) for tag, (kind, value) in rgb().tags.items()}
    yield good("tiff/short-sizes", TIFF, tiff(Page(short, rgb().strips)), why)
    whole = {tag: value for tag, value in rgb().tags.items() if tag != 0x0116}
    yield good("tiff/no-rows-per-strip", TIFF, tiff(Page(whole, rgb().strips)), "it defaults to one strip")
    endless = rgb().tags | {0x0116: (LONG, (0xFFFFFFFF,))}
    yield good("tiff/rows-per-strip-infinite", TIFF, tiff(Page(endless, rgb().strips)), "2^32-1 means one strip")
    planes = picture_tags(20, 10, bits=(8, 8, 8), photometric=2) | {0x011C: (SHORT, (2,))}
    yield good("tiff/planes", TIFF, tiff(Page(planes, (bytes(200),) * 3)), "separate planes")
    alpha = picture_tags(20, 10, bits=(8, 8, 8, 8), photometric=2) | {0x0152: (SHORT, (2,))}
    yield good("tiff/alpha", TIFF, tiff(Page(alpha, (bytes(800),))), "an extra sample")
    depth = picture_tags(20, 10, bits=(16, 16, 16), photometric=2)
    yield good("tiff/48-bit", TIFF, tiff(Page(depth, (bytes(1200),)), order=">"), "a scanner's 48 bits")
    squeezed = picture_tags(1000, 1000, compression=8)
    yield good("tiff/deflate", TIFF, tiff(Page(squeezed, (zlib.compress(bytes(1000 * 1000), 9),))), "a blank page")
    palette = picture_tags(20, 10, photometric=3) | {0x0140: (SHORT, tuple(n * 80 % 65536 for n in range(768)))}
    yield good("tiff/palette", TIFF, tiff(Page(palette, (bytes(200),))), why)
    bilevel = picture_tags(20, 10, bits=(1,), photometric=0)
    del bilevel[0x0102]
    yield good("tiff/bits-by-default", TIFF, tiff(Page(bilevel, (bytes(30),))), "BitsPerSample defaults to 1")
    plain = picture_tags(20, 10)
    del plain[0x0115]
    yield good("tiff/samples-by-default", TIFF, tiff(Page(plain, (bytes(200),))), "SamplesPerPixel defaults to 1")


def _metadata() -> Iterator[Sample]:
    photoshop = b"8BIM\x04\x04\0\0" + struct.pack(">I", 10) + b"\x1c\x02\x78\0\x05Beach"
    extras = {
        "scanner": {0x010F: (ASCII, b"EPSON\0"), 0x0110: (ASCII, b"Perfection V600\0"), 0x0131: (ASCII, b"VueScan 9\0")},
        "photoshop": {
            0x0131: (ASCII, b"Adobe Photoshop 25.0 (Macintosh)\0"), 0x02BC: (BYTE, xmp()), 0x8649: (UNDEFINED, photoshop),
            0x8773: (UNDEFINED, bytes(36) + b"acsp" + bytes(560)), 0x83BB: (LONG, (0x1C020000, 0)),
        },
        "layers": {0x935C: (UNDEFINED, b"Adobe Photoshop Document Data Block\0MIB8ryaL" + bytes(4000))},
        "geotiff": {0x830E: (DOUBLE, bytes(24)), 0x87AF: (SHORT, (1, 1, 0, 1, 1024, 0, 1, 1))},
        "gdal": {0xA480: (ASCII, b'<GDALMetadata>\n  <Item name="AREA">1</Item>\n</GDALMetadata>\n\0')},
        "ome": {0x010E: (ASCII, _OME)},
        "imagej": {0x010E: (ASCII, b"ImageJ=1.53c\nimages=1\nslices=1\nmin=0.0\nmax=255.0\n\0")},
        "software-mail": {0x013B: (ASCII, b"Ann <ann@example.org>\0")},
        "private-tags": {0xC5F1: (UNDEFINED, bytes(100)), 0xFDE8: (ASCII, b"own\0")},
    }  # fmt: skip
    for name, tags in extras.items():
        yield good(f"tiff/{name}", TIFF, tiff(rgb(extra=tags)), "metadata of real software")
