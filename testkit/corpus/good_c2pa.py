"""Files with content credentials in every container for which C2PA defines an embedding (C2PA 2.1, appendix A).

They hold what signing cameras and editors write: a manifest store in JUMBF (ISO 19566-5) with a thumbnail, CBOR, JSON
with links, certificates and a signature. Scanners have reported such photos as infected or broken.
"""

import base64
import struct
from collections.abc import Iterator

from testkit.corpus.good_webp_bmp import vp8x
from testkit.corpus.isobmff_bytes import box, film, ftyp
from testkit.corpus.jpeg_bytes import jpeg, segment, with_segments
from testkit.corpus.png_bytes import chunk as png_chunk
from testkit.corpus.png_bytes import extension, gif, png
from testkit.corpus.riff_bytes import chunk, chunks, riff
from testkit.corpus.sample import AVI, GIF, JPEG, MOV, MP4, PNG, SVG, TIFF, WEBP, Sample, good
from testkit.corpus.tiff_bytes import UNDEFINED, rgb, tiff
from testkit.corpus.tools import clip, convert

_UUID_TAIL = bytes.fromhex("00110010800000aa00389b71")
_BMFF_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_JSON = (
    b'{"@context":"https://schema.org","@type":"CreativeWork","author":[{"@type":"Person","name":"Ann <a@example.org>",'
    b'"identifier":"https://www.example.org/ann"}],"url":"https://contentauthenticity.org/?q=a&b=c"}'
)
_CBOR = b"\xa3calgfsha256jclaim_generatortPhenom Camera/1.0 (a)csig\x78\x1bself#jumbf=c2pa.signature"
_CERTIFICATE = b"\x30\x82\x04\x00\x30\x82\x02\xe8" + b"http://ocsp.example.org/" + bytes(range(256)) * 3
_SVG_NAMES = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"'
SEGMENT_BYTES = 60_000
"""A JPEG segment holds 64 KB, so large manifest stores span several."""


def _superbox(kind: bytes, label: bytes, *content: bytes) -> bytes:
    """Returns a JUMBF superbox: its description (type, toggles, label), then its content."""
    return box(b"jumb", box(b"jumd", kind + _UUID_TAIL, b"\x03", label + b"\0"), *content)


def store(thumbnail: bytes, hashes: int = 32) -> bytes:
    """Returns a manifest store; `hashes` are the bytes of the hash assertion."""
    assertions = _superbox(
        b"c2as", b"c2pa.assertions",
        _superbox(b"\x40\xcb\x0c\x32", b"c2pa.thumbnail.claim.jpeg",
                  box(b"bfdb", b"\0image/jpeg\0"), box(b"bidb", thumbnail)),
        _superbox(b"cbor", b"c2pa.hash.data", box(b"cbor", bytes(n % 251 for n in range(hashes)))),
        _superbox(b"json", b"stds.schema-org.CreativeWork", box(b"json", _JSON)),
    )  # fmt: skip
    claim = _superbox(b"c2cl", b"c2pa.claim", box(b"cbor", _CBOR))
    signature = _superbox(b"c2cs", b"c2pa.signature", box(b"cbor", b"\xd2\x84\x43\xa1\x01\x26" + _CERTIFICATE))
    manifest = _superbox(b"c2ma", b"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", assertions, claim, signature)
    return _superbox(b"c2pa", b"c2pa", manifest)


def _app11(data: bytes) -> list[bytes]:
    """Returns the APP11 segments of a superbox: each repeats its length and type (ISO 19566-5, annex D)."""
    head, payload = data[:8], data[8:]
    pieces = [payload[at : at + SEGMENT_BYTES] for at in range(0, len(payload), SEGMENT_BYTES)]
    return [
        segment(0xEB, b"JP\x02\x11" + struct.pack(">I", number) + head + piece)
        for number, piece in enumerate(pieces, 1)
    ]


