"""Images to reject, each with the reason."""

import struct
import zlib
from collections.abc import Callable

from testkit.corpus.trailer_bytes import oneplus, sef
from testkit.samples import images as good
from testkit.samples.payloads import HTML, JAVASCRIPT, PHP, archive, other_images, texts, with_attachments

type Bad = tuple[bytes, str]


def jpegs() -> dict[str, Bad]:
    plain = good.jpeg()
    tables, scan = plain.index(b"\xff\xdb"), plain.index(b"\xff\xda")
    frame = plain.index(b"\xff\xc0")

    def framed(at: int, value: bytes) -> bytes:
        return plain[: frame + at] + value + plain[frame + at + len(value) :]

    header = scan + 2 + int.from_bytes(plain[scan + 2 : scan + 4])
    plain_restarts = good.jpeg(restart_marker_blocks=2)
    shapes = {
        "signature only": plain[:3],
        "signature, then text": b"\xff\xd8\xff\xe0 this is no image at all, it only begins like one",
        "cut in the header": plain[: frame + 5],
        "cut before the scan": plain[:scan],
        "cut in the scan": plain[:-40],
        "without end marker and the end of the scan": plain[:-4],
        "without end marker, progressive": good.jpeg(progressive=True)[:-2],
        "without end marker, many bytes too many": plain[:-2] + bytes(range(16, 48)),
        "without end marker, a restart interval missing": plain_restarts[: plain_restarts.rindex(b"\xff\xd0")],
        "cut before a Samsung trailer": plain[:-40] + good.samsung_trailer(),
        "cut preview before a Samsung trailer": plain + good.jpeg("L")[:-30] + good.samsung_trailer(),
        "without any scan": plain[:scan] + b"\xff\xd9",
        "an empty scan": plain[:header] + b"\xff\xd9",
        "a scan far too short": plain[: header + 2] + b"\xff\xd9",
        "without frame": plain[:frame] + plain[scan:],
        "two frames": plain[:scan] + plain[frame:],
        "without quantization": plain[:tables] + plain[frame:],
        "no width": framed(7, b"\0\0"),
        "no height": framed(5, b"\0\0"),
        "five components": framed(9, b"\x05"),
        "no components": framed(9, b"\0"),
        "sampling factor 0": framed(11, b"\x01"),
        "precision 7": framed(4, b"\x07"),
        "segment of length 1": plain[:2] + b"\xff\xee\0\x01" + plain[2:],
        "Huffman table with too many codes": good.with_segment(plain, 0xC4, b"\0\xff" + bytes(15) + bytes(255)),
        "quantization table cut": good.with_segment(plain, 0xDB, bytes(30)),
        "many bytes between segments": plain[:tables] + bytes(range(1, 200)) + plain[tables:],
        "a megabyte of fill between segments": plain[:tables] + bytes(1 << 20) + plain[tables:],
        "cut motion video": plain + good.motion_video()[:-1000],
        "cut preview": plain + good.jpeg("L")[:-30],
    }
    script = b"\xff\xd8\xff\xe0\x2f\x2a" + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".ljust(0x2F2A - 2, b"*")
    made: dict[str, Bad] = {name: (data, "malformed") for name, data in shapes.items()}
    made |= with_attachments(plain)
    made |= {f"{name} appended": (plain + data, "polyglot") for name, data in other_images().items()}
    made |= {f"comment: {name}": (good.with_segment(plain, 0xFE, text), "polyglot") for name, text in texts().items()}
    exif = b"Exif\0\0II*\0\x08\0\0\0" + bytes(40)
    return made | {
        "PHP in Exif": (good.with_segment(plain, 0xE1, exif + PHP), "polyglot"),
        "script in Exif": (good.with_segment(plain, 0xE1, exif + b"<script>alert(1)</script>"), "polyglot"),
        "JPEG that is also a script": (
            script + good.segment(0xFE, JAVASCRIPT) + good.without_jfif(plain)[2:],
            "polyglot",
        ),
        "JPEG that is also a script, by an assignment": (
            b"\xff\xd8\xff\xe0\x09=1;alert(document.domain)/*".ljust(4 + 0x093D, b" ") + good.without_jfif(plain)[2:],
            "polyglot",
        ),
        "JPEG that is also a script, by a line": (
            b"\xff\xd8\xff\xe0//\0\0\n=1;alert(document.domain)/*".ljust(4 + 0x2F2F, b" ")
            + good.without_jfif(plain)[2:],
            "polyglot",
        ),
        "handler in Exif": (good.with_segment(plain, 0xE1, exif + b"<img src=x onerror=alert(1)>"), "polyglot"),
        "archive behind a motion video": (plain + good.motion_video() + archive(), "polyglot"),
        "PHP in a Samsung trailer": (plain + sef([(0x0BA1, b"Text", PHP)]), "polyglot"),
        "page in a Samsung trailer": (plain + sef([(0x0BA1, b"Text", HTML), (0x0A01, b"a", b"1")]), "polyglot"),
        "script in the JSON of a Samsung trailer": (
            plain[:-2] + sef([(0x0BA1, b"Text", b'{"a":"<script>alert(1)</script>"}')]),
            "polyglot",
        ),
        "program behind a Samsung trailer": (plain + good.samsung_trailer() + b"\x7fELF\2\1\1" + bytes(60), "polyglot"),
        "PHP in a OnePlus trailer": (plain + oneplus({"a": PHP}), "polyglot"),
        "script in JSON": (plain + b'{"a":"<script>alert(1)</script>"}', "polyglot"),
        "text that is no JSON": (plain + b'x{"a": this is a long text that no phone writes', "polyglot"),
        "archive in a Samsung trailer": (plain + archive(good.samsung_trailer()), "polyglot"),
        "PHP behind a preview": (plain + good.jpeg("L") + PHP, "polyglot"),
        "script in a phone's record": (plain + b'vivo{"a":"<script>alert(1)</script>"}', "polyglot"),
        "65,000 pixels a side": (framed(5, b"\xfd\xe8\xfd\xe8"), "decompression_bomb"),
        "29,000 pixels a side": (framed(5, b"\x71\x48\x71\x48"), "decompression_bomb"),
        "a thousand scans": (plain[:-2] + plain[scan:-2] * 1000 + b"\xff\xd9", "decompression_bomb"),
        "PHP between segments": (plain[:tables] + b"<?=`id`?>" + plain[tables:], "polyglot"),
        "PHP in a segment that begins with 00": (
            plain[:20] + b"\0" + good.segment(0xE1, PHP)[1:] + plain[20:],
            "polyglot",
        ),
        "lossless": (framed(1, b"\xc3"), "unsupported_type"),
        "hierarchical": (framed(1, b"\xc5"), "unsupported_type"),
        "JPEG-LS": (framed(1, b"\xf7"), "unsupported_type"),
    }


