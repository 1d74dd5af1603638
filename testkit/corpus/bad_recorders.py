"""Foreign files in and behind what makers write at the end of videos, and encrypted videos."""

import random
import struct
from collections.abc import Iterator

from testkit.corpus import foreign
from testkit.corpus.ebml_bytes import document, element, track
from testkit.corpus.good_recorders import auto_vox, insta360, kenwood, movies, overrunning
from testkit.corpus.isobmff_bytes import box, film, ftyp, full
from testkit.corpus.riff_bytes import chunk, riff
from testkit.corpus.sample import AVI, MP4, WEBM, Sample, bad

_ANY = "polyglot|malformed"
_HEAD = ftyp(b"isom", b"isom", b"mp42")
_WHY = "another file behind what a camera writes"
_PROTECTED = "only a player with the key can show it"


def samples() -> Iterator[Sample]:
    yield from _behind_trailers()
    yield from _behind_zeros()
    yield from _avi()
    yield from _encrypted()


def payloads() -> dict[str, bytes]:
    """Returns files whose first bytes are looked for behind a video; some kinds have none that are long enough."""
    found = foreign.archives() | foreign.programs() | {
        "html": foreign.HTML, "php": foreign.PHP, "script": b"#!/bin/sh\nid\n", "wav": foreign.media()["wav"],
    }  # fmt: skip
    return {name: data for name, data in found.items() if name not in {"squashfs", "com", "pyc", "lua"}}


def _behind_trailers() -> Iterator[Sample]:
    dice = random.Random("hidden behind")
    whole = film().last(_HEAD)
    ends = {
        "insta360": insta360(dice, 1), "kenwood": kenwood(dice), "auto-vox": auto_vox(dice), "cobra": overrunning(dice),
    }  # fmt: skip
    hidden = payloads() | {"pdf": foreign.TEXTS["pdf"]}
    for name in ("zip", "html", "elf", "php", "pdf", "rar5"):
        payload = hidden[name]
        for maker, end in ends.items():
            yield bad(f"trailer/{maker}-then-{name}", MP4, whole + end + payload, _ANY, _WHY)
            yield bad(f"trailer/{name}-then-{maker}", MP4, whole + payload + end, _ANY, _WHY)
            if maker != "cobra":
                yield bad(f"trailer/{name}-zeros-{maker}", MP4, whole + payload + bytes(70_000) + end, _ANY, _WHY)
        length = len(payload) + 40
        footer = struct.pack("<II", length, 3) + ends["insta360"][-32:]
        yield bad(f"trailer/insta360-is-{name}", MP4, whole + payload + footer, _ANY, "the length fits")
        inner = b"gpsa" + struct.pack("<I", len(payload)) + payload
        yield bad(f"trailer/auto-vox-holds-{name}", MP4, whole + inner, _ANY, "in a chunk")
        over = struct.pack(">I4s", len(payload) + 99, b"gps0") + payload
        yield bad(f"trailer/cobra-holds-{name}", MP4, whole + over, _ANY, "in the last box")
    cut = film().last(_HEAD)
    yield bad("trailer/cut-movie-with-cobra", MP4, cut[:-300] + ends["cobra"], "malformed", "the movie is cut")
    for kind in (b"mdat", b"moov", b"free", b"uuid", b"zzzz", b"meta"):
        over = struct.pack(">I4s", 900, kind) + bytes(range(200))
        yield bad(f"trailer/overrun-{kind.decode()}", MP4, whole + over, _ANY, "cut, or something else")


def _behind_zeros() -> Iterator[Sample]:
    for mime, content in movies().items():
        name = mime.partition("/")[2]
        yield bad(f"zeros/{name}-two-megabytes", mime, (content, 2_000_000), "malformed", "more than recorders leave")
        for kind, payload in (("zip", foreign.archives()["zip"]), ("html", foreign.HTML), ("php", foreign.PHP)):
            for zeros in (0, 700, 70_000, 900_000):
                hidden = (content, zeros, payload)
                yield bad(f"zeros/{name}-{zeros}-then-{kind}", mime, hidden, _ANY, "a file behind zeros")
            if kind != "php":
                yield bad(f"zeros/{name}-{kind}-then-zeros", mime, (content, payload, 90_000), _ANY, "and zeros")


def _avi() -> Iterator[Sample]:
    whole = movies()[AVI]
    for name, payload in payloads().items():
        yield bad(f"avi-edited/junk-is-{name}", AVI, whole + chunk(b"JUNK", payload), _ANY, "a file in filler")
    for form in (b"WAVE", b"WEBP", b"AVI ", b"RMID", b"ACON"):
        second = riff(form, chunk(b"data", bytes(300)))
        name = form.decode().strip().lower()
        yield bad(f"avi-edited/then-riff-{name}", AVI, whole + second, _ANY, "a separate file follows")
    for name in ("zip", "elf", "pe"):
        payload = payloads()[name]
        yield bad(f"avi-edited/riff-holds-{name}", AVI, whole + riff(b"DATA", payload), _ANY, "a file as data")


def _encrypted() -> Iterator[Sample]:
    plain = film().last(_HEAD)
    scheme = box(b"sinf", box(b"frma", b"avc1"), full(b"schm", b"cenc", b"\0\x01\0\0"), box(b"schi", bytes(24)))
    for old, new in (
        (b"avc1", b"encv"),
        (b"mp4a", b"enca"),
        (b"avc1", b"drmi"),
        (b"mp4a", b"drms"),
        (b"avc1", b"encu"),
    ):
        at = plain.index(old, plain.index(b"stsd" if old == b"avc1" else b"smhd"))
        renamed = plain[:at] + new + plain[at + 4 :]
        yield bad(f"encrypted/{new.decode()}", MP4, renamed, "unsupported_type", _PROTECTED)
    for name, kind in (("pictures", b"avc1"), ("sound", b"mp4a")):
        yield bad(f"encrypted/sinf-{name}", MP4, _protected(plain, kind, scheme), "unsupported_type", _PROTECTED)
    for name, content in {
        "encryption": element(b"\x50\x33", b"\x01") + element(b"\x50\x35", element(b"\x47\xe1", b"\x05")),
        "type-only": element(b"\x50\x33", b"\x01"),
        "element-only": element(b"\x50\x35", element(b"\x47\xe1", b"\x05")),
        "frames": element(b"\x50\x31", b"\0") + element(b"\x50\x32", b"\x01") + element(b"\x50\x35", b""),
    }.items():
        encoding = element(b"\x6d\x80", element(b"\x62\x40", content))
        entry = track(1, b"V_VP9")
        locked = element(b"\xae", entry[2:] + encoding)
        yield bad(f"encrypted/webm-{name}", WEBM, document(b"webm", locked), "unsupported_type", _PROTECTED)


def _protected(plain: bytes, codec: bytes, scheme: bytes) -> bytes:
    """Returns the film with a protection box at the end of the sample entry, and all sizes around it corrected."""
    out = bytearray(plain)
    at = plain.index(codec, plain.index(b"stsd" if codec == b"avc1" else b"smhd")) - 4
    end = at + int.from_bytes(plain[at : at + 4])
    for kind in (b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        begin = plain.rindex(kind, 0, at) - 4
        out[begin : begin + 4] = (int.from_bytes(out[begin : begin + 4]) + len(scheme)).to_bytes(4)
    out[at : at + 4] = (int.from_bytes(out[at : at + 4]) + len(scheme)).to_bytes(4)
    return bytes(out[:end]) + scheme + bytes(out[end:])
