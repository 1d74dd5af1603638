"""Videos with contradictory structure, and videos without a picture track."""
# ruff: noqa: E501  # tables, where a case is one line

import struct
from collections.abc import Iterator

from testkit.corpus.bad_impostors import valid
from testkit.corpus.ebml_bytes import CLUSTER, HEADER, INFO, SEGMENT, TRACKS, document, element, elements, track, vint
from testkit.corpus.isobmff_bytes import box, boxes, film, ftyp, full
from testkit.corpus.riff_bytes import avi_parts, chunk, riff
from testkit.corpus.sample import AVI, MOV, MP4, MPEG, WEBM, WMV, Sample, bad

_FILE_PROPERTIES = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
_STREAM_PROPERTIES = bytes.fromhex("9107DCB7B7A9CF118EE600C00C205365")
_VIDEO_MEDIA = bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B")
_DATA_OBJECT = bytes.fromhex("3626B2758E66CF11A6D900AA0062CE6C")
_SCRIPT_COMMAND = bytes.fromhex("301AFB1E620BD011A39B00A0C90348F6")
_UNPROVEN = "malformed|unsupported_type"


def samples() -> Iterator[Sample]:
    yield from _mp4()
    yield from _mov()
    yield from _avi()
    yield from _wmv()
    yield from _mpeg()
    yield from _webm()


