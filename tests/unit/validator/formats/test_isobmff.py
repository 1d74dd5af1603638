"""The parser of MP4 and QuickTime."""

import struct

import pytest

from testkit.samples.videos import (
    PICTURES,
    box,
    chunk_offsets,
    data_reference,
    faststart,
    file_type,
    fragment,
    fragmented,
    handler,
    movie,
    mp4,
    sample_description,
    track,
)
from tests.unit.validator.formats.parsing import cost, outcome
from validator.formats import isobmff
from validator.formats.polyglots.second_file import MAX_PADDING

MP4, QUICKTIME = "video/mp4", "video/quicktime"
MEDIA = box(b"mdat", PICTURES)

INSTA360 = struct.pack("<II", 240, 3) + b"8db42d694ccc418790edff439fe026bf"
AUTO_VOX = b"gpsa\x04\0\0\0\x01\x20\0\0" + b"gps0\x28\0\0\0AITG" + bytes(range(36))

MP4_BRANDS = [
    "isom",
    "iso2",
    "iso3",
    "iso4",
    "iso5",
    "iso6",
    "iso7",
    "iso8",
    "iso9",
    "mp41",
    "mp42",
    "avc1",
    "hvc1",
    "av01",
    "dash",
    "cmfc",
    "cmf2",
    "hlsf",
    "M4V_",
    "M4VH",
    "M4VP",
    "MSNV",
    "XAVC",
    "mmp4",
    "f4v_",
    "F4V_",
    "ndsc",
    "NDSC",
    "piff",
    "isml",
    "dby1",
    "msdh",
    "CAEP",
]
ACCEPTED = {
    "the movie box at the end": (mp4(), MP4),
    "the movie box in front": (faststart(), MP4),
    "free before the file type": (mp4(before=box(b"free", bytes(20)) + file_type()), MP4),
    "skip before the file type": (mp4(before=box(b"skip") + file_type()), MP4),
    "wide and free before the media": (mp4(between=box(b"wide") + box(b"free", bytes(9))), MP4),
    "uuid before the file type": (mp4(before=box(b"uuid", bytes(30)) + file_type()), MP4),
    "a 64-bit media size": (mp4(media=box(b"mdat", PICTURES, wide=True)), MP4),
    "media to the end of the file": (faststart()[: -len(MEDIA)] + box(b"mdat", PICTURES, size=0), MP4),
    "a 64-bit movie size": (
        file_type() + MEDIA + box(b"moov", movie(track(offsets=chunk_offsets(28)))[8:], wide=True),
        MP4,
    ),
    "64-bit chunk offsets": (file_type() + MEDIA + movie(track(offsets=chunk_offsets(28, wide=True))), MP4),
    "an unknown major brand with a known compatible one": (mp4(before=file_type(b"zzzz", b"isom")), MP4),
    "MP4 that QuickTime can play too": (mp4(before=file_type(b"mp42", b"qt  ", b"isom")), MP4),
    "fragments": (fragmented(), MP4),
    "one fragment": (fragmented(1), MP4),
    "hundreds of fragments": (fragmented(500), MP4),
    "fragments as long as those of a camera": (fragmented(40, bytes(80_000)), MP4),
    "fragments with indexes and events between": (
        fragmented(1) + box(b"styp", b"msdhmsdh") + box(b"sidx", bytes(24)) + box(b"emsg", bytes(9)) + fragment(),
        MP4,
    ),
    "metadata, index and unknown boxes at the end": (
        mp4(after=box(b"meta", bytes(9)) + box(b"mfra", bytes(16)) + box(b"zzzz", b"?") + box(b"free")),
        MP4,
    ),
    "a few zeros at the end": (mp4(after=bytes(100)), MP4),
    "four zeros at the end": (mp4(after=bytes(4)), MP4),
    "a box inserted in front without adjusted offsets": (box(b"free", bytes(900)) + mp4(), MP4),
    "sound before the video": (file_type() + MEDIA + movie(track(b"soun"), track(offsets=chunk_offsets(28))), MP4),
    "a track without a handler": (
        file_type() + MEDIA + movie(box(b"trak", box(b"tkhd", bytes(84))), track(offsets=chunk_offsets(28))),
        MP4,
    ),
    "the sample tables of a long video": (
        file_type() + MEDIA + movie(track(offsets=box(b"stsz", bytes(3_000_000)) + chunk_offsets(*[28] * 90_000))),
        MP4,
    ),
    "QuickTime by its major brand": (mp4(before=file_type(b"qt  ")), QUICKTIME),
    "QuickTime that lists MP4": (mp4(before=file_type(b"qt  ", b"mp42", b"isom")), QUICKTIME),
    "an unknown major brand with QuickTime as compatible": (mp4(before=file_type(b"zzzz", b"qt  ")), QUICKTIME),
    "classic QuickTime": (mp4(before=b""), QUICKTIME),
    "classic QuickTime with the movie first": (movie(track(offsets=chunk_offsets(8 + 487))) + MEDIA, QUICKTIME),
    "classic QuickTime after wide": (mp4(before=box(b"wide")), QUICKTIME),
    "classic QuickTime with a preview": (mp4(before=box(b"pnot", bytes(12)) + box(b"PICT", bytes(40))), QUICKTIME),
    "user data that ends with four zeros": (
        file_type()
        + MEDIA
        + box(b"moov", movie(track(offsets=chunk_offsets(28)))[8:], box(b"udta", bytes(4)), bytes(4)),
        MP4,
    ),
    "a data reference to the file itself": (mp4(dinf=data_reference(b"url ", 1, b"")), MP4),
    "many zeros at the end": (mp4(after=bytes(20_000)), MP4),
    "records of Insta360": (mp4(after=bytes(range(200)) + INSTA360), MP4),
    "a picture and records of Insta360": (mp4(after=b"\xff\xd8\xff\xe0" + bytes(range(196)) + INSTA360), MP4),
    "positions of Kenwood": (mp4(after=b"C" * 14 + b"GPSDATA--20240711120412N50.6123860677E8.7027180989" * 9), MP4),
    "chunks of Auto-Vox": (mp4(after=AUTO_VOX), MP4),
    "chunks of Auto-Vox and zeros": (mp4(after=AUTO_VOX + bytes(40)), MP4),
    "positions of Cobra in a box that is too long": (mp4(after=box(b"gps0", PICTURES, size=5000)), MP4),
    "MP4 by a phone that says 3GP": (mp4(before=file_type(b"3gp4", b"isom", b"3gp4")), MP4),
    "an alias of QuickTime": (mp4(dinf=data_reference(b"alis", 0, bytes(40))), MP4),
}
UNSUPPORTED = {
    **{
        f"brand {brand}": mp4(before=file_type(brand.replace("_", " ").encode()))
        for brand in [
            "heic",
            "heix",
            "heim",
            "heis",
            "hevc",
            "hevx",
            "mif1",
            "msf1",
            "avif",
            "avis",
            "miaf",
            "crx_",
            "jp2_",
            "mjp2",
            "M4A_",
            "M4B_",
            "M4P_",
            "F4A_",
            "3gp4",
            "3gp5",
            "3gp6",
            "3gr6",
            "3ge6",
            "3g2a",
            "3g2b",
            "zzzz",
        ]
    },
    "H.263 in 3GP": mp4(before=file_type(b"3gp4", b"isom"), description=sample_description(box(b"s263", bytes(78)))),
    "encrypted pictures": mp4(description=sample_description(box(b"encv", bytes(78)))),
    "pictures with a protection scheme": mp4(
        description=sample_description(box(b"avc1", bytes(78), box(b"sinf", box(b"frma", b"avc1"))))
    ),
    "encrypted sound": file_type()
    + MEDIA
    + movie(track(offsets=chunk_offsets(28)), track(b"soun", description=sample_description(box(b"enca", bytes(28))))),
    "a HEIC photo of brand isom": file_type(b"isom", b"mif1", b"heic") + box(b"meta", handler(b"pict")) + MEDIA,
    "only sound": file_type() + MEDIA + movie(track(b"soun", offsets=chunk_offsets(28))),
    "only text": file_type() + MEDIA + movie(track(b"text", offsets=chunk_offsets(28))),
    "no tracks": file_type() + MEDIA + movie(),
    "a compressed movie header": file_type() + MEDIA + box(b"moov", box(b"cmov", bytes(30))),
    "references to other movies": file_type() + MEDIA + box(b"moov", box(b"rmra", bytes(30))),
}
MALFORMED = {
    "only the file type": file_type(),
    "the file type and something else": file_type() + PICTURES * 9,
    "the file type and zeros": file_type() + bytes(9000),
    "no movie": file_type() + MEDIA,
    "no media": file_type() + movie(track(offsets=chunk_offsets(28))),
    "empty media": file_type() + box(b"mdat") + movie(track(offsets=chunk_offsets(28))),
    "two movies": mp4() + movie(track()),
    "two file types": mp4(after=file_type()),
    "the file type after the media": MEDIA + file_type() + movie(track(offsets=chunk_offsets(8))),
    "a file type of odd length": mp4(before=box(b"ftyp", b"isom", bytes(4), b"iso")),
    "a file type without brands": mp4(before=box(b"ftyp", b"isom")),
    "a movie without header": file_type() + MEDIA + box(b"moov", track(offsets=chunk_offsets(28))),
    "a movie of zeros": file_type() + MEDIA + box(b"moov", bytes(500)),
    "a video track without information": file_type()
    + MEDIA
    + movie(box(b"trak", box(b"mdia", box(b"mdhd", bytes(24)), handler(b"vide")))),
    "a video track without codec": mp4(description=sample_description(b"", 0)),
    "a codec entry that is too short": mp4(description=sample_description(box(b"avc1", bytes(4)) + bytes(90))),
    "a codec entry that is too long": mp4(description=sample_description(box(b"avc1", bytes(78), size=9999))),
    "more codecs than fit": mp4(description=sample_description(count=4_000_000)),
    "a box larger than its parent": file_type() + MEDIA + movie(box(b"trak", bytes(40), size=90_000)),
    "a box smaller than its header": file_type() + MEDIA + movie(box(b"trak", bytes(40), size=7)),
    "stray bytes between boxes": file_type() + MEDIA + movie(track(offsets=chunk_offsets(28)), b"\x01\x02\x03"),
    "pictures beyond the end": file_type() + MEDIA + movie(track(offsets=chunk_offsets(28, 99_999))),
    "more chunks than fit": file_type() + MEDIA + movie(track(offsets=box(b"stco", bytes(4), b"\xff" * 4, bytes(40)))),
    "no pictures at all": file_type() + MEDIA + movie(track()),
    "fragments announced but missing": file_type() + movie(track(), fragmented=True) + MEDIA,
    "fragments that were not announced": file_type() + movie(track()) + fragment(),
    "only a media segment": box(b"styp", b"msdhmsdh") + fragment(),
    "cut in the media": faststart()[:-1],
    "cut in the movie": mp4()[:-1],
    "cut in a header": mp4(after=box(b"free"))[:-3],
    "cut in a late fragment": fragmented(40, bytes(50_000))[:-1],
    "a 64-bit size beyond the end": file_type() + box(b"mdat", PICTURES, wide=True, size=1 << 62),
    "a 64-bit size smaller than its header": file_type() + box(b"mdat", PICTURES, wide=True, size=15),
    "other data after the end": mp4(after=b"\x83\x92\x01" * 9),
    "more data behind records of Insta360": mp4(after=bytes(range(200)) + INSTA360 + bytes(range(90))),
    "records of Insta360 behind a cut movie": mp4()[:-40] + bytes(range(200)) + INSTA360,
    "media that is too long": mp4(after=box(b"mdat", PICTURES, size=5000)),
    "a movie that is too long": mp4(after=box(b"moov", PICTURES, size=5000)),
    "many zeros after the end": mp4(after=bytes(MAX_PADDING + 1)),
    "thousands of tracks": file_type() + MEDIA + movie(*[track()] * 200),
    "thousands of empty boxes": file_type() + box(b"free") * 5000,
}
HIDDEN = b"PK\x03\x04\x14\x00" + bytes(range(194))
POLYGLOT = {
    "an archive as records of Insta360": HIDDEN + INSTA360,
    "an archive in a chunk of Auto-Vox": AUTO_VOX + b"gps0" + len(HIDDEN).to_bytes(4, "little") + HIDDEN,
    "an archive in a box that is too long": box(b"gps0", HIDDEN, size=5000),
    "an archive behind many zeros": bytes(100_000) + HIDDEN,
    "an archive": b"PK\x03\x04\x14\x00" + bytes(60),
    "a program": b"\x7fELF\x02\x01\x01" + bytes(60),
    "a page": b"<html><body>hello</body></html>",
    "a script": b"<?php system($_GET[0]); ?>",
    "text": b"something that a person could read",
    "a photo": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(60),
}


