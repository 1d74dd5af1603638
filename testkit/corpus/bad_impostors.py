"""Files of other formats declared as an accepted type, and files of each accepted type declared as another."""
# ruff: noqa: E501  # tables, where a case is one line

import functools
import random
from collections.abc import Iterator

from testkit.corpus import foreign
from testkit.corpus.good_svg import NS
from testkit.corpus.good_webp_bmp import bmp
from testkit.corpus.isobmff_bytes import film, ftyp
from testkit.corpus.jpeg_bytes import jpeg, picture
from testkit.corpus.png_bytes import gif, png, saved
from testkit.corpus.sample import (  # fmt: skip
    AVI,
    BMP,
    EXTENSIONS,
    GIF,
    JPEG,
    MOV,
    MP4,
    MPEG,
    PNG,
    SVG,
    TIFF,
    WEBM,
    WEBP,
    WMV,
    Sample,
    bad,
)
from testkit.corpus.tiff_bytes import rgb, tiff
from testkit.corpus.tools import clip

MAGIC = {
    JPEG: b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", PNG: b"\x89PNG\r\n\x1a\n", GIF: b"GIF89a",
    WEBP: b"RIFF\x00\x10\0\0WEBPVP8 ", TIFF: b"II*\0\x08\0\0\0", BMP: b"BM", SVG: b"<svg xmlns='http://www.w3.org/2000/svg'>",
    MP4: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", MOV: b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", AVI: b"RIFF\x00\x10\0\0AVI LIST",
    WMV: bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), MPEG: b"\0\0\x01\xba\x44\0\x04\0\x04\x01", WEBM: b"\x1a\x45\xdf\xa3",
}  # fmt: skip
"""The first bytes of each type."""


@functools.cache
def valid() -> dict[str, bytes]:
    """Returns a plain, valid file of each type."""
    return {
        JPEG: jpeg(), PNG: png(), GIF: gif(frames=2), WEBP: saved(picture(), "WEBP"), TIFF: tiff(rgb()), BMP: bmp(),
        SVG: f'<?xml version="1.0"?><svg {NS}><rect width="9" height="9"/></svg>'.encode(),
        MP4: film().last(ftyp(b"mp42", b"isom", b"mp42")), MOV: film("mov").last(ftyp(b"qt  ", b"qt  ")),
        AVI: clip("avi", "-c:v mpeg4", audio="-c:a libmp3lame"), WMV: clip("wmv", "-c:v wmv2", audio="-c:a wmav2"),
        MPEG: clip("mpg", "-c:v mpeg2video -r 25 -f vob", audio="-c:a mp2"),
        WEBM: clip("webm", "-c:v libvpx -deadline good -cpu-used 5", audio="-c:a libopus"),
    }  # fmt: skip


def samples() -> Iterator[Sample]:
    yield from _confusions()
    yield from _impostors()
    yield from _right_magic()
    yield from _noise()


def _confusions() -> Iterator[Sample]:
    for found, content in valid().items():
        for declared, extension in EXTENSIONS.items():
            if declared != found:
                why = f"a valid {EXTENSIONS[found]} file, declared as another type"
                yield bad(f"confused/{EXTENSIONS[found]}-as-{extension}", declared, content, "type_mismatch", why)
    classic = film("mov").last(b"")
    yield bad("confused/classic-mov-as-mp4", MP4, classic, "type_mismatch", "without ftyp it is QuickTime")
    for declared in (MP4, JPEG, PNG, SVG):
        for name, text in {"gzipped": b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(40)}.items():
            yield bad(f"confused/{name}-as-{EXTENSIONS[declared]}", declared, text, "unsupported_type", "compressed")


def _impostors() -> Iterator[Sample]:
    """Yields each foreign file under some types, so that each type meets each family of foreign files."""
    names = list(EXTENSIONS)
    step = 0
    groups = {
        "archive": foreign.archives(), "program": foreign.programs(), "text": foreign.TEXTS, "picture": foreign.pictures(),
        "media": foreign.media(), "other": foreign.OTHERS,
    }  # fmt: skip
    for group, files in groups.items():
        for name, content in files.items():
            likely = {"picture": (JPEG, TIFF), "media": (MP4, WEBM), "text": (SVG, JPEG)}.get(group, (JPEG, MP4))
            for declared in dict.fromkeys((*likely, names[step % len(names)])):
                label = f"impostor/{group}-{name}-as-{EXTENSIONS[declared]}"
                yield bad(label, declared, content, _reasons(group, name), "not a file of any accepted type")
            step += 1


def _reasons(group: str, name: str) -> str:
    """Returns the accepted reasons: unsupported, or also malformed if the file begins like an accepted type."""
    if name in {"one-byte", "two-bytes", "xhtml", "rifx", "utf16-html"} or name.endswith(("-brand", "-only")):
        return "unsupported_type|malformed"
    if group == "text" and name in {"xml", "xslt", "msl", "html", "hta", "html-late", "html-bare"}:
        return "unsupported_type|active_content|malformed"
    if name.startswith("php"):
        return "unsupported_type|polyglot"
    return "unsupported_type"


def _right_magic() -> Iterator[Sample]:
    """Yields the right first bytes followed by other content."""
    noise = random.Random(3).randbytes(3000)
    fillings = {
        "noise": noise,
        "zeros": bytes(3000),
        "text": b"nothing to see here. " * 99,
        "nothing": b"",
        "ones": b"\xff" * 900,
    }
    for declared, magic in MAGIC.items():
        for filling, content in fillings.items():
            label = f"magic/{EXTENSIONS[declared]}-then-{filling}"
            reasons = "malformed|unsupported_type|polyglot" if filling == "text" else "malformed|unsupported_type"
            yield bad(label, declared, magic + content, reasons, "only the magic bytes are right")
        elf, page = foreign.programs()["elf"], foreign.HTML
        for name, content in {"elf": elf, "html": page, "php": foreign.PHP, "zip": foreign.archives()["zip"]}.items():
            reasons = "malformed|unsupported_type|polyglot|active_content"
            yield bad(
                f"magic/{EXTENSIONS[declared]}-then-{name}",
                declared,
                magic + content,
                reasons,
                "only the magic bytes are right",
            )


def _noise() -> Iterator[Sample]:
    for number, declared in enumerate(EXTENSIONS):
        yield bad(f"noise/empty-{EXTENSIONS[declared]}", declared, b"", "malformed", "an empty file has no type")
        noise = b"\x7f" + random.Random(number).randbytes(4000)
        yield bad(f"noise/random-{EXTENSIONS[declared]}", declared, noise, "unsupported_type|malformed", "noise")
        zeros = bytes(1 << number)
        yield bad(f"noise/zeros-{EXTENSIONS[declared]}", declared, zeros, "unsupported_type|malformed", "zeros")
        late = b"\0" + valid()[declared]
        reasons = "unsupported_type|malformed"
        yield bad(
            f"noise/one-byte-late-{EXTENSIONS[declared]}", declared, late, reasons, "the magic is not at the start"
        )
