"""AVI, Windows Media, MPEG and WebM files with the layouts of cameras, recorders and browsers."""

import struct
from collections.abc import Iterator

from testkit.corpus.ebml_bytes import SEGMENT, TAGS, VOID, element, elements, unknown, vint
from testkit.corpus.riff_bytes import avi_parts, chunk, listing, riff
from testkit.corpus.sample import AVI, MPEG, WEBM, WMV, Sample, good
from testkit.corpus.tools import clip

_VP8 = "-c:v libvpx -deadline good -cpu-used 5"


def samples() -> Iterator[Sample]:
    yield from _avi()
    yield from _wmv()
    yield from _mpeg()
    yield from _webm()


def _avi() -> Iterator[Sample]:
    parts = avi_parts("-c:v mjpeg -pix_fmt yuvj420p", "-c:a pcm_u8")
    header, media, index = (
        chunk(b"LIST", parts[b"hdrl"]),
        chunk(b"LIST", parts[b"movi"]),
        chunk(b"idx1", parts[b"idx1"]),
    )
    why = "the AVI RIFF file reference allows it"
    yield good("avi/no-index", AVI, riff(b"AVI ", header, media), "idx1 is optional")
    junk = chunk(b"JUNK", bytes(3000))
    yield good("avi/junk", AVI, riff(b"AVI ", header, junk, media, index), "JUNK aligns the media to a block")
    yield good("avi/junk-first", AVI, riff(b"AVI ", junk, header, media, index), why)
    dated = chunk(b"LIST", parts[b"hdrl"] + chunk(b"IDIT", b"MON MAY 05 14:20:37 2008\n\0"))
    info = listing(b"INFO", chunk(b"ISFT", b"CanonMVI06\0"), chunk(b"IARL", b"x"))
    yield good("avi/canon", AVI, riff(b"AVI ", info, dated, junk, media, index), "the date and software of a Canon")
    nikon = chunk(b"LIST", b"ncdt" + chunk(b"nctg", bytes(120)))
    yield good("avi/nikon", AVI, riff(b"AVI ", header, nikon, media, index), "a Nikon's tags")
    odd = listing(b"INFO", chunk(b"INAM", b"odd"))
    yield good("avi/odd-chunks", AVI, riff(b"AVI ", header, odd, media, index), "odd chunks are padded")
    mail = listing(b"INFO", chunk(b"ICMT", b"1 < 2, Ann <ann@example.org>\0"), chunk(b"ICOP", b"(c) 2024\0"))
    yield good("avi/comment", AVI, riff(b"AVI ", header, mail, media, index), "an innocent comment")
    second = riff(b"AVIX", listing(b"movi", chunk(b"00dc", bytes(3000))))
    odml = chunk(b"LIST", parts[b"hdrl"] + listing(b"odml", chunk(b"dmlh", struct.pack("<I", 5) + bytes(244))))
    yield good("avi/opendml-second-riff", AVI, riff(b"AVI ", odml, media, index) + second, "OpenDML 1.02: RIFF AVIX")
    yield good("avi/opendml-four-riffs", AVI, riff(b"AVI ", odml, media, index) + second * 3, "OpenDML 1.02")
    hole = 400_000_000
    body = 4 + len(header) + len(media) + 8 + hole + len(index)
    start = b"RIFF" + struct.pack("<I", body) + b"AVI " + header + media + b"JUNK" + struct.pack("<I", hole)
    yield good("avi/400-mb", AVI, (start, hole, index), "what it costs must not depend on its size")