def pngs() -> dict[str, Bad]:
    plain = good.png()
    text = plain.index(b"IDAT") - 4
    made = good.png_header

    def built(*parts: bytes) -> bytes:
        return good.PNG_SIGNATURE + b"".join(parts)

    data = good.chunk(b"IDAT", zlib.compress(bytes(4 * 13)))
    bomb = zlib.compressobj()
    zeros = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(40)) + bomb.flush()
    shapes = {
        "signature only": plain[:8],
        "signature, then text": plain[:8] + b"this is no image at all, it only begins like one",
        "cut in the data": plain[:-20],
        "without end chunk": plain[:-12],
        "checksum of the header wrong": plain[:29] + bytes(4) + plain[33:],
        "checksum of the data wrong": plain[:-16] + bytes(4) + plain[-12:],
        "without header": built(data, good.PNG_END),
        "two headers": built(made(4, 4), made(4, 4), data, good.PNG_END),
        "without data": built(made(4, 4), good.PNG_END),
        "data interrupted": built(made(4, 4), data, good.chunk(b"teST", b""), data, good.PNG_END),
        "colour type 5": built(made(4, 4, 8, 5), data, good.PNG_END),
        "depth 4 of true colour": built(made(4, 4, 4, 2), data, good.PNG_END),
        "interlace 2": built(made(4, 4, 8, 2, 2), data, good.PNG_END),
        "no width": built(made(0, 4), data, good.PNG_END),
        "checksum of the palette wrong": built(made(4, 4, 8, 3), good.chunk(b"PLTE", bytes(6), 1), data, good.PNG_END),
        "palette missing": built(made(4, 4, 8, 3), data, good.PNG_END),
        "palette of a grey image": built(made(4, 4, 8, 0), good.chunk(b"PLTE", bytes(6)), data, good.PNG_END),
        "palette of 5 bytes": built(made(4, 4, 8, 3), good.chunk(b"PLTE", bytes(5)), data, good.PNG_END),
        "data not deflated": built(made(4, 4), good.chunk(b"IDAT", b"hello, hello, hello"), good.PNG_END),
        "fewer rows than the header says": built(made(4, 5), data, good.PNG_END),
        "unknown critical chunk": built(made(4, 4), good.chunk(b"EVIL", b""), data, good.PNG_END),
        "frames without animation": built(made(4, 4), good.chunk(b"fcTL", bytes(26)), data, good.PNG_END),
        "animation without frames": built(made(4, 4), good.chunk(b"acTL", bytes(8)), data, good.PNG_END),
        "end chunk not empty": built(made(4, 4), data, good.chunk(b"IEND", b"x")),
        "unknown bytes behind the end": plain + bytes(range(128, 256)),
    }
    bad: dict[str, Bad] = {name: (image, "malformed") for name, image in shapes.items()} | with_attachments(plain)
    bad |= {f"{name} appended": (plain + image, "polyglot") for name, image in other_images().items()}
    for name, content in texts().items():
        for kind, body in (
            ("tEXt", b"Comment\0" + content),
            ("iTXt", b"Comment\0\0\0\0\0" + content),
            ("zTXt", b"Comment\0\0" + zlib.compress(content)),
        ):
            extra = good.chunk(kind.encode(), body)
            bad[f"{kind}: {name}"] = (plain[:text] + extra + plain[text:], "polyglot")
    huge = built(made(40_000, 40_000), data, good.PNG_END)
    wide = built(made(29_000, 29_000), data, good.PNG_END)
    overfull = built(made(4, 4), good.chunk(b"IDAT", zeros), good.PNG_END)
    return bad | {
        "PHP in a chunk with a wrong checksum": (
            plain[:text] + good.chunk(b"tEXt", b"Comment\0" + PHP, 1) + plain[text:],
            "polyglot",
        ),
        "PHP in a Samsung trailer": (plain + sef([(0x0BA1, b"Text", PHP)]), "polyglot"),
        "page behind a Samsung trailer": (plain + good.samsung_trailer() + HTML, "polyglot"),
        "page before a Samsung trailer": (plain + HTML + good.samsung_trailer(), "polyglot"),
        "PHP in the palette": (
            built(made(4, 4, 8, 3), good.chunk(b"PLTE", PHP.ljust(30)), data, good.PNG_END),
            "polyglot",
        ),
        "40,000 pixels a side": (huge, "decompression_bomb"),
        "29,000 pixels a side": (wide, "decompression_bomb"),
        "more data than pixels": (overfull, "decompression_bomb"),
        "text bomb": (good.png(4, 4, 8, 2, good.chunk(b"zTXt", b"c\0\0" + zeros)), "decompression_bomb"),
    }


