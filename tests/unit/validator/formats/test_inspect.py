"""The inspection of whole files: which verdict it gives, and what it may cost."""

import random

import pytest

from testkit.samples import videos
from testkit.samples.videos import file_type, mp4, webm
from tests.unit.validator.formats.samples import IMAGES, VALID, VIDEOS, reader_of, verdict_on
from validator.formats import libmagic
from validator.formats.polyglots.second_file import MAX_PADDING
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import Verdict
from validator.inspection import budget_for, inspect

ZIP = (
    b"PK\x03\x04\x14\x00" + bytes(24) + b"PK\x01\x02" + bytes(42)
    + b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x2e\x00\x00\x00\x1e\x00\x00\x00\x00\x00"
)  # fmt: skip
UNSUPPORTED = {
    "HEIC": (file_type(b"heic", b"mif1"), "HEIC"),
    "AVIF": (file_type(b"avif", b"mif1"), "AVIF"),
    "M4A": (mp4(before=file_type(b"M4A ")), "sound"),
    "CR3": (file_type(b"crx "), "raw"),
    "3GP": (mp4(before=file_type(b"3gp5")), "3GP"),
    "Matroska": (webm(header=videos.ebml_header(b"matroska")), "Matroska"),
    "a transport stream": ((b"\x47\x40\x00\x10" + bytes(184)) * 20, "transport stream"),
    "a camcorder's stream": ((bytes(4) + b"\x47\x40\x00\x10" + bytes(184)) * 20, "transport stream"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    "ZIP or Office": (b"PK\x03\x04\x14\x00\x06\x00" + bytes(90), "Office"),
    "old Office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "Office"),
    "a Windows program": (b"MZ\x90\x00" + bytes(90), "program"),
    "a Linux program": (b"\x7fELF\x02\x01\x01" + bytes(90), "program"),
    "a shell script": (b"#!/bin/sh\necho hello\n", "program"),
    "PHP": (b"<?php system($_GET[0]); ?>", "program"),
    "MP3": (b"ID3\x03\x00" + bytes(90), "sound"),
    "MP3 without tags": (b"\xff\xfb\x90\x64" + bytes(90), "sound"),
    "WAV": (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28), "sound"),
    "Ogg": (b"OggS\x00\x02" + bytes(90), "Ogg"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(90), "compressed"),
    "HTML": (b"<!DOCTYPE html><html><body>hello</body></html>", "web page"),
    "HTML after white space": (b"\xef\xbb\xbf \n <html><body>hello</body></html>", "web page"),
    "tar": (bytes(257) + b"ustar\x0000" + bytes(300), "archive"),
    "an unknown RIFF": (b"RIFF\x04\x00\x00\x00WHAT", "accepted"),
    "text": (b"Dear validator, this is a photo.", "accepted"),
    "noise": (random.Random(1).randbytes(5000), "accepted"),
    "one byte": (b"\x00", "accepted"),
}


@pytest.mark.parametrize("mime", VALID)
def test_valid_file_is_accepted_as_its_own_type(mime):
    assert verdict_on(VALID[mime], mime) == Verdict(mime)


@pytest.mark.parametrize("mime", VALID)
def test_valid_file_declared_as_another_type_is_a_mismatch(mime):
    """The verdict names the type that was found. MP4 and QuickTime are not interchangeable."""
    for declared in set(VALID) - {mime}:
        verdict = verdict_on(VALID[mime], declared)
        assert (verdict.mime, verdict.reason) == (mime, "type_mismatch")
        assert verdict.detail


