"""Truncated files, where the format reveals the truncation."""
# ruff: noqa: E501  # tables, where a case is one line

from collections.abc import Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.isobmff_bytes import film, ftyp
from testkit.corpus.jpeg_bytes import exif, jpeg, picture, segment, with_segments
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
from testkit.corpus.tools import clip

_PORTIONS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"


def samples() -> Iterator[Sample]:
    photo = picture((320, 240))
    sources = [
        (JPEG, "baseline", jpeg(size=(320, 240))), (JPEG, "progressive", jpeg(size=(320, 240), progressive=True)),
        (JPEG, "exif", with_segments(jpeg(), segment(0xE1, exif(thumbnail=jpeg(size=(160, 120)))), keep_jfif=False)),
        (PNG, "photo", saved(photo, "PNG")), (PNG, "tiny", png()), (GIF, "photo", saved(photo.quantize(64), "GIF")),
        (GIF, "animated", gif(frames=9)), (WEBP, "lossy", saved(photo, "WEBP")),
        (WEBP, "lossless", saved(photo, "WEBP", lossless=True)), (WEBP, "exif", saved(photo, "WEBP", exif=exif())),
        (TIFF, "raw", saved(photo, "TIFF")), (TIFF, "lzw", saved(photo, "TIFF", compression="tiff_lzw")),
        (BMP, "24", saved(photo, "BMP")), (BMP, "8", saved(photo.convert("L"), "BMP")),
        (SVG, "drawing", valid()[SVG] + b""), (MP4, "moov-last", film().last(ftyp(b"isom", b"isom"))),
        (MP4, "faststart", film().first(ftyp(b"isom", b"isom"))), (MOV, "moov-last", film("mov").last(ftyp(b"qt  ", b"qt  "))),
        (MOV, "classic", film("mov").last(b"")), (MOV, "faststart", film("mov").first(b"")), (AVI, "mpeg4", valid()[AVI]),
        (AVI, "mjpeg", clip("avi", "-c:v mjpeg -pix_fmt yuvj420p")), (WMV, "wmv2", valid()[WMV]), (WEBM, "vp8", valid()[WEBM]),
        (WEBM, "vp9", clip("webm", "-c:v libvpx-vp9 -deadline good -cpu-used 5")),
        (MP4, "fragmented", clip("mp4", f"{_H264} -g 2 -movflags frag_keyframe+empty_moov")),
    ]  # fmt: skip
    for declared, name, content in sources:
        for portion in _PORTIONS:
            end = int(len(content) * portion)
            if not _is_detectable(declared, name, content, end):
                continue
            label = f"cut/{EXTENSIONS[declared]}-{name}-at-{int(portion * 100)}-percent"
            reasons = "malformed" if end > 200 else "malformed|unsupported_type"
            yield bad(label, declared, content[:end], reasons, "the end is missing")
        if _is_detectable(declared, name, content, len(content) - 1):
            label = f"cut/{EXTENSIONS[declared]}-{name}-last-byte"
            yield bad(label, declared, content[:-1], "malformed", "the last byte is missing")
    for length in (4, 8, 12, 16, 24, 32):
        for declared, content in valid().items():
            if declared != MPEG:
                label = f"cut/{EXTENSIONS[declared]}-{length}-bytes"
                yield bad(label, declared, content[:length], "malformed|unsupported_type", "little more than the magic")
    mpeg = valid()[MPEG]
    for length in (4, 12, 14, 20):
        yield bad(f"cut/mpeg-{length}-bytes", MPEG, mpeg[:length], "malformed|unsupported_type", "no packet of video")


def _is_detectable(declared: str, name: str, content: bytes, end: int) -> bool:
    """Returns True if the truncation is detectable. Fragmented videos and animations may end between two parts."""
    if declared == MP4 and name == "fragmented":
        return end < content.index(b"mdat")
    if declared == AVI:  # the index at the end is optional, the sizes at the start are not
        return True
    if declared == JPEG and name != "progressive" and end == len(content) - 1:
        return False  # the scan is complete
    return not (declared == GIF and content[end - 1] == 0 and content[end] in b",!;")  # the end of a block