def gifs() -> dict[str, Bad]:
    plain = good.gif(good.GIF_IMAGE)
    large = struct.pack("<HH", 60_000, 60_000)
    shapes = {
        "signature only": plain[:6],
        "signature, then text": b"GIF89a this is no image at all, it only begins like one",
        "without image": good.gif(),
        "without trailer and the end of the image": plain[:-2],
        "cut in the image": plain[:-4],
        "zeros without end between blocks": good.gif(bytes(9000), good.GIF_IMAGE),
        "neither image nor trailer": good.gif()[:-1],
        "code size 13": plain.replace(b"\x02\x03\x44", b"\x0d\x03\x44"),
        "image without data": plain.replace(b"\x02\x03\x44\x02\x05\0", b"\x02\0"),
        "unknown block": good.gif(b"\x99", good.GIF_IMAGE),
        "no width": good.gif(good.GIF_IMAGE.replace(b"\x02\0\x02\0\0", b"\0\0\x02\0\0", 1)),
        "far too little data": good.gif(good.GIF_IMAGE.replace(b"\x02\0\x02\0\0", b"\x40\x1f\x40\x1f\0", 1)),
        "unknown bytes behind the end": plain + bytes(range(128, 256)),
    }
    bad: dict[str, Bad] = {name: (image, "malformed") for name, image in shapes.items()} | with_attachments(plain)
    for name, content in texts().items():
        bad[f"comment: {name}"] = (good.gif(good.gif_extension(0xFE, content), good.GIF_IMAGE), "polyglot")
    script = b"GIF89a/*" + plain[8:-1] + b";*/=1;alert(1)"
    return bad | {
        "GIF that is also a script, by a comment": (script, "polyglot"),
        "GIF that is also a script, by an assignment": (b"GIF89a=1;alert(1)//" + plain[19:], "polyglot"),
        "PHP in the colour table": (plain.replace(b"\0\0\0\xff\xff\xff", b"<?php "), "polyglot"),
        "PHP in an application block": (
            good.gif(good.gif_extension(0xFF, b"EVILAPP1.00", PHP), good.GIF_IMAGE),
            "polyglot",
        ),
        "60,000 pixels a side": (plain[:6] + large + plain[10:], "decompression_bomb"),
        "an image far beyond the screen": (
            good.gif(b"," + struct.pack("<HHHHB", 60_000, 60_000, 2, 2, 0) + good.GIF_IMAGE[10:]),
            "decompression_bomb",
        ),
    }