@pytest.mark.parametrize(("data", "word"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_unsupported_file_is_refused_with_a_helpful_sentence(data, word):
    """The sentence says what the file is if people often send such files."""
    verdict = verdict_on(data, "image/jpeg")
    assert (verdict.mime, verdict.reason) == (None, "unsupported_type")
    assert word in verdict.detail


def test_empty_file_is_malformed_without_a_read():
    reader = reader_of(b"")
    assert inspect(reader, "video/mp4").reason == "malformed"
    assert reader.cost.ranges == 0


@pytest.mark.parametrize("mime", VIDEOS)
def test_video_with_an_appended_archive_is_a_polyglot(mime):
    """Also for formats whose structural check fails at the archive already."""
    assert verdict_on(VIDEOS[mime] + ZIP, mime).reason == "polyglot"


def test_archive_inside_the_media_data_is_a_polyglot():
    """A ZIP reader looks at the end of the file, not at its boxes."""
    data = mp4(after=videos.box(b"free", bytes(70_000), ZIP))
    assert verdict_on(data, "video/mp4").reason == "polyglot"


@pytest.mark.parametrize(
    "foreign",
    [
        b"<?php system($_GET[0]); ?>",
        b"<script>alert(1)</script>",
        b"<!DOCTYPE html>",
        b"%PDF-1.7\n",
        b"Rar!\x1a\x07\x01",
    ],
)
@pytest.mark.parametrize("place", ["between", "after"])
def test_foreign_file_in_padding_is_a_polyglot(foreign, place):
    """Players skip these boxes, other programs do not."""
    data = mp4(**{place: videos.box(b"free", bytes(8), foreign, bytes(8))})
    assert verdict_on(data, "video/mp4").reason == "polyglot"


def test_tar_or_dicom_header_in_padding_is_a_polyglot():
    """Both have a fixed offset, which a video may fill with padding."""
    before = file_type()
    for at, magic in ((257, b"ustar"), (128, b"DICM")):
        padding = videos.box(b"free", bytes(at - len(before) - 8), magic, bytes(300))
        assert verdict_on(mp4(between=padding), "video/mp4").reason == "polyglot"


def test_truncated_file_is_malformed_and_the_sentence_says_so():
    verdict = verdict_on(mp4()[:-1], "video/mp4")
    assert (verdict.mime, verdict.reason) == (None, "malformed")
    assert "cut off" in verdict.detail


def test_file_that_exceeds_the_budget_is_malformed():
    verdict = inspect(reader_of(mp4(), budget=Budget(100, 1, 1.0)), "video/mp4")
    assert (verdict.reason, verdict.detail) == ("malformed", "The file is too complicated to be checked.")


def test_file_of_another_type_that_exceeds_the_budget_is_a_mismatch():
    """A large photo that was declared as a video exceeds the budget of videos, but it is not a damaged video."""
    big = bytes(70_000).join(IMAGES["image/jpeg"].partition(b"\xff\xd9")[:1]) + bytes(300_000) + b"\xff\xd9"
    verdict = inspect(reader_of(big, budget=Budget(20_000, 2, 9.0)), "video/mp4")
    assert verdict.reason == "type_mismatch"


def test_storage_error_is_raised_and_gives_no_verdict():
    """The caller retries it."""

    class StorageError(Exception):
        pass

    def fail(at, length):
        raise StorageError

    with pytest.raises(StorageError):
        inspect(RangeReader(fail, 1000, budget_for("video/mp4")), "video/mp4")


def test_veto_of_libmagic_refuses_a_file_with_valid_structure(monkeypatch):
    monkeypatch.setattr(libmagic, "detect", lambda head: "application/x-dosexec")
    assert verdict_on(mp4(), "video/mp4").reason == "polyglot"


def test_budget_of_videos_does_not_depend_on_their_size():
    for mime in VIDEOS:
        assert budget_for(mime).max_bytes <= 256 * 1024 + MAX_PADDING
        assert budget_for(mime).max_ranges <= 32


def test_unknown_declared_type_has_a_small_budget():
    assert budget_for("text/plain") == budget_for("video/mp4")
    assert verdict_on(mp4(), "text/plain").reason == "type_mismatch"


@pytest.mark.parametrize("mime", IMAGES)
def test_refused_picture_comes_with_what_to_do_about_it(mime):
    data = IMAGES[mime]
    for content in (data[: len(data) // 2], data + b"<script>alert(1)</script>" * 9):
        verdict = verdict_on(content, mime)
        assert verdict.reason in {"malformed", "polyglot"}
        assert verdict.detail.endswith("Please open it in a photo program, save it again, and send that.")