def _wmv() -> Iterator[Sample]:
    plain = clip("wmv", "-c:v wmv2", audio="-c:a wmav2")
    at = plain.index(bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")) + 88
    live = plain[:at] + struct.pack("<I", struct.unpack_from("<I", plain, at)[0] | 1) + plain[at + 4 :]
    yield good("wmv/broadcast-flag", WMV, live, "ASF 3.2: with the broadcast flag, sizes and durations do not count")
    head = struct.unpack_from("<Q", plain, 16)[0]
    padding = bytes.fromhex("74D40618DFCA0945A4BA9AABCB96AAE8") + struct.pack("<Q", 5000) + bytes(4976)
    count = struct.unpack_from("<I", plain, 24)[0]
    body = plain[:16] + struct.pack("<QI", head + 5000, count + 1) + plain[28:head] + padding + plain[head:]
    size_at = body.index(bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")) + 40
    padded = body[:size_at] + struct.pack("<Q", len(body)) + body[size_at + 8 :]
    yield good("wmv/padded-header", WMV, padded, "a padding object leaves room for tags")


def _mpeg() -> Iterator[Sample]:
    plain = clip("mpg", "-c:v mpeg2video -r 25 -f vob", audio="-c:a mp2")
    ended = plain if plain.endswith(b"\0\0\x01\xb9") else plain + b"\0\0\x01\xb9"
    yield good("mpeg/end-code", MPEG, ended, "the end code is optional; here it is")
    bare = plain.removesuffix(b"\0\0\x01\xb9")
    yield good("mpeg/no-end-code", MPEG, bare, "the end code is optional; here it is not")
    pack_end = 14 + (plain[13] & 7)
    padding = b"\0\0\x01\xbe" + struct.pack(">H", 2000) + b"\xff" * 2000
    padded = plain[:pack_end] + padding + plain[pack_end:]
    yield good("mpeg/padding-first", MPEG, padded, "padding packets may stand anywhere")
    navigation = (
        b"\0\0\x01\xbf" + struct.pack(">H", 980) + bytes(980) + b"\0\0\x01\xbf" + struct.pack(">H", 1018) + bytes(1018)
    )
    yield good("mpeg/dvd-navigation", MPEG, plain[:pack_end] + navigation + plain[pack_end:], "a DVD's NAV pack")
    stuffed = plain[:13] + b"\xff" + b"\xff" * 7 + plain[pack_end:]
    yield good("mpeg/pack-stuffing", MPEG, stuffed, "up to seven stuffing bytes in a pack header")
    late = clip("mpg", "-c:v mpeg2video -r 25 -f vob", audio="-c:a mp2", seconds="1")
    yield good("mpeg/one-second", MPEG, late, "a second of film")


def _webm() -> Iterator[Sample]:
    plain = clip("webm", f"{_VP8} -write_crc32 0", audio="-c:a libopus")
    top = dict(elements(plain))
    head_id, segment_id = list(top)
    head, inner = element(head_id, top[head_id]), top[segment_id]
    parts = list(elements(inner))
    wanted = [
        (kind, content)
        for kind, content in parts
        if kind in {b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"}
    ]
    body = b"".join(element(kind, content) for kind, content in wanted)
    why = "RFC 8794 and the WebM container guidelines allow it"
    yield good("webm/bare", WEBM, head + element(SEGMENT, body), "no seek head, no cues: both are optional")
    yield good("webm/unknown-segment", WEBM, head + unknown(SEGMENT, body), "a live segment has no size")
    live = b"".join(
        unknown(kind, content) if kind == b"\x1f\x43\xb6\x75" else element(kind, content) for kind, content in wanted
    )
    yield good("webm/media-recorder", WEBM, head + unknown(SEGMENT, live), "Chrome: segment and clusters without sizes")
    yield good("webm/voids", WEBM, head + element(SEGMENT, element(VOID, bytes(100)) + body), "Void reserves room")
    yield good(
        "webm/large-void", WEBM, head + element(SEGMENT, element(VOID, bytes(60000)) + body), "Void reserves room"
    )
    eight = b"".join(kind + vint(len(content), 8) + content for kind, content in wanted)
    yield good(
        "webm/eight-byte-sizes", WEBM, head + SEGMENT + vint(len(eight), 8) + eight, "sizes may have eight bytes"
    )
    yield good("webm/void-before-segment", WEBM, head + element(VOID, bytes(20)) + element(SEGMENT, body), why)
    tags = element(
        TAGS, element(b"\x73\x73", element(b"\x63\xc0", b"") + element(b"\x67\xc8", element(b"\x45\xa3", b"T")))
    )
    yield good("webm/tags-last", WEBM, head + element(SEGMENT, body + tags), why)
    wide_head = head_id + vint(len(top[head_id]), 8) + top[head_id]
    yield good("webm/eight-byte-header-size", WEBM, wide_head + element(SEGMENT, body), "as libwebm writes it")
    hole = 400_000_000
    filler = VOID + vint(hole, 8)
    start = head + SEGMENT + vint(len(body) + len(filler) + hole, 8) + body + filler
    yield good("webm/400-mb", WEBM, (start, hole), "what it costs must not depend on its size")