def webps() -> dict[str, Bad]:
    valid = good.webps()
    plain, lossless, extended, animated = (
        valid[name] for name in ("lossy", "lossless", "lossy with alpha", "animated")
    )

    def resized(data: bytes) -> bytes:
        return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]

    def evil_behind(body: bytes) -> bytes:
        return plain + b"EXIF" + struct.pack("<I", len(body)) + body

    shapes = {
        "header only": plain[:12],
        "no chunk": resized(plain[:12]),
        "cut": plain[:-20],
        "cut, with the length put right": resized(plain[:-20]),
        "unknown first chunk": resized(plain[:12] + b"EVIL" + plain[16:]),
        "no key frame": plain[:20] + bytes((plain[20] | 1,)) + plain[21:],
        "start code wrong": plain[:23] + b"\0\0\0" + plain[26:],
        "no width": plain[:26] + b"\0\0" + plain[28:],
        "lossless signature wrong": lossless[:20] + b"\x2e" + lossless[21:],
        "canvas of another size": extended[:24] + b"\x07\0\0" + extended[27:],
        "animation flag without animation": extended[:20] + bytes((extended[20] | 2,)) + extended[21:],
        "animation without flag": animated[:20] + bytes((animated[20] & ~2,)) + animated[21:],
        "canvas only": resized(extended[:30]),
        "unknown bytes behind the end": plain + bytes(range(128, 256)),
    }
    bad: dict[str, Bad] = {name: (image, "malformed") for name, image in shapes.items()} | with_attachments(plain)
    notes = good.webps()["with Exif, XMP and a profile"]
    evil = notes + b"EXIF" + struct.pack("<I", len(PHP)) + PHP
    return bad | {
        "PHP in Exif": (resized(evil), "polyglot"),
        "PHP in Exif behind the image": (evil_behind(PHP), "polyglot"),
        "script in Exif behind the image": (evil_behind(b"II*\0\x08\0\0\0<script>alert(1)</script>"), "polyglot"),
        "Exif behind the image, cut": (plain + b"EXIF\xff\0\0\0II*\0", "malformed"),
        "bytes behind the image that are not Exif": (
            plain + b"EXIF\x08\0\0\0\x80\x81\x82\x83\x84\x85\x86\x87",
            "malformed",
        ),
        "WebP that is also a script": (b"RIFF/*" + plain[6:] + b"*/=1;alert(1)", "polyglot"),
        "40,000 pixels a side": (extended[:24] + b"\x3f\x9c\0\x3f\x9c\0" + extended[30:], "decompression_bomb"),
    }


