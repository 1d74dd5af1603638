"""The parser of WebM."""

import pytest

from testkit.samples.videos import PICTURES, block, cluster, ebml_header, element, webm, webm_track, webm_tracks
from tests.unit.validator.formats.parsing import cost, outcome
from validator.formats import webm as parser

VOID = element(0xEC, bytes(20))
CRC = element(0xBF, bytes(4))
INFO = element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"))
CUES = element(0x1C53BB6B, bytes(12))
TAGS = element(0x1254C367, bytes(12))
SEEK = element(0x114D9B74, bytes(12))
GROUP = element(0xA0, element(0xA1, b"\x81\x00\x00\x00" + PICTURES), element(0x9B, b"\x01"))
LIVE = cluster(block(), block(), unknown=True)

ACCEPTED = {
    "a minimal file": webm(),
    **{
        f"codec {codec.decode()}": webm(webm_tracks(webm_track(codec)), cluster())
        for codec in sorted(parser._VIDEO_CODECS)
    },
    "all elements that muxers write": webm(SEEK, VOID, INFO, webm_tracks(), TAGS, cluster(), cluster(), CUES),
    "checksums first": webm(CRC, INFO, element(0x1654AE6B, CRC, webm_track()), element(0x1F43B675, CRC, block())),
    "the index in front": webm(CUES, INFO, webm_tracks(), cluster()),
    "void in the header": webm(header=ebml_header(b"webm", VOID)),
    "void before the segment": webm(header=ebml_header() + VOID),
    "void after the segment": webm() + VOID,
    "a document type filled up with zeros": webm(header=ebml_header(b"webm\x00\x00")),
    "sizes of eight bytes": webm(element(0x1654AE6B, webm_track(), width=8), cluster(), width=8),
    "a segment of unknown size": webm(unknown=True),
    "a segment of unknown size, in eight bytes": webm(unknown=True, width=8),
    "a live recording": webm(INFO, webm_tracks(), LIVE, LIVE, unknown=True),
    "a live recording of an hour": webm(
        webm_tracks(), *[cluster(*[block(1, bytes(900))] * 9, unknown=True)] * 400, unknown=True
    ),
    "clusters of unknown size, then an index": webm(webm_tracks(), LIVE, CUES, TAGS),
    "blocks in groups": webm(webm_tracks(), cluster(GROUP)),
    "encrypted blocks": webm(webm_tracks(), cluster(element(0xAF, b"\x81\x00\x00\x80" + PICTURES))),
    "sound and video": webm(webm_tracks(webm_track(b"A_OPUS", 2), webm_track(number=2)), cluster(block(1), block(2))),
    "hundreds of clusters": webm(webm_tracks(), *[cluster(block(1, bytes(30_000)))] * 100),
    "zeros behind the segment": webm() + bytes(700),
    "zeros behind a live recording": webm(INFO, webm_tracks(), LIVE, LIVE, unknown=True) + bytes(700),
    "an empty cluster first": webm(webm_tracks(), element(0x1F43B675, element(0xE7, b"\x00")), cluster()),
}
ENCRYPTION = element(0x6D80, element(0x6240, element(0x5033, b"\x01"), element(0x5035, element(0x47E1, b"\x05"))))
UNSUPPORTED = {
    "encrypted pictures": webm(webm_tracks(element(0xAE, webm_track()[2:], ENCRYPTION)), cluster()),
    "encrypted sound": webm(
        webm_tracks(webm_track(), element(0xAE, webm_track(b"A_OPUS", 2, 2)[2:], ENCRYPTION)), cluster()
    ),
    "Matroska": webm(header=ebml_header(b"matroska")),
    "another document type": webm(header=ebml_header(b"mkv")),
    "no document type": element(0x1A45DFA3) + webm()[len(ebml_header()) :],
    "only sound": webm(webm_tracks(webm_track(b"A_OPUS", 2)), cluster()),
    "a codec that WebM does not know": webm(webm_tracks(webm_track(b"V_MPEG4/ISO/AVC")), cluster()),
    "no tracks in the list": webm(element(0x1654AE6B, VOID), cluster()),
}
MALFORMED = {
    "only the signature": b"\x1a\x45\xdf\xa3",
    "only the header": ebml_header(),
    "the header and something else": ebml_header() + PICTURES,
    "a header of unknown size": element(0x1A45DFA3, ebml_header()[5:], unknown=True) + webm()[len(ebml_header()) :],
    "a header that asks for a later reader": webm(header=ebml_header(read_version=9)),
    "a header of many kilobytes": webm(header=ebml_header(b"webm", element(0xEC, bytes(5000)))),
    "an empty segment": ebml_header() + element(0x18538067),
    "another element instead of the segment": ebml_header() + cluster(),
    "no tracks": webm(INFO, cluster()),
    "no clusters": webm(INFO, webm_tracks()),
    "a cluster without blocks": webm(webm_tracks(), element(0x1F43B675, element(0xE7, b"\x00"))),
    "blocks of a track that does not exist": webm(webm_tracks(), cluster(block(9))),
    "blocks that are too short": webm(webm_tracks(), cluster(element(0xA3, b"\x81"))),
    "two lists of tracks": webm(webm_tracks(), webm_tracks(), cluster()),
    "blocks outside of clusters": webm(webm_tracks(), block()),
    "attached files": webm(webm_tracks(), cluster(), element(0x1941A469, bytes(20))),
    "a child larger than its parent": webm(element(0x1654AE6B, element(0xAE, b"\x00", size=99)), cluster()),
    "a child of unknown size": webm(element(0x1654AE6B, element(0xAE, b"", unknown=True)), cluster()),
    "tracks of unknown size": webm(element(0x1654AE6B, webm_track(), unknown=True), cluster()),
    "an ID of nine bytes": webm(webm_tracks(), b"\x00" * 30),
    "a size of nine bytes": webm(webm_tracks(), b"\xec\x00" + bytes(30)),
    "groups in groups in groups": webm(webm_tracks(), cluster(b"\xa0\xff" * 2000)),
    "cut in the last cluster": webm()[:-1],
    "cut in a live recording": webm(webm_tracks(), LIVE, unknown=True)[:-1],
    "cut late in a live recording": ACCEPTED["a live recording of an hour"][:-1],
    "cut in a header": webm(webm_tracks(), LIVE, VOID, unknown=True)[:-21],
    "other data after the end": webm() + b"\x83\x92\x01" * 9,
    "a track number of nine bytes": webm(webm_tracks(element(0xAE, element(0xD7, bytes(9)))), cluster()),
    "thousands of voids": webm(element(0xEC) * 30_000),
}
POLYGLOT = {
    "an archive": webm() + b"PK\x03\x04\x14\x00" + bytes(60),
    "an archive in a live recording": webm(webm_tracks(), LIVE, unknown=True) + b"PK\x03\x04\x14\x00" + bytes(60),
    "a script": webm() + b"<?php system($_GET[0]); ?>",
    "a script in a live recording": webm(webm_tracks(), LIVE, unknown=True) + b"<?php system($_GET[0]); ?>",
    "another WebM": webm() + webm(),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_valid_webm_is_accepted(data):
    assert outcome(parser, data) == "video/webm"


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_related_file_without_webm_video_is_unsupported(data):
    assert outcome(parser, data) == "unsupported_type"


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_broken_webm_is_malformed(data):
    assert outcome(parser, data) == "malformed"


@pytest.mark.parametrize("data", POLYGLOT.values(), ids=POLYGLOT)
def test_foreign_file_after_the_video_is_a_polyglot(data):
    assert outcome(parser, data) == "polyglot"


def test_cost_does_not_grow_with_the_number_of_clusters():
    spent = cost(parser, webm(webm_tracks(), *[cluster(block(1, bytes(60_000)))] * 300))
    assert spent.ranges <= parser.ENOUGH_RANGES
    assert spent.bytes_read <= 64 * 1024