def samples() -> Iterator[Sample]:
    small, large = store(jpeg(size=(64, 48))), store(jpeg(size=(256, 192), quality=95), hashes=150_000)
    yield from _images(small, large)
    yield from _drawings(small)
    yield from _films(small, large)


def _images(small: bytes, large: bytes) -> Iterator[Sample]:
    photo = jpeg(quality=90)
    yield good("c2pa/jpeg", JPEG, with_segments(photo, *_app11(small)), "content credentials in APP11")
    yield good("c2pa/jpeg-segments", JPEG, with_segments(photo, *_app11(large)), "credentials in several segments")
    yield good("c2pa/png", PNG, png(before=png_chunk(b"caBX", small)), "credentials in caBX")
    yield good("c2pa/png-large", PNG, png(before=png_chunk(b"caBX", large)), "credentials of 150 KB")
    bitstream = [chunk(kind, content) for kind, content in chunks(convert("webp", "-size 64x48 plasma:red")[12:])]
    extended = riff(b"WEBP", vp8x(0, 64, 48), *bitstream, chunk(b"C2PA", small))
    yield good("c2pa/webp", WEBP, extended, "credentials in the last chunk")
    yield good("c2pa/webp-simple", WEBP, riff(b"WEBP", *bitstream, chunk(b"C2PA", small)), "without VP8X, as c2patool")
    for name, order in (("intel", "<"), ("motorola", ">")):
        page = rgb(extra={0xCD41: (UNDEFINED, small)})
        yield good(f"c2pa/tiff-{name}", TIFF, tiff(page, order=order), "credentials in tag 0xCD41")
    content = gif(before=extension(0xFF, b"C2PA_GIF\x01\0\0", small))
    yield good("c2pa/gif", GIF, content, "credentials in an application extension")


def _drawings(small: bytes) -> Iterator[Sample]:
    encoded = base64.b64encode(small).decode()
    manifest = f'<c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">{encoded}</c2pa:manifest>'
    outer = f'<metadata><c2pa:manifest>{encoded}</c2pa:manifest></metadata><circle r="4"/>'
    drawing = f'<svg {_SVG_NAMES}><metadata>{manifest}</metadata><circle r="4"/></svg>'
    yield good("c2pa/svg", SVG, drawing.encode(), "credentials in metadata")
    declared = f'<svg {_SVG_NAMES} xmlns:c2pa="http://c2pa.org/manifest">{outer}</svg>'
    yield good("c2pa/svg-root-namespace", SVG, declared.encode(), "the namespace declared by the root")


def _films(small: bytes, large: bytes) -> Iterator[Sample]:
    manifest = box(b"uuid", _BMFF_UUID, bytes(4), b"manifest\0", bytes(8), small)
    merkle = box(b"uuid", _BMFF_UUID, bytes(4), b"merkle\0", bytes(range(64)))
    head = ftyp(b"isom", b"isom", b"mp42")
    yield good("c2pa/mp4", MP4, film().first(head + manifest), "credentials in a uuid box behind ftyp")
    yield good("c2pa/mp4-recorder", MP4, film().last(head + manifest, tail=merkle), "and Merkle trees at the end")
    big = box(b"uuid", _BMFF_UUID, bytes(4), b"manifest\0", bytes(8), large)
    yield good("c2pa/mp4-large", MP4, film().first(head + big), "credentials of 150 KB")
    quicktime = film("mov", "-c:v mjpeg -pix_fmt yuvj420p", "-c:a pcm_s16le")
    yield good("c2pa/mov", MOV, quicktime.first(ftyp(b"qt  ", b"qt  ") + manifest), "credentials in QuickTime")
    movie = clip("avi", "-c:v mjpeg", audio="-c:a pcm_s16le")
    parts = [chunk(kind, content) for kind, content in chunks(movie[12:])]
    yield good("c2pa/avi", AVI, riff(b"AVI ", *parts, chunk(b"C2PA", small)), "credentials in the last chunk")
