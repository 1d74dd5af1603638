"""The parser of Windows Media (ASF)."""

import pytest

from testkit.samples.videos import ASF_SOUND, ASF_VIDEO, PACKET, PICTURES, asf, asf_index, asf_object, asf_stream, guid
from tests.unit.validator.formats.parsing import cost, outcome
from validator.formats import asf as parser

EXTENSION = "5FBF03B5-A92E-11CF-8EE3-00C00C205365"
EXTENDED_STREAM = "14E6A5CB-C672-4332-8399-A96952065B5A"
SCRIPT = "1EFB1A30-0B62-11D0-A39B-00A0C90348F6"
ENCRYPTION = "2211B3FB-BD23-11D2-B4B7-00A0C955FC6E"
PADDING = asf_object("1806D474-CADF-4509-A4BA-9AABCB96AAE8", bytes(4000))
END_CHUNK = b"$E" + bytes(10)


def extension(*objects):
    body = b"".join(objects)
    return asf_object(EXTENSION, bytes(18), len(body).to_bytes(4, "little"), body)


def extended_stream(stream, *, names=0):
    name = b"\x00\x00\x04\x00" + "en".encode("utf-16-le")
    payload_extension = bytes(18) + b"\x02\x00\x00\x00\xff\xff"
    counts = names.to_bytes(2, "little") + b"\x01\x00"
    return extension(asf_object(EXTENDED_STREAM, bytes(60), counts, name * names, payload_extension, stream))


def script(kind):
    name = kind.encode("utf-16-le")
    counts = b"\x00\x00\x01\x00"
    return asf_object(SCRIPT, bytes(16), counts, (len(name) // 2).to_bytes(2, "little"), name)


ACCEPTED = {
    "a minimal file": asf(),
    "sound and video": asf(streams=(asf_stream(ASF_SOUND), asf_stream())),
    "zeros at the end": asf(after=asf_index()) + bytes(700),
    "padding and an index": asf(PADDING, after=asf_index()),
    "two indexes": asf(after=asf_index() * 2),
    "a stream described in the extension": asf(extended_stream(asf_stream(), names=2), streams=()),
    "an extended and a plain stream": asf(extended_stream(b"")),
    "a live recording": asf(broadcast=True, data_size=50, file_size=0),
    "a live recording without data size": asf(broadcast=True, data_size=24, file_size=0),
    "a live recording with an index": asf(broadcast=True, data_size=50, file_size=0, after=asf_index()),
    "a live recording with an end chunk": asf(broadcast=True, data_size=50, file_size=0, after=asf_index() + END_CHUNK),
    "a live recording with zeros at the end": asf(broadcast=True, data_size=50, file_size=0) + bytes(7001),
    "a live recording with correct sizes": asf(broadcast=True),
    "captions": asf(script("TEXT")),
    "many packets": asf(media=PACKET * 2000),
}
UNSUPPORTED = {
    "only sound": asf(streams=(asf_stream(ASF_SOUND),)),
    "no streams": asf(streams=()),
    "copy protection": asf(asf_object(ENCRYPTION, bytes(30))),
    "copy protection in the extension": asf(extension(asf_object(ENCRYPTION, bytes(30)))),
}
MALFORMED = {
    "only the signature": guid("75B22630-668E-11CF-A6D9-00AA0062CE6C"),
    "the signature and something else": guid("75B22630-668E-11CF-A6D9-00AA0062CE6C") + PICTURES,
    "a header of length zero": asf_object("75B22630-668E-11CF-A6D9-00AA0062CE6C", size=24) + asf()[24:],
    "an object smaller than its header": asf(asf_object(EXTENSION, bytes(30), size=3)),
    "an object larger than the header": asf(asf_object(EXTENSION, bytes(30), size=1 << 40)),
    "an extension that is too short": asf(asf_object(EXTENSION)),
    "an extended stream that is too short": asf(extension(asf_object(EXTENDED_STREAM, bytes(9)))),
    "an extended stream with a wrong number of names": asf(
        extension(asf_object(EXTENDED_STREAM, bytes(60), b"\xff\xff\xff\xff")), streams=()
    ),
    "a stream that is too short": asf(streams=(asf_object("B7DC0791-A9B7-11CF-8EE6-00C00C205365", ASF_VIDEO),)),
    "two file properties": asf(asf()[30:134]),
    "no media": asf()[: -len(PACKET) * 3 - 50],
    "empty media": asf(media=b""),
    "media of another file": asf().replace(bytes(range(16)), bytes(range(1, 17)), 1),
    "cut in the media": asf()[:-1],
    "cut in the index": asf(after=asf_index())[:-1],
    "cut in a live recording": asf(broadcast=True, data_size=50, file_size=0)[:-1],
    "a file size larger than the file": asf(file_size=99_999),
    "other data after the end": asf() + b"\x83\x92\x01" * 9,
    "one byte after the end": asf() + b"\x83",
    "other data after a live recording": asf(broadcast=True, data_size=50, file_size=0) + b"\x83\x92\x01" * 9,
}
POLYGLOT = {
    "an archive": asf() + b"PK\x03\x04\x14\x00" + bytes(60),
    "a script after the index": asf(after=asf_index()) + b"<?php system($_GET[0]); ?>",
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_valid_windows_media_is_accepted(data):
    assert outcome(parser, data) == "video/x-ms-wmv"


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_windows_media_without_playable_video_is_unsupported(data):
    assert outcome(parser, data) == "unsupported_type"


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_broken_windows_media_is_malformed(data):
    assert outcome(parser, data) == "malformed"


@pytest.mark.parametrize("data", POLYGLOT.values(), ids=POLYGLOT)
def test_foreign_file_after_the_video_is_a_polyglot(data):
    assert outcome(parser, data) == "polyglot"


@pytest.mark.parametrize("kind", ["URL", "URLANDEXIT", "FILENAME"])
def test_command_that_opens_a_page_is_active_content(kind):
    """A player would open it without asking."""
    assert outcome(parser, asf(script(kind))) == "active_content"


def test_long_video_costs_few_ranges():
    """Packets are not read."""
    assert cost(parser, asf(media=PACKET * 20_000, after=asf_index())).ranges <= 3
