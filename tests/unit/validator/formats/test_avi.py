"""The parser of AVI."""

import pytest

from testkit.samples.videos import PICTURES, avi, avi_header, avi_media, avi_stream, chunk, riff_list
from tests.unit.validator.formats.parsing import cost, outcome
from validator.formats.riff import avi as parser

JUNK = chunk(b"JUNK", bytes(21))
INDEX = chunk(b"idx1", bytes(16))
SOUND = chunk(b"01wb", bytes(40))
FRAME = chunk(b"00dc", PICTURES)
FURTHER = chunk(b"RIFF", b"AVIX", riff_list(b"movi", FRAME))
TWO_STREAMS = avi_header(avi_stream(), avi_stream(b"auds"))

ACCEPTED = {
    "a minimal file": avi(),
    "padding, information and an index": avi(
        JUNK, avi_header(), riff_list(b"INFO", chunk(b"ISFT", b"camera\x00")), JUNK, avi_media(), INDEX
    ),
    "uncompressed frames": avi(avi_header(), avi_media(chunk(b"00db", PICTURES))),
    "sound first": avi(TWO_STREAMS, avi_media(SOUND, SOUND, FRAME)),
    "a dropped frame first": avi(avi_header(), avi_media(chunk(b"00dc"), FRAME)),
    "frames in groups": avi(avi_header(), avi_media(riff_list(b"rec ", SOUND, FRAME))),
    "an index and a palette before the frames": avi(
        avi_header(), avi_media(chunk(b"ix00", bytes(24)), chunk(b"00pc", bytes(8)), FRAME)
    ),
    "DV in one stream": avi(avi_header(avi_stream(b"iavs")), avi_media(chunk(b"00__", PICTURES))),
    "video in the second stream": avi(
        avi_header(avi_stream(b"auds"), avi_stream()), avi_media(chunk(b"00wb", b"?"), chunk(b"01dc", PICTURES))
    ),
    "OpenDML": avi() + FURTHER,
    "OpenDML with many segments": avi() + FURTHER * 6,
    "a size that includes the header": avi(size=len(avi())),
    "a size that is somewhat short": avi(avi_header(), avi_media(), INDEX * 3, size=len(avi()) - 20),
    "zeros between the chunks": avi(bytes(4), avi_header(), bytes(9), avi_media(), bytes(4), INDEX),
    "zeros between the frames": avi(avi_header(), avi_media(bytes(4), SOUND, bytes(8), FRAME)),
    "an index and filler behind": avi() + INDEX + JUNK,
    "data in a private form behind": avi() + chunk(b"RIFF", b"GPS ", chunk(b"gps0", bytes(9))) + INDEX,
    "many zeros at the end": avi() + bytes(20_000),
    "a few zeros at the end": avi() + bytes(10),
    "no padding after the last odd chunk": avi(avi_header(), avi_media(), chunk(b"JUNK", b"odd")[:-1]),
}
UNSUPPORTED = {
    "only sound": avi(avi_header(avi_stream(b"auds")), avi_media(chunk(b"00wb", PICTURES))),
    "only text": avi(avi_header(avi_stream(b"txts")), avi_media(chunk(b"00tx", PICTURES))),
}
MALFORMED = {
    "only the signature": avi()[:12],
    "the signature and something else": b"RIFF\x00\x02\x00\x00AVI " + PICTURES,
    "no header": avi(avi_media()),
    "a header without avih": avi(riff_list(b"hdrl", avi_stream()), avi_media()),
    "a short avih": avi(riff_list(b"hdrl", chunk(b"avih", bytes(20)), avi_stream()), avi_media()),
    "a stream without strh": avi(avi_header(riff_list(b"strl", chunk(b"strf", bytes(40)))), avi_media()),
    "a short strh": avi(avi_header(riff_list(b"strl", chunk(b"strh", b"vids"))), avi_media()),
    "hundreds of streams": avi(avi_header(*[avi_stream()] * 300), avi_media()),
    "no media": avi(avi_header(), INDEX),
    "empty media": avi(avi_header(), riff_list(b"movi")),
    "media without frames": avi(TWO_STREAMS, avi_media(SOUND, SOUND)),
    "frames of a stream that does not exist": avi(avi_header(), avi_media(chunk(b"07dc", PICTURES))),
    "empty frames": avi(avi_header(), avi_media(chunk(b"00dc"))),
    "the media before the header": avi(avi_media(), avi_header()),
    "a chunk larger than its list": avi(riff_list(b"hdrl", chunk(b"avih", bytes(56), size=9999)), avi_media()),
    "a size of zero": avi(size=0),
    "a size of all ones": avi(size=0xFFFFFFFF),
    "cut in the index": avi(avi_header(), avi_media(), INDEX)[:-1],
    "cut in the media": avi()[:-100],
    "cut in a further segment": (avi() + FURTHER)[:-20],
    "other data after the end": avi() + b"\x83\x92\x01" * 9,
    "thousands of chunks": avi(*[chunk(b"JUNK")] * 6000),
}
POLYGLOT = {
    "an archive in filler behind": avi() + chunk(b"JUNK", b"PK\x03\x04\x14\x00" + bytes(60)),
    "a program in data behind": avi() + chunk(b"RIFF", b"GPS ", b"\x7fELF\x02\x01\x01" + bytes(60)),
    "a second video": avi() + avi(),
    "an archive behind many zeros": avi() + bytes(20_000) + b"PK\x03\x04\x14\x00" + bytes(60),
    "an archive": avi() + b"PK\x03\x04\x14\x00" + bytes(60),
    "an archive after a further segment": avi() + FURTHER + b"Rar!\x1a\x07\x01\x00" + bytes(60),
    "a script": avi() + b"#!/bin/sh\nrm -rf /\n",
    "a sound file": avi() + b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(30),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_valid_avi_is_accepted(data):
    assert outcome(parser, data) == "video/x-msvideo"


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_avi_without_video_is_unsupported(data):
    assert outcome(parser, data) == "unsupported_type"


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_broken_avi_is_malformed(data):
    assert outcome(parser, data) == "malformed"


@pytest.mark.parametrize("data", POLYGLOT.values(), ids=POLYGLOT)
def test_foreign_file_after_the_video_is_a_polyglot(data):
    assert outcome(parser, data) == "polyglot"


def test_long_video_costs_few_ranges():
    """Frames after the first are not read."""
    data = avi(avi_header(), avi_media(*[chunk(b"00dc", bytes(50_000))] * 200), INDEX)
    assert cost(parser, data).ranges <= 4