@pytest.mark.parametrize(("data", "mime"), ACCEPTED.values(), ids=ACCEPTED)
def test_valid_movie_is_accepted_as_the_type_of_its_brand(data, mime):
    assert outcome(isobmff, data) == mime


@pytest.mark.parametrize("brand", MP4_BRANDS)
def test_common_major_brand_is_accepted_as_mp4(brand):
    assert outcome(isobmff, mp4(before=file_type(brand.replace("_", " ").encode()))) == MP4


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_related_file_without_mp4_video_is_unsupported(data):
    """Photos, sound files and 3GP consist of the same boxes."""
    assert outcome(isobmff, data) == "unsupported_type"


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_broken_movie_is_malformed(data):
    assert outcome(isobmff, data) == "malformed"


@pytest.mark.parametrize("tail", POLYGLOT.values(), ids=POLYGLOT)
def test_foreign_file_after_the_movie_is_a_polyglot(tail):
    assert outcome(isobmff, mp4(after=tail)) == "polyglot"


def test_data_reference_to_a_url_is_active_content():
    """A player would open the address."""
    link = data_reference(b"url ", 0, b"http://example.com/video\x00")
    assert outcome(isobmff, mp4(dinf=link)) == "active_content"


def test_long_video_costs_few_ranges():
    """Large sample tables are not read."""
    data, _ = ACCEPTED["the sample tables of a long video"]
    assert cost(isobmff, data).ranges <= 8
    assert cost(isobmff, data).bytes_read <= 64 * 1024


