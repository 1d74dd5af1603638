"""JPEG photos as written by cameras, phones, editors, scanners, web services and optimisers."""

import struct
from collections.abc import Iterator

from testkit.corpus.isobmff_bytes import film, ftyp
from testkit.corpus.jpeg_bytes import XMP_HEAD, exif, jpeg, mpf, samsung_trailer, segment, split, with_segments, xmp
from testkit.corpus.sample import JPEG, Sample, good
from testkit.corpus.tools import clip, convert

_COMMENTS = {
    "gd": b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90\n",
    "lavc": b"Lavc60.3.100",
    "lead": b"LEAD Technologies Inc. V1.01\0",
    "mail-address": b"Photo by Ann <ann@example.org>, all rights reserved",
    "unequal": b"1 < 2 && 3 > 2; f/2.8 <-> 1/500 s",
    "utf8": "Größe <5 m, 東京 2024 ☺".encode(),
    "source": b"File source: https://commons.wikimedia.org/wiki/File:Beach.jpg",
    "empty": b"",
    "long": b"calibration " * 5000,
    "javascript-book": b"JavaScript: The Good Parts, cover",
    "brackets": b"Solar system(s), weather alert(s) & evaluation (2024); confirm(ed) by NASA",
    "code-words": b"document the location; script by Ann, body: Nikon, frame 12, object at 3 o'clock",
    "json": b'{"filter":"none","zoom":[1,2],"script":"auto","php":8}',
}


def samples() -> Iterator[Sample]:
    yield from _encoders()
    yield from _segments()
    yield from _cameras()
    yield from _trailers()


def _encoders() -> Iterator[Sample]:
    why = "a plain JPEG of ITU-T T.81"
    for mode in ("RGB", "L", "CMYK", "YCbCr"):
        yield good(f"jpeg/pillow-{mode.lower()}", JPEG, jpeg(mode), why)
        yield good(f"jpeg/progressive-{mode.lower()}", JPEG, jpeg(mode, progressive=True), why)
    for sampling in (0, 1, 2):
        yield good(f"jpeg/subsampling-{sampling}", JPEG, jpeg(subsampling=sampling, quality=95), why)
    for quality in (1, 50, 100):
        yield good(f"jpeg/quality-{quality}", JPEG, jpeg(quality=quality, optimize=True), why)
    yield good("jpeg/restart-rows", JPEG, jpeg(restart_marker_rows=1), "restart markers between rows")
    yield good(
        "jpeg/restart-blocks", JPEG, jpeg(restart_marker_blocks=1, progressive=True), "a restart after every block"
    )
    yield good("jpeg/one-pixel", JPEG, jpeg(size=(1, 1)), why)
    yield good("jpeg/one-row", JPEG, jpeg(size=(3000, 1)), why)
    yield good("jpeg/48-megapixels", JPEG, jpeg("L", (8064, 6048), quality=20), "what phones of 2024 take")
    yield good("jpeg/panorama", JPEG, jpeg("L", (16000, 3000), quality=10), "a phone's panorama")
    options = {
        "magick-interlaced": "-interlace JPEG", "magick-arith-free-422": "-sampling-factor 2x1",
        "magick-440": "-sampling-factor 1x2", "magick-411": "-sampling-factor 4x1", "magick-gray": "-colorspace Gray",
        "magick-cmyk": "-colorspace CMYK", "magick-stripped": "-strip -quality 85", "magick-density": "-density 300",
        "magick-smooth-noise": "-attenuate 0.2 +noise Gaussian", "magick-exact-comment": "-set comment Beach",
    }  # fmt: skip
    for name, option in options.items():
        yield good(
            f"jpeg/{name}", JPEG, convert("jpg", f"-seed 1 -size 80x60 plasma:red-blue {option}"), "by ImageMagick"
        )
    frame = clip("jpg", "-frames:v 1 -pix_fmt yuvj444p -update 1")
    yield good("jpeg/ffmpeg", JPEG, frame, "a frame grabbed by ffmpeg, as screen recorders and bots do")


