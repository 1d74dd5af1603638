"""JPEG and PNG pictures with trailers of phones, and JPEGs without an end marker.

Each kind has many files that a seeded generator varies.
"""

import json
import random
from collections.abc import Iterator

from testkit.corpus.good_tolerated import FILES, Maker, noise, photo
from testkit.corpus.isobmff_bytes import film, ftyp
from testkit.corpus.jpeg_bytes import exif, jpeg, segment, with_segments
from testkit.corpus.png_bytes import png, saved
from testkit.corpus.sample import JPEG, PNG, Sample, good
from testkit.corpus.trailer_bytes import Blocks, edit_settings, oneplus, sef


def samples() -> Iterator[Sample]:
    for label, (declared, make, why) in _KINDS.items():
        for number in range(FILES):
            content = make(random.Random(f"{label} {number}"))  # the same files every time
            yield good(f"trailer/{label}-{number}", declared, content, why)


def _edited(chance: random.Random) -> bytes:
    """Returns the trailer of Samsung's Gallery: always the settings, and some of the other blocks."""
    digest = chance.randbytes(32).hex().encode()
    blocks: Blocks = [(0x0BA1, b"PhotoEditor_Re_Edit_Data", edit_settings(chance))]
    others: Blocks = [
        (0x0A01, b"Image_UTC_Data", str(chance.randrange(10**12, 10**13)).encode()),
        (0x0BA1, b"Original_Path_Hash_Key", digest + b"/" + str(chance.randrange(10**6)).encode()),
        (0x0AA1, b"MCC_Data", str(chance.randint(200, 750)).encode()),
        (0x0C61, b"Camera_Capture_Mode_Info", str(chance.randint(0, 9)).encode()),
        (0x0001, b"PhotoEditor_Original", photo(chance)), (0x0001, b"Sticker", saved(noise(chance), "PNG")),
        (0x0B41, b"DualShot_DepthMap_1", chance.randbytes(chance.randint(100, 9000))),
    ]  # fmt: skip
    blocks += chance.sample(others, chance.randint(0, len(others)))
    chance.shuffle(blocks)
    return sef(blocks, version=chance.choice((101, 103, 106, 107)))


def _samsung_jpeg(chance: random.Random) -> bytes:
    camera = with_segments(photo(chance), segment(0xE1, exif(thumbnail=jpeg(size=(16, 12)))))
    return chance.choice((photo(chance), camera)) + _edited(chance) + bytes(chance.choice((0, 0, 0, 7, 512)))


def _samsung_png(chance: random.Random) -> bytes:
    drawn = png(chance.randint(1, 90), chance.randint(1, 90), 8, chance.choice((0, 2, 3, 6)))
    return chance.choice((drawn, saved(noise(chance), "PNG"))) + _edited(chance)


def _samsung_motion(chance: random.Random) -> bytes:
    """Returns a photo with its video inside the trailer, in some with a preview or a gain map before it."""
    video = film().last(ftyp(b"mp42", b"isom", b"mp42"))
    blocks: Blocks = [
        (0x0A30, b"MotionPhoto_Data", video), (0x0A31, b"MotionPhoto_Version", b"mpv3"),
        (0x0A33, b"MotionPhoto_AutoPlay", b"1"), (0x0A01, b"Image_UTC_Data", b"1714550400000"),
    ]  # fmt: skip
    chance.shuffle(blocks)
    preview = chance.choice((b"", b"", jpeg(size=(32, 24)), bytes(16) + jpeg(size=(32, 24))))
    return photo(chance) + preview + sef(blocks)


def _panorama(chance: random.Random) -> bytes:
    """Returns a panorama: its trailer begins where the end marker of the photo should be."""
    width = chance.randint(200, 900)
    wide = jpeg("RGB", (width, chance.randint(40, 120)), quality=chance.randint(40, 95))
    video = film().last(ftyp(b"mp42", b"isom", b"mp42"))
    blocks: Blocks = [(0x0A01, b"Image_UTC_Data", b"1496139015000"), (0x08E0, b"Panorama_Shot_Info", b"\1" * 12)]
    blocks += [(0x08E1, b"Motion_Panorama_MP4_000", video)] if chance.random() < 0.6 else []
    return wide[:-2] + sef(blocks)


def _oneplus(chance: random.Random) -> bytes:
    parts = {"private.emptyspace": chance.randbytes(4), "watermark.device": chance.randbytes(5) + b"OnePlus 9 Pro\0"}
    if chance.random() < 0.5:
        parts["src.image"] = photo(chance)
    if chance.random() < 0.5:
        parts["portrait.params"] = edit_settings(chance)
    return photo(chance) + oneplus(parts) + bytes(chance.choice((0, 0, 3)))


def _json(chance: random.Random) -> bytes:
    """Returns a photo followed by settings as JSON, in some after a name."""
    name = chance.choice((b"", b"vivo", b"oppo.camera", b"MIUI_", b"HONOR:"))
    content = edit_settings(chance) if chance.random() < 0.5 else json.dumps([{"a": n} for n in range(30)]).encode()
    return photo(chance) + bytes(chance.choice((0, 2))) + name + content + bytes(chance.choice((0, 1, 5)))


def _no_end(chance: random.Random) -> bytes:
    """Returns a photo without its end marker, or with one half of it, or with zeros in its place."""
    options = chance.choice(({}, {"optimize": True}, {"restart_marker_blocks": 3}, {"restart_marker_rows": 1}))
    return photo(chance, **options)[:-2] + chance.choice((b"", b"", b"\xff", bytes(2)))


_KINDS: dict[str, tuple[str, Maker, str]] = {
    "samsung-edited-jpeg": (JPEG, _samsung_jpeg, "Samsung's Gallery keeps the settings of an edit as JSON"),
    "samsung-edited-png": (PNG, _samsung_png, "Samsung's Gallery keeps the settings of an edit as JSON"),
    "samsung-motion": (JPEG, _samsung_motion, "Samsung's motion photo"),
    "samsung-panorama": (JPEG, _panorama, "Samsung's panorama has no end marker before its trailer"),
    "oneplus": (JPEG, _oneplus, "OnePlus's phones list the parts of their trailer in JSON"),
    "json": (JPEG, _json, "settings of a phone behind the photo"),
    "jpeg-without-end": (JPEG, _no_end, "the scan is complete, so every viewer shows it"),
}