def test_cost_does_not_grow_with_the_number_of_fragments():
    spent = cost(isobmff, fragmented(1000, bytes(20_000)))
    assert spent.ranges <= isobmff.ENOUGH_RANGES + 1
    assert spent.bytes_read <= 160 * 1024


@pytest.mark.parametrize("handled", [b"vide", b"soun", b"text", b"tmcd", b"zzzz"])
@pytest.mark.parametrize("kind", [b"url ", b"urn ", b"alis", b"rsrc", b"zzzz"])
@pytest.mark.parametrize("flags", [0, 1])
def test_link_in_any_track_is_active_content(handled, kind, flags):
    """A flag says that the media is in the file; ffmpeg reads long aliases nevertheless."""
    link = data_reference(kind, flags, b"https://evil.example/" + b"x" * 150)
    video = faststart()
    assert outcome(isobmff, video) == MP4
    movie_at = len(file_type())
    second = movie(track(offsets=chunk_offsets(len(file_type()) + 8)), track(handled, dinf=link))
    assert outcome(isobmff, video[:movie_at] + MEDIA + second) == "active_content"


@pytest.mark.parametrize("link", [b"", b"\0", bytes(40)])
def test_reference_without_an_address_is_accepted(link):
    assert outcome(isobmff, mp4(dinf=data_reference(b"alis", 0, link))) == MP4


def test_damaged_track_that_is_no_video_is_accepted():
    second = movie(track(offsets=chunk_offsets(len(file_type()) + 8)), track(b"meta", dinf=box(b"dinf", b"\xff" * 30)))
    assert outcome(isobmff, file_type() + MEDIA + second) == MP4