def _mp4() -> Iterator[Sample]:
    media, head = film(), ftyp(b"isom", b"isom", b"mp42")
    sound = media.last(head)
    moov, mdat = media.moov_for(len(head) + 8), box(b"mdat", media.media)
    tracks = list(boxes(media.moov))
    header = b"".join(box(kind, content) for kind, _, content in tracks if kind != b"trak")
    hints = media.moov.replace(b"vide", b"hint")
    at = sound.rindex(b"moov") - 4
    cases = {
        "no-moov": (head + mdat, "no moov box"),
        "no-mdat": (head + moov, "no media data"),
        "empty-mdat": (head + box(b"mdat") + moov, "no media data"),
        "moov-of-length-8": (head + mdat + box(b"moov"), "an empty movie"),
        "moov-without-tracks": (head + mdat + box(b"moov", header), "a movie without tracks"),
        "two-moov": (head + mdat + moov + moov, "there is exactly one movie"),
        "two-ftyp-mdat": (head + head + mdat, "no moov box"),
        "only-ftyp": (head, "ftyp only"),
        "ftyp-and-free": (head + box(b"free", bytes(5000)), "ftyp only"),
        "no-video-handler": (head + mdat + box(b"moov", hints), "no video track"),
        "box-of-size-1": (head + b"\0\0\0\1mdat\0\0\0\0\0\0\0\1" + sound[len(head) :], "a long size below 16"),
        "box-of-size-7": (head + b"\0\0\0\7free" + sound[len(head) :], "a size below 8"),
        "box-of-size-4": (sound[:at] + struct.pack(">I", 4) + sound[at + 4 :], "a size below 8"),
        "moov-beyond-the-end": (sound[:at] + struct.pack(">I", 1 << 30) + sound[at + 4 :], "longer than the file"),
        "mdat-beyond-the-end": (head + struct.pack(">I", 1 << 31) + b"mdat" + media.media + moov, "longer than the file"),
        "huge-long-size": (head + struct.pack(">I4sQ", 1, b"mdat", 1 << 62) + media.media, "2^62 bytes"),
        "negative-long-size": (head + struct.pack(">I4sQ", 1, b"mdat", (1 << 64) - 1) + media.media, "2^64-1 bytes"),
        "ftyp-beyond-the-end": (b"\0\1\0\0ftypisom" + bytes(4) + sound[len(head) :], "ftyp longer than the file"),
        "children-beyond-moov": (head + mdat + box(b"moov", header, b"\0\1\0\0trak"), "a track longer than its movie"),
        "moov-of-html": (head + mdat + box(b"moov", b"<html><script>alert(1)</script></html>"), "no boxes inside"),
        "moov-of-zeros": (head + mdat + box(b"moov", bytes(500)), "no boxes inside"),
        "random-tail": (sound + bytes((n * 97 + 13) % 256 for n in range(500)), "trailing bytes that are no box"),
        "mdat-only": (mdat, "media without a movie"),
        "init-segment": (_initialisation(), "the beginning of a stream, without media"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        reasons = f"{_UNPROVEN}|polyglot" if "html" in name or "tail" in name else _UNPROVEN
        yield bad(f"mp4/{name}", MP4, content, reasons, why)
    looped = head + mdat + box(b"moov", header, *[box(b"trak")] * 3)
    yield bad("mp4/empty-tracks", MP4, looped, _UNPROVEN, "tracks without anything in them")


def _initialisation() -> bytes:
    """Returns the initialisation segment of a fragmented video: everything except a fragment."""
    mvex = box(b"mvex", full(b"trex", struct.pack(">5I", 1, 1, 0, 0, 0)))
    return ftyp(b"iso5", b"iso5", b"dash") + film().moov_for(0, mvex)


def _mov() -> Iterator[Sample]:
    media, head = film("mov"), ftyp(b"qt  ", b"qt  ")
    mdat, moov = box(b"mdat", media.media), media.moov_for(len(head) + 8)
    cases = {
        "no-moov": head + mdat, "no-mdat": head + moov, "wide-only": box(b"wide") * 9, "free-only": box(b"free", bytes(900)),
        "mdat-only": mdat, "moov-empty": box(b"moov") + mdat, "two-moov": head + mdat + moov * 2, "skip-then-text":
        box(b"skip", bytes(8)) + b"this is text and not a film at all", "no-picture": mdat + box(b"moov", media.moov.replace(b"vide", b"text")),
        "moov-beyond-the-end": head + mdat + moov[:-500], "pnot-only": box(b"pnot", bytes(12)),
    }  # fmt: skip
    for name, content in cases.items():
        yield bad(f"mov/{name}", MOV, content, f"{_UNPROVEN}|polyglot", "it cannot contain a video track")


def _avi() -> Iterator[Sample]:
    sound, parts = valid()[AVI], avi_parts()
    header, movi = chunk(b"LIST", parts[b"hdrl"]), chunk(b"LIST", parts[b"movi"])
    cases = {
        "size-beyond-the-end": (sound[:4] + struct.pack("<I", 1 << 30) + sound[8:], "RIFF is longer than the file"),
        "no-movi": (riff(b"AVI ", header), "no media data"),
        "no-header": (riff(b"AVI ", movi), "there is no header"),
        "media-first": (riff(b"AVI ", movi, header), "the header comes first"),
        "empty": (riff(b"AVI "), "empty"),
        "only-junk": (riff(b"AVI ", chunk(b"JUNK", bytes(5000))), "empty"),
        "chunk-beyond-the-end": (riff(b"AVI ", header, b"LIST\xff\xff\xff\x7fmovi"), "media longer than the file"),
        "header-of-html": (riff(b"AVI ", chunk(b"LIST", b"hdrl<html><script>alert(1)</script>"), movi), "no header"),
        "no-streams": (riff(b"AVI ", chunk(b"LIST", parts[b"hdrl"][: 4 + 8 + 56]), movi), "no streams"),
        "no-picture": (sound.replace(b"vids", b"txts"), "no video stream"),
        "midi-and-text": (riff(b"AVI ", chunk(b"LIST", parts[b"hdrl"].replace(b"vids", b"mids")), movi), "no pictures"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(f"avi/{name}", AVI, content, f"{_UNPROVEN}|polyglot" if "html" in name else _UNPROVEN, why)


def _wmv() -> Iterator[Sample]:
    sound = valid()[WMV]
    head = struct.unpack_from("<Q", sound, 16)[0]
    data_at = sound.index(_DATA_OBJECT)

    def patched(at: int, kind: str, value: int) -> bytes:
        out = bytearray(sound)
        struct.pack_into(kind, out, at, value)
        return bytes(out)

    utf16 = "URLANDEXIT".encode("utf-16-le"), "https://evil.example/x.exe".encode("utf-16-le")
    commands = struct.pack("<HHH", 1, 1, 10) + utf16[0] + struct.pack("<IHH", 0, 0, len(utf16[1]) // 2) + utf16[1]
    script = _SCRIPT_COMMAND + struct.pack("<Q", 24 + 16 + len(commands)) + bytes(16) + commands
    objects = struct.unpack_from("<I", sound, 24)[0] + 1
    scripted = sound[:16] + struct.pack("<QI", head + len(script), objects) + sound[28:head] + script + sound[head:]
    size_at = scripted.index(_FILE_PROPERTIES) + 40
    scripted = scripted[:size_at] + struct.pack("<Q", len(scripted)) + scripted[size_at + 8 :]
    cases = {
        "header-beyond-the-end": (patched(16, "<Q", 1 << 40), "the header is longer than the file"),
        "header-of-24-bytes": (patched(16, "<Q", 24), "the header is too short"),
        "object-of-size-0": (patched(30 + 16, "<Q", 0), "an object size that includes its own header"),
        "object-beyond-the-header": (patched(30 + 16, "<Q", 1 << 33), "an object is longer than the header"),
        "no-file-properties": (sound.replace(_FILE_PROPERTIES, bytes(16)), "file properties are mandatory"),
        "no-streams": (sound.replace(_STREAM_PROPERTIES, bytes(16)), "there are no streams"),
        "no-picture": (sound.replace(_VIDEO_MEDIA, bytes(16)), "no video stream"),
        "no-data": (sound[:head], "there is no data object"), "data-unknown": (patched(data_at, "<Q", 0), "no data object"),
        "header-alone-twice": (sound[:head] * 2, "there is no data object"),
        "only-head": (sound[:30], "nothing but the head"),
        "wrong-file-size": (patched(sound.index(_FILE_PROPERTIES) + 40, "<Q", len(sound) * 9), "the file should be longer"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(f"wmv/{name}", WMV, content, _UNPROVEN, why)
    yield bad("wmv/script-command", WMV, scripted, "active_content|polyglot", "URLANDEXIT opens a page (Wimad, 2005)")


def _mpeg() -> Iterator[Sample]:
    pack = valid()[MPEG][:14]
    start = b"\0\0\x01"
    cases = {
        "pack-only": pack * 50, "packs-then-text": pack + b"nothing of a film follows here. " * 50,
        "padding-only": pack + (start + b"\xbe" + struct.pack(">H", 500) + b"\xff" * 500) * 5,
        "no-marker-bits": start + b"\xba" + bytes(10) + start + b"\xe0" + struct.pack(">H", 200) + bytes(200),
        "private-only": pack + (start + b"\xbf" + struct.pack(">H", 500) + bytes(500)) * 4,
        "end-code-only": start + b"\xb9" * 4, "system-header-only": pack + start + b"\xbb" + struct.pack(">H", 12) + bytes(12),
        "sequence-header-then-text": start + b"\xb3\x16\x01\x20\x13" + b"no more than a header " * 40,
    }  # fmt: skip
    for name, content in cases.items():
        yield bad(f"mpeg/{name}", MPEG, content, f"{_UNPROVEN}|polyglot", "no video stream")


def _webm() -> Iterator[Sample]:
    sound = valid()[WEBM]
    top = dict(elements(sound))
    head, inner = element(HEADER, top[HEADER]), dict(elements(top[SEGMENT]))
    info, tracks, cluster = (element(kind, inner[kind]) for kind in (INFO, TRACKS, CLUSTER))
    video = track(1, b"V_VP8")

    def segment(*parts: bytes) -> bytes:
        return head + element(SEGMENT, b"".join(parts))

    cases = {
        "no-segment": (head, "nothing but the header"), "empty-segment": (segment(), "empty"),
        "no-tracks": (segment(info, cluster), "there are no tracks"), "no-cluster": (segment(info, tracks), "no media"),
        "segment-beyond-the-end": (head + SEGMENT + vint(1 << 40, 8) + info + tracks + cluster, "longer than the file"),
        "cluster-beyond-the-end": (segment(info, tracks) + CLUSTER + vint(1 << 33, 8) + bytes(99), "longer than the file"),
        "header-beyond-the-end": (HEADER + vint(1 << 20) + top[HEADER], "longer than the file"),
        "no-doctype": (element(HEADER, element(b"\x42\x86", b"\x01")) + element(SEGMENT, tracks + cluster), "no type"),
        "doctype-matroska": (document(b"matroska", video), "Matroska is not WebM"),
        "doctype-weebm": (document(b"weebm", video), "no such type"), "doctype-long": (document(b"webm-evil", video), "none"),
        "tracks-of-html": (segment(info, element(TRACKS, b"<html><script>alert(1)</script>"), cluster), "no tracks"),
        "invalid-size": (HEADER + b"\0" * 9 + sound, "a size of nine bytes"), "zero-identifier": (head + bytes(500), "none"),
        "segment-of-noise": (segment(bytes((n * 89 + 7) % 256 for n in range(3000))), "no elements"),
    }  # fmt: skip
    for name, (content, why) in cases.items():
        yield bad(f"webm/{name}", WEBM, content, f"{_UNPROVEN}|polyglot" if "html" in name else _UNPROVEN, why)
