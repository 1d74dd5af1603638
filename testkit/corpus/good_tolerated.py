"""Images that break a rule of their format and open everywhere: by old editors, scanners, phones and converters.

Each kind has many files that a seeded generator varies.
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

from testkit.corpus.jpeg_bytes import exif, jpeg, segment, split, with_segments, xmp
from testkit.corpus.png_bytes import chunk, extension, gif, png, saved
from testkit.corpus.riff_bytes import chunk as riff_chunk
from testkit.corpus.sample import GIF, JPEG, PNG, TIFF, WEBP, Sample, good
from testkit.corpus.tiff_bytes import ASCII, LONG, UNDEFINED, Page, picture_tags, rgb, tiff

FILES = 20
_MODES = ("RGB", "L")
_COUNTS = 0x0117

type Maker = Callable[[random.Random], bytes]


def samples() -> Iterator[Sample]:
    for label, (declared, make, why) in _KINDS.items():
        for number in range(FILES):
            content = make(random.Random(f"{label} {number}"))  # the same files every time
            yield good(f"tolerated/{label}-{number}", declared, content, why)


def photo(chance: random.Random, **options: object) -> bytes:
    """Returns a JPEG of any size, quality and sampling."""
    size = chance.randint(8, 200), chance.randint(8, 200)
    options.setdefault("subsampling", chance.choice((0, 1, 2)))
    return jpeg(chance.choice(_MODES), size, quality=chance.randint(20, 98), **options)


def noise(chance: random.Random, mode: str = "RGB") -> Image.Image:
    """Returns a picture of random pixels."""
    size = chance.randint(5, 60), chance.randint(5, 60)
    return Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1])).convert(mode)


def _jpeg_gaps(chance: random.Random) -> bytes:
    """Returns a photo with zeros, FF or a few stray bytes before some of its segments."""
    own, rest = split(photo(chance, progressive=chance.random() < 0.3))
    own += [segment(0xE1, exif()), segment(0xED, b"Photoshop 3.0\0" + chance.randbytes(40))][: chance.randint(0, 2)]
    gaps = (
        b"", bytes(chance.randint(1, 8)), bytes(chance.randint(9, 4000)), b"\xff" * chance.randint(2, 300),
        bytes(chance.randrange(0xF0) for _ in range(chance.randint(1, 12))),
    )  # fmt: skip
    at = chance.randint(1, len(own) - 1)
    return b"\xff\xd8" + b"".join(
        part if not index else (gaps[4] if index == at else chance.choice(gaps)) + part
        for index, part in enumerate([*own, rest])
    )


def _jpeg_00e1(chance: random.Random) -> bytes:
    """Returns a photo with an application segment whose marker begins with 00 instead of FF."""
    other = bytes(chance.randrange(0xF0) for _ in range(90))
    body = chance.choice((exif(maker=other), bytes(14), b"vendor\0" + other))
    broken = b"\0" + segment(chance.choice((0xE0, 0xE1, 0xE1, 0xE2, 0xEB)), body)[1:]
    return with_segments(photo(chance), *([broken] * chance.randint(1, 3)))


def _jpeg_app14(chance: random.Random) -> bytes:
    """Returns a photo whose APP14 has one byte less than its length says, or one more."""
    body = b"Adobe\0\x64" + bytes(4)
    short = b"\xff\xee\0\x0e" + body if chance.random() < 0.5 else b"\xff\xee\0\x0d" + body + b"\1"
    picture = with_segments(photo(chance), segment(0xE1, exif()))  # decoders skip it with the missing byte
    return with_segments(picture, short, keep_jfif=chance.random() < 0.5)


def _png_crc(chance: random.Random) -> bytes:
    """Returns an image with a wrong checksum in one to three chunks that it does not need."""
    profile = b"ICC Profile\0\0" + zlib.compress(bytes(36) + b"acsp" + chance.randbytes(100))
    parts = [
        chunk(b"iCCP", profile), chunk(b"tEXt", b"Software\0GIMP 2.10"), chunk(b"eXIf", exif()[6:]),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()), chunk(b"tIME", b"\x07\xe8\5\1\n\0\0"),
        chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), chunk(b"zTXt", b"Raw profile type exif\0\0" + profile[13:]),
        chunk(b"gAMA", struct.pack(">I", 45455)), chunk(b"caNv", bytes(16)),
    ]  # fmt: skip
    chosen = chance.sample(parts, chance.randint(1, 4))
    broken = chance.randint(1, len(chosen))
    ready = [part[:-4] + chance.randbytes(4) if index < broken else part for index, part in enumerate(chosen)]
    before = chance.randint(1, len(ready))
    size = chance.randint(2, 90), chance.randint(2, 90)
    colour = chance.choice((0, 2, 3, 6))
    return png(*size, 8, colour, before=b"".join(ready[:before]), after=b"".join(ready[before:]))


def _gif_frames(chance: random.Random) -> dict[str, object]:
    control = extension(0xF9, bytes((chance.choice((0, 4, 5)), chance.randint(2, 50), 0, 0)))
    return {
        "size": (chance.randint(1, 40), chance.randint(1, 40)), "frames": chance.randint(1, 9), "between": control,
        "before": chance.choice((b"", control, extension(0xFF, b"NETSCAPE2.0", b"\1\0\0") + control)),
    }  # fmt: skip


def _gif_end(chance: random.Random) -> bytes:
    """Returns an animation without its trailer, in some with zeros in its place."""
    return gif(**_gif_frames(chance), end=bytes(chance.choice((0, 0, 0, 1, 2, 500))))


def _gif_zeros(chance: random.Random) -> bytes:
    """Returns an animation with zeros between its blocks."""
    parts = _gif_frames(chance)
    zeros = [bytes(chance.randint(0, 5)) for _ in range(4)] + [bytes(chance.randint(1, 900))]
    chance.shuffle(zeros)
    parts["before"] = zeros[0] + bytes(parts["before"]) + zeros[1]
    parts["between"] = zeros[2] + bytes(parts["between"]) + b"\0"
    return gif(**parts, after=zeros[3] + b"\0")


def _webp_behind(chance: random.Random) -> bytes:
    """Returns an image with metadata behind the end that its header names."""
    image = saved(noise(chance), "WEBP", lossless=chance.random() < 0.5, quality=chance.randint(10, 95))
    added = [riff_chunk(b"EXIF", exif(order=chance.choice("<>"))[chance.choice((0, 6)) :])]
    if chance.random() < 0.5:
        added.append(riff_chunk(b"XMP ", xmp(padding=chance.choice((0, 500)))))
    chance.shuffle(added)
    return image + b"".join(added)


def _compressed(chance: random.Random) -> bytes:
    kind = chance.choice(("group4", "group3", "tiff_lzw", "tiff_adobe_deflate", "packbits"))
    picture = noise(chance, "1" if kind.startswith("group") else chance.choice(("L", "RGB")))
    return saved(picture, "TIFF", compression=kind)


def _patched(data: bytes, tag: int, **fields: int) -> bytes:
    """Returns a TIFF of Pillow whose first directory has another tag or value in the field `tag`."""
    out, at = bytearray(data), int.from_bytes(data[4:8], "little")
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(data[at : at + 2], "little"), 12):
        if int.from_bytes(data[entry : entry + 2], "little") == tag:
            for place, kind, name in ((0, "<H", "renamed"), (8, "<I", "value")):
                if name in fields:
                    struct.pack_into(kind, out, entry + place, fields[name])
    return bytes(out)


def _tiff_lengths(chance: random.Random) -> bytes:
    """Returns an image with strips whose lengths are 0, too small or missing."""
    if chance.random() < 0.5:
        data = _compressed(chance)
        return _patched(data, _COUNTS, value=0) if chance.random() < 0.6 else _patched(data, _COUNTS, renamed=0xFDE8)
    width, height = chance.randint(4, 60), 12
    page = rgb(width, height, strips=chance.choice((1, 2, 3, 4, 6)))
    counts = tuple(chance.choice((0, 1, len(strip) // 2, len(strip) - 1)) for strip in page.strips)
    made = tiff(page, order="<")
    length = struct.pack(f"<{len(counts)}I", *(len(strip) for strip in page.strips))
    if len(counts) == 1:
        return _patched(made, _COUNTS, value=counts[0])
    if chance.random() < 0.3:
        return _patched(made, _COUNTS, renamed=0xFDE8)
    return made.replace(length, struct.pack(f"<{len(counts)}I", *counts), 1)


def _tiff_beyond(chance: random.Random) -> bytes:
    """Returns an image with private tags or texts whose values are not in the file."""
    far = chance.choice((10_000, 1 << 20, 100_000_000, 0xFFFFFF00))
    tag = chance.choice((0x010E, 0x010F, 0x0131, 0x013B, 0x8298, 0x8649, 0x83BB, 0xC350, 0xC5F1, 0xFDE8))
    kind = ASCII if tag in {0x010E, 0x010F, 0x0131, 0x013B, 0x8298} else UNDEFINED
    page = rgb(chance.randint(2, 60), 10, extra={tag: (kind, bytes(chance.randint(5, 90)))})
    order = chance.choice("<>")
    made = bytearray(tiff(page, order=order, directory_first=chance.random() < 0.5))
    entry = made.index(struct.pack(f"{order}HH", tag, kind))
    struct.pack_into(f"{order}I", made, entry + 8, far)
    return bytes(made)


def _tiff_pointer(chance: random.Random) -> bytes:
    """Returns an image with a pointer to Exif or GPS data that are not there."""
    far = chance.choice((0, 1, 3, 8, 60, 5_000, 1 << 20, 0xFFFFFFFE))
    tags = {0x8769: (LONG, (far,)), 0x8825: (LONG, (chance.choice((far, 8, 9_999_999)),))}
    kept = {tag: tags[tag] for tag in chance.choice(((0x8769,), (0x8825,), (0x8769, 0x8825)))}
    bits = chance.choice(((8,), (8, 8, 8)))
    width = chance.randint(2, 60)
    page = Page(picture_tags(width, 10, bits=bits, photometric=len(bits) - 1 or 1) | kept,
                (bytes(n % 247 for n in range(width * 10 * len(bits))),))  # fmt: skip

    return tiff(page, order=chance.choice("<>"), directory_first=chance.random() < 0.5)


_KINDS: dict[str, tuple[str, Maker, str]] = {
    "jpeg-gaps": (JPEG, _jpeg_gaps, "Photoshop and MediaTek's phones write bytes between segments; decoders skip them"),
    "jpeg-00e1": (JPEG, _jpeg_00e1, "phones of the Pixel series write 00 E1 instead of FF E1"),
    "jpeg-app14": (JPEG, _jpeg_app14, "an APP14 whose length is wrong by one"),
    "png-checksum": (PNG, _png_crc, "GIMP and digiKam with an old Exiv2 wrote profiles with wrong checksums"),
    "gif-end": (GIF, _gif_end, "without trailer"),
    "gif-zeros": (GIF, _gif_zeros, "zeros between blocks"),
    "webp-behind": (WEBP, _webp_behind, "metadata that the size in the header does not count"),
    "tiff-lengths": (TIFF, _tiff_lengths, "scanners and old writers leave out the lengths of strips, or write 0"),
    "tiff-beyond": (TIFF, _tiff_beyond, "values that no viewer needs are beyond the end"),
    "tiff-pointer": (TIFF, _tiff_pointer, "editors leave stale pointers to Exif and GPS data"),
}
