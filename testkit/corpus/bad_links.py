"""Videos whose media is in another file or behind an address: in every kind of track, by every kind of reference."""

from collections.abc import Iterator

from testkit.corpus.isobmff_bytes import box, data_track, film, ftyp, full
from testkit.corpus.sample import MOV, MP4, Sample, bad

_ALIAS = b"\0\0\0\0\x01\x2c\0\x02\0\0" + b"\x09Macintosh" + bytes(120) + b"\x09movie.mov" + bytes(90)
REFERENCES = {
    "url": full(b"url ", b"https://evil.example/x.mp4\0"),
    "url-file": full(b"url ", b"file:///etc/passwd\0"),
    "url-flagged": full(b"url ", b"https://evil.example/x.mp4\0", flags=1),
    "urn": full(b"urn ", b"urn:x\0https://evil.example/x.mp4\0"),
    "alis": full(b"alis", _ALIAS),
    "alis-flagged": full(b"alis", _ALIAS, flags=1),
    "rsrc": full(b"rsrc", _ALIAS),
    "unknown": full(b"zzzz", b"https://evil.example/x.mp4\0"),
}
"""Entries of a data reference box (ISO/IEC 14496-12, 8.7.2; QuickTime File Format, "Data Reference Atoms")."""
_HANDLERS = (b"soun", b"text", b"tmcd", b"sbtl", b"meta", b"hint")
_INSIDE = box(b"dinf", full(b"dref", b"\0\0\0\x01", full(b"url ", flags=1)))
_WHY = "a player opens the address"


def linked(entry: bytes) -> bytes:
    return box(b"dinf", full(b"dref", (1).to_bytes(4), entry))


def samples() -> Iterator[Sample]:
    for name, entry in REFERENCES.items():
        for handler in _HANDLERS:
            track = data_track(9, handler, b"mp4a", 40, 1).replace(_INSIDE, linked(entry))
            content = film().last(ftyp(b"isom", b"isom", b"mp42"), extra=(_sized(track, entry),))
            yield bad(f"link/mp4-{handler.decode()}-{name}", MP4, content, "active_content", _WHY)
        pictures = film("mov").last(ftyp(b"qt  ", b"qt  "), extra=(_picture_track(entry),))
        yield bad(f"link/mov-second-picture-track-{name}", MOV, pictures, "active_content", _WHY)
    items = full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(13)), linked(REFERENCES["url"]))
    yield bad("link/mp4-meta", MP4, film().last(ftyp(b"mp42"), tail=items), "active_content", _WHY)
    yield bad("link/mp4-meta-in-moov", MP4, film().last(ftyp(b"mp42"), extra=(items,)), "active_content", _WHY)


def _sized(track: bytes, entry: bytes) -> bytes:
    """Returns the track with the sizes of the boxes around its data reference corrected."""
    grown = len(linked(entry)) - len(_INSIDE)
    out = bytearray(track)
    for kind in (b"trak", b"mdia", b"minf"):
        at = out.index(kind) - 4
        out[at : at + 4] = (int.from_bytes(out[at : at + 4]) + grown).to_bytes(4)
    return bytes(out)


def _picture_track(entry: bytes) -> bytes:
    track = data_track(9, b"vide", b"avc1", 40, 1).replace(_INSIDE, linked(entry))
    return _sized(track, entry)