def _segments() -> Iterator[Sample]:
    photo, scans = jpeg(quality=90), jpeg(progressive=True)
    own, rest = split(photo)
    for name, text in _COMMENTS.items():
        yield good(f"jpeg/comment-{name}", JPEG, with_segments(photo, segment(0xFE, text)), "an innocent comment")
    yield good("jpeg/no-app0", JPEG, with_segments(photo, keep_jfif=False), "JFIF is optional")
    yield good("jpeg/comment-first", JPEG, with_segments(photo, segment(0xFE, b"x"), keep_jfif=False), "any order goes")
    tables = b"".join(part for part in own if part[1] in {0xDB, 0xC4})
    merged = b"\xff\xd8" + tables + b"".join(part for part in own if part[1] not in {0xDB, 0xC4}) + rest
    yield good("jpeg/tables-first", JPEG, merged, "quantisation tables right after SOI, as hardware encoders write")
    filled = b"\xff\xd8" + b"".join(b"\xff\xff\xff" + part for part in own) + b"\xff\xff" + rest
    yield good("jpeg/fill-bytes", JPEG, filled, "T.81 B.1.1.2: any marker may be preceded by fill bytes 0xFF")
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")
    yield good("jpeg/adobe", JPEG, with_segments(photo, adobe, keep_jfif=False), "APP14 with the colour transform")
    icc = struct.pack(">I", 600) + bytes(32) + b"acsp" + bytes(560)
    parts = [segment(0xE2, b"ICC_PROFILE\0" + bytes((n + 1, 3)) + icc[n * 200 : n * 200 + 200]) for n in range(3)]
    yield good("jpeg/icc-in-three", JPEG, with_segments(photo, *parts), "a profile split over three segments")
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", 10) + b"\x1c\x02\x78\0\x05Beach"
    photoshop = segment(0xED, b"Photoshop 3.0\0" + resource)
    packet = segment(
        0xE1, XMP_HEAD + xmp(body="<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>B</rdf:li></rdf:Alt></dc:title>")
    )
    yield good(
        "jpeg/photoshop", JPEG, with_segments(scans, segment(0xE1, exif()), photoshop, packet, adobe), "as Photoshop"
    )
    escaped = segment(0xE1, XMP_HEAD + xmp(attributes='photoshop:Instructions="&lt;b&gt;no crop&lt;/b&gt;"'))
    yield good("jpeg/xmp-escaped-markup", JPEG, with_segments(photo, escaped), "escaped in XML, it is only text")
    facebook = segment(
        0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x28\0\x1bFBMD0a000a6d0100000c2a0000\0\0"
    )
    yield good("jpeg/facebook", JPEG, with_segments(photo, facebook), "what Facebook puts into every picture")
    many = [segment(0xE0 + n % 14 + 2, b"vendor\0" + bytes(n)) for n in range(60)]
    yield good("jpeg/sixty-segments", JPEG, with_segments(photo, *many), "vendors use all application segments")
    big = [segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 65000) for _ in range(5)]
    yield good("jpeg/extended-xmp", JPEG, with_segments(photo, packet, *big), "depth maps in extended XMP")
    c2pa = segment(0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x40jumb\0\0\0\x28jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9bqc2pa\0")
    yield good("jpeg/c2pa", JPEG, with_segments(photo, c2pa), "content credentials (C2PA)")
    jfxx = segment(0xE0, b"JFXX\0\x10" + jpeg(size=(16, 12)))
    yield good("jpeg/jfxx-thumbnail", JPEG, with_segments(photo, jfxx), "a JPEG thumbnail in JFXX")
    jfif = segment(0xE0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\x02\x02" + bytes(12))
    yield good("jpeg/jfif-thumbnail", JPEG, b"\xff\xd8" + jfif + b"".join(own[1:]) + rest, "a thumbnail in JFIF")
    ducky = segment(0xEC, b"Ducky\0\x01\0\x04\0\0\0\x3c\0\0")
    yield good("jpeg/ducky", JPEG, with_segments(photo, ducky, adobe, keep_jfif=False), "Photoshop's save for web")


def _cameras() -> Iterator[Sample]:
    photo, thumb = jpeg(quality=90), jpeg(size=(160, 120), quality=60)
    for order, name in (("<", "intel"), (">", "motorola")):
        payload = segment(0xE1, exif(order=order, thumbnail=thumb, maker=bytes(range(256)) * 8))
        yield good(
            f"jpeg/exif-{name}",
            JPEG,
            with_segments(photo, payload, keep_jfif=False),
            "EXIF without JFIF, as cameras write",
        )
    yield good(
        "jpeg/exif-after-jfif", JPEG, with_segments(photo, segment(0xE1, exif())), "JFIF, then EXIF, as iOS edits"
    )
    full = segment(0xE1, exif(thumbnail=thumb, maker=bytes(60000)))
    yield good("jpeg/exif-of-60-kb", JPEG, with_segments(photo, full, keep_jfif=False), "a full EXIF segment")
    several = [segment(0xE2, b"MPF-like vendor data" + bytes(65000)) for _ in range(8)]
    yield good("jpeg/half-a-megabyte-of-segments", JPEG, with_segments(photo, *several), "GoPro's and DJI's debug data")
    thermal = [segment(0xE1, b"FLIR\0\x01" + bytes((n, 3)) + bytes(60000)) for n in range(4)]
    yield good("jpeg/flir", JPEG, with_segments(photo, *thermal), "FLIR's thermal data")
    comment = segment(0xE1, exif(comment=b"Mathilda <3 Oskar & the dog"))
    yield good("jpeg/exif-user-comment", JPEG, with_segments(photo, comment), "an ordinary comment with a heart")


def _trailers() -> Iterator[Sample]:
    photo, second = jpeg(quality=90), jpeg(size=(32, 24))
    own, _ = split(photo)
    add = len(segment(0xE2, mpf(first=0, second_at=0, second=0)))
    offset = len(photo) - (2 + len(own[0]) + 8)
    listed = with_segments(
        photo, segment(0xE2, mpf(first=len(photo) + add, second_at=offset + add, second=len(second)))
    )
    yield good("jpeg/mpf", JPEG, listed + second, "CIPA DC-007: Sony, Canon and Nikon hang previews on")
    yield good("jpeg/gain-map", JPEG, listed + with_segments(second, segment(0xE1, XMP_HEAD + xmp())), "Ultra HDR")
    motion = film().last(ftyp(b"mp42", b"isom", b"mp42"))
    length = len(motion)
    micro = f'GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="{length}"'
    pixel = with_segments(photo, segment(0xE1, XMP_HEAD + xmp(attributes=micro)))
    yield good("jpeg/motion-photo-pixel", JPEG, pixel + motion, "Google's motion photo, first version")
    item = f'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1" Item:Semantic="MotionPhoto" Item:Length="{length}"'
    newer = with_segments(photo, segment(0xE1, exif()), segment(0xE1, XMP_HEAD + xmp(attributes=item)), keep_jfif=False)
    yield good("jpeg/motion-photo-google", JPEG, newer + motion, "Google's motion photo format 1.0")
    quicktime = film("mov").last(ftyp(b"qt  ", b"qt  "))
    yield good("jpeg/motion-photo-quicktime", JPEG, newer + quicktime, "some vendors append QuickTime")
    samsung = samsung_trailer({b"Image_UTC_Data": b"1714550400000"})
    yield good("jpeg/samsung", JPEG, photo + samsung, "every photo of a Samsung phone ends like this")
    sef = samsung_trailer({b"MotionPhoto_Data": motion, b"MotionPhoto_Version": b"mpv3", b"Image_UTC_Data": b"171455"})
    yield good("jpeg/motion-photo-samsung", JPEG, newer + sef, "Samsung's motion photo")
    yield good("jpeg/zero-padded", JPEG, photo + bytes(4096 - len(photo) % 4096), "cameras pad to whole sectors")
    yield good("jpeg/few-zeros", JPEG, photo + bytes(3), "cameras pad to even lengths")