def tiffs() -> dict[str, Bad]:
    plain = good.tiff()
    loop = plain[:-4] + struct.pack("<I", 24)

    def changed(*entries: tuple[int, int, int, int]) -> bytes:
        return good.tiff(entries=list(entries))

    shapes = {
        "header only": plain[:8],
        "header, then text": b"II*\0this is no image at all, it only begins like one",
        "directory behind the end": b"II*\0\xff\xff\xff\x00" + plain[8:],
        "no directory": b"II*\0" + bytes(4) + plain[8:],
        "pages in a circle": loop,
        "cut in the directory": plain[:-20],
        "strip behind the end": changed((273, 4, 1, 100_000)),
        "strip too long": changed((279, 4, 1, 100_000)),
        "strip too short for its rows": changed((273, 4, 1, len(plain) - 8), (279, 4, 1, 4)),
        "strip of no length, cut": changed((273, 4, 1, len(plain) - 8), (279, 4, 1, 0)),
        "too few strips": changed((278, 3, 1, 1)),
        "strips without rows": changed((278, 3, 1, 0)),
        "no width": changed((256, 3, 1, 0)),
        "too many components": changed((277, 3, 1, 99)),
        "tiles without size": changed((324, 4, 1, 8)),
        "no pixels": plain.replace(b"\x11\x01\x04\0", b"\x10\x01\x04\0"),
        "unknown compression": changed((259, 3, 1, 12_345)),
        "depth behind the end": changed((258, 3, 9_999, 9_999)),
        "sub-directory behind the end": changed((330, 4, 1, 9_999)),
    }
    bad: dict[str, Bad] = {name: (image, "malformed") for name, image in shapes.items()} | with_attachments(plain)
    described = good.saved(good.picture(), "TIFF", tiffinfo={270: PHP.decode()})
    bad |= {
        f"camera raw by {name}": (image, "unsupported_type")
        for name, image in {
            "DNG version": changed((50706, 1, 4, 0x0401)),
            "colour filter array": changed((262, 3, 1, 32803)),
            "Nikon's compression": changed((259, 3, 1, 34713)),
            "Canon's marker": b"II*\0\x10\0\0\0CR\x02\0" + bytes(100),
            "Olympus's header": b"IIRO\x08\0\0\0" + bytes(100),
            "Panasonic's header": b"IIU\0\x18\0\0\0" + bytes(100),
        }.items()
    }
    return bad | {
        "BigTIFF": (b"II+\0\x08\0\0\0\x10" + bytes(100), "unsupported_type"),
        "PHP in the description": (described, "polyglot"),
        "60,000 pixels a side": (changed((256, 4, 1, 60_000), (257, 4, 1, 60_000)), "decompression_bomb"),
    }


def bmps() -> dict[str, Bad]:
    plain = good.bmp()
    shapes = {
        "signature only": plain[:2],
        "signature, then text": b"BM this is no image at all, it only begins like one",
        "cut in the header": plain[:30],
        "cut in the pixels": plain[:-10],
        "two planes": good.bmp(planes=2),
        "depth 7": good.bmp(depth=7),
        "depth 24 with run lengths": good.bmp(compression=1),
        "unknown compression": good.bmp(compression=9),
        "unknown header": good.bmp(41),
        "no width": good.bmp(size=(0, 2)),
        "pixels in the header": plain[:10] + b"\x10\0\0\0" + plain[14:],
        "pixels behind the end": plain[:10] + b"\xff\xff\0\0" + plain[14:],
        "run lengths from top to bottom": good.bmp(size=(3, -2), depth=8, compression=1),
        "unknown bytes behind the end": plain + bytes(range(128, 256)),
    }
    bad: dict[str, Bad] = {name: (image, "malformed") for name, image in shapes.items()} | with_attachments(plain)
    length = 0x12A2F
    exact = good.bmp(depth=8, size=(4, (length - 1078) // 4 + 1), length=length)[:length]
    return bad | {
        "JPEG inside": (good.bmp(compression=4), "unsupported_type"),
        "PNG inside": (good.bmp(compression=5), "unsupported_type"),
        "BMP that is also a script, by a comment": (b"BM/*" + plain[4:] + b"*/=1;alert(1)", "polyglot"),
        "BMP that is also a script, by an assignment": (b"BM=1;/*" + plain[7:] + b"*/alert(1)", "polyglot"),
        "BMP that is also a script, of the right length": (exact[:-50] + b"*/=1;alert(1)//".ljust(50), "polyglot"),
        "script in the pixels": (good.bmp(depth=8, size=(64, 9))[:-64] + HTML.ljust(64, b" "), "polyglot"),
        "40,000 pixels a side": (good.bmp(depth=1, size=(40_000, 3)), "decompression_bomb"),
    }


HOSTILE: dict[str, Callable[[], dict[str, Bad]]] = {
    "jpeg": jpegs,
    "png": pngs,
    "gif": gifs,
    "webp": webps,
    "tiff": tiffs,
    "bmp": bmps,
}
