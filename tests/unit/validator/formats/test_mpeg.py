"""The parser of MPEG program streams."""

import pytest

from testkit.samples.videos import END, PACK_1, PACK_2, PICTURES, packet, program_stream
from tests.unit.validator.formats.parsing import cost, outcome
from validator.formats import mpeg

SYSTEM = packet(0xBB, bytes(12))
SOUND = packet(0xC0)
PRIVATE = packet(0xBD)
PADDING = packet(0xBE, b"\xff" * 50)
LONG = program_stream(packet(body=b"\x80\x00\x00" + bytes(2000)), count=200)

ACCEPTED = {
    "MPEG-2": program_stream(),
    "many zeros at the end": program_stream() + bytes(60_000),
    "MPEG-1": program_stream(packet(body=b"\x0f" + PICTURES), pack=PACK_1),
    "MPEG-1 with time stamps": program_stream(packet(body=b"\x21\x00\x01\x00\x01" + PICTURES), pack=PACK_1),
    "MPEG-1 with stuffing": program_stream(packet(body=b"\xff\xff\x60\x2e\x31" + PICTURES), pack=PACK_1),
    "a system header and an end code": program_stream(SYSTEM, SOUND, packet()) + END,
    "a DVD's packs": program_stream(PRIVATE, PADDING, packet()),
    "stuffing in the pack header": program_stream(pack=PACK_2[:-1] + b"\xfb\xff\xff\xff"),
    "sectors filled up with zeros": program_stream(packet(), bytes(20)),
    "empty sectors of a Video CD": program_stream() + bytes(5 * 2324) + program_stream(),
    "zeros at the end": program_stream() + END + bytes(2000),
    "two programs in a row": (program_stream() + END) * 2,
    "video after some sound": program_stream(SOUND, count=60) + program_stream(),
    "a long stream": LONG,
    "a long stream with large packets": program_stream(packet(body=b"\x80\x00\x00" + bytes(65_000)), count=9),
    "start codes inside of packets": program_stream(
        packet(body=b"\x80\x00\x00" + b"\x00\x00\x01\xbd\x00\x09" * 300), count=90
    ),
}
UNSUPPORTED = {
    "only sound": program_stream(SOUND),
    "only packs": program_stream(b"", count=20),
    "the bare video stream": b"\x00\x00\x01\xb3\x16\x01\x20\x13" + PICTURES,
    "a transport stream": (b"\x47\x40\x00\x10" + bytes(184)) * 20,
}
MALFORMED = {
    "only the signature": b"\x00\x00\x01\xba",
    "the signature and something else": b"\x00\x00\x01\xba" + PICTURES,
    "a marker bit that is missing (MPEG-1)": program_stream(pack=PACK_1[:6] + b"\x00" + PACK_1[7:]),
    "a marker bit that is missing (MPEG-2)": program_stream(pack=PACK_2[:6] + b"\x00" + PACK_2[7:]),
    "a pack and noise": PACK_2 + PICTURES * 9,
    "a start code of the video layer between packets": program_stream(packet(), b"\x00\x00\x01\x05"),
    "an invalid video packet": program_stream(packet(body=b"\x13" + PICTURES)),
    "an empty video packet": program_stream(packet(body=b"")),
    "a packet without length": program_stream(packet(length=0)),
    "cut in a packet": program_stream()[:-1],
    "cut in a pack header": program_stream() + PACK_2[:9],
    "cut in the stuffing": program_stream() + PACK_2[:-1] + b"\xff",
    "cut in a start code": program_stream() + b"\x00\x00\x01",
    "cut in a packet header": program_stream() + b"\x00\x00\x01\xe0\x00",
    "cut late in a long stream": LONG[:-1],
    "noise after a long stream": LONG + b"\x83\x92\x01" * 30_000,
    "noise after the end": program_stream() + END + b"\x83\x92\x01" * 9,
    "many zeros between packets": program_stream() + bytes(30_000) + program_stream(),
}
POLYGLOT = {
    "an archive": program_stream() + b"PK\x03\x04\x14\x00" + bytes(60),
    "a script": program_stream() + END + b"<?php system($_GET[0]); ?>",
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_valid_program_stream_is_accepted(data):
    assert outcome(mpeg, data) == "video/mpeg"


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_other_mpeg_file_is_unsupported(data):
    assert outcome(mpeg, data) == "unsupported_type"


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_broken_program_stream_is_malformed(data):
    assert outcome(mpeg, data) == "malformed"


@pytest.mark.parametrize("data", POLYGLOT.values(), ids=POLYGLOT)
def test_foreign_file_after_the_stream_is_a_polyglot(data):
    assert outcome(mpeg, data) == "polyglot"


def test_long_stream_costs_few_ranges():
    """Only the beginning and the end are read."""
    spent = cost(mpeg, program_stream(packet(body=b"\x80\x00\x00" + bytes(2000)), count=20_000))
    assert spent.ranges <= 4
    assert spent.bytes_read <= 128 * 1024
