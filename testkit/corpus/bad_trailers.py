"""Trailers of phones, real and forged, with another file or code inside or behind them, or behind a cut JPEG."""

import random
from collections.abc import Iterator

from testkit.corpus import foreign
from testkit.corpus.jpeg_bytes import jpeg
from testkit.corpus.png_bytes import png
from testkit.corpus.sample import EXTENSIONS, JPEG, PNG, Sample, bad
from testkit.corpus.trailer_bytes import edit_settings, oneplus, sef

_HIDDEN = "polyglot|malformed"


def samples() -> Iterator[Sample]:
    for name, content in _hidden().items():
        for declared, picture in ((JPEG, jpeg()), (PNG, png()), (JPEG, jpeg()[:-2])):
            end = "-without-end" if picture == jpeg()[:-2] else ""
            for label, trailer in _forged(content).items():
                file = f"trailer/{EXTENSIONS[declared]}{end}-{label}-{name}"
                yield bad(file, declared, picture + trailer, _HIDDEN, "another file or code in a maker's trailer")
    yield from _cut()


def _hidden() -> dict[str, bytes]:
    archives, programs = foreign.archives(), foreign.programs()
    found = {each: archives[each] for each in ("zip", "zip-stored", "jar", "rar4", "rar5", "7z", "tar", "gzip")}
    found |= {each: programs[each] for each in ("elf", "pe")}
    texts = ("html", "html-bare", "xhtml", "php", "php-short", "pdf", "shell", "batch", "jsp", "asp")
    return found | {each: foreign.TEXTS[each] for each in texts} | {"php-bare": b"<?phpinfo()?>"}


def _forged(content: bytes) -> dict[str, bytes]:
    """Returns trailers that contain it: as a block, between blocks, in a name, in JSON, behind the footer."""
    chance = random.Random(1)  # the same files every time
    settings = (0x0BA1, b"PhotoEditor_Re_Edit_Data", edit_settings(chance))
    time = (0x0A01, b"Image_UTC_Data", b"1714550400000")
    whole = sef([time, settings])
    text = content.decode("latin-1").encode("unicode-escape")
    made = {
        "sef-block": sef([time, (0x0BA1, b"PhotoEditor_Re_Edit_Data", content), settings]),
        "sef-padded-block": sef([time, (0x0B41, b"DepthMap", bytes(40) + content)]),
        "sef-before": content + whole,
        "sef-behind": whole + content,
        "sef-twice": whole + content + whole,
        "oneplus-part": oneplus({"private.emptyspace": bytes(4), "src.image": content}),
        "oneplus-before": content + oneplus({"watermark.device": b"x"}),
    }
    if content.startswith((b"<?php", b"<script", b"<!doctype", b"<html")):
        made |= {
            "sef-json": sef([time, (0x0BA1, b"PhotoEditor_Re_Edit_Data", b'{"text": "' + text + b'"}')]),
            "sef-name": sef([time, (0x0BA1, content, b"1")]),
            "oneplus-name": oneplus({text.decode(): b"x"}),
        }
    return made


def _cut() -> Iterator[Sample]:
    photo, end = jpeg(size=(320, 240)), sef([(0x0A01, b"Image_UTC_Data", b"1714550400000")])
    progressive = jpeg(size=(320, 240), progressive=True)
    why = "the photo is cut before the trailer"
    for share in (0.3, 0.5, 0.7, 0.9, 0.97):
        at = int(len(photo) * share)
        yield bad(f"trailer/cut-at-{int(share * 100)}", JPEG, photo[:at] + end, "malformed", why)
        yield bad(f"trailer/cut-alone-at-{int(share * 100)}", JPEG, photo[:at], "malformed", "no end, not complete")
        at = int(len(progressive) * share)
        yield bad(f"trailer/cut-progressive-at-{int(share * 100)}", JPEG, progressive[:at] + end, "malformed", why)
    yield bad("trailer/png-cut", PNG, png()[:-20] + end, "malformed", "the image is cut before the trailer")
