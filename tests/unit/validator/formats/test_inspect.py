"""The one entry point: the verdict on a file, whatever its bytes are."""

import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from testkit.samples import ffmpeg_videos as recipes
from testkit.samples import images, videos
from testkit.samples.videos import asf, avi, file_type, fragmented, mp4, program_stream, webm
from tests.unit.validator.formats.parsing import outcome
from uploads.media_types import MEDIA_TYPES
from validator.formats import asf as asf_parser
from validator.formats import isobmff, libmagic, mpeg
from validator.formats import webm as webm_parser
from validator.formats.reader import Budget, BudgetExceededError, RangeReader, TruncatedError
from validator.formats.riff import avi as avi_parser
from validator.formats.verdict import RefusedError, Verdict
from validator.inspection import FORMATS, budget_for, inspect

VIDEOS = {
    "video/mp4": mp4(),
    "video/quicktime": mp4(before=file_type(b"qt  ")),
    "video/webm": webm(),
    "video/x-msvideo": avi(),
    "video/x-ms-wmv": asf(),
    "video/mpeg": program_stream(),
}
IMAGES = {f"image/{kind}": next(iter(made().values())) for kind, made in images.HONEST.items()}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
GOOD = VIDEOS | IMAGES | {"image/svg+xml": SVG}
PARSERS = (isobmff, webm_parser, avi_parser, asf_parser, mpeg)

ZIP = (
    b"PK\x03\x04\x14\x00" + bytes(24) + b"PK\x01\x02" + bytes(42)
    + b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x2e\x00\x00\x00\x1e\x00\x00\x00\x00\x00"
)  # fmt: skip
IMPOSTORS = {
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
    "HTML behind blanks": (b"\xef\xbb\xbf \n <html><body>hello</body></html>", "web page"),
    "tar": (bytes(257) + b"ustar\x0000" + bytes(300), "archive"),
    "an unknown RIFF": (b"RIFF\x04\x00\x00\x00WHAT", "accepted"),
    "text": (b"Dear validator, this is a photo.", "accepted"),
    "noise": (random.Random(1).randbytes(5000), "accepted"),
    "one byte": (b"\x00", "accepted"),
}


def reader_of(data, declared="video/mp4", budget=None):
    return RangeReader(lambda at, length: data[at : at + length], len(data), budget or budget_for(declared))


def judge(data, declared):
    return inspect(reader_of(data, declared), declared)


@pytest.mark.parametrize("mime", GOOD)
def test_a_good_file_is_accepted_as_what_it_is(mime):
    """All thirteen types."""
    assert judge(GOOD[mime], mime) == Verdict(mime)


@pytest.mark.parametrize("mime", GOOD)
def test_a_good_file_that_was_declared_otherwise_is_a_mismatch(mime):
    """The verdict names what was found; MP4 and QuickTime are no exception."""
    for declared in set(GOOD) - {mime}:
        verdict = judge(GOOD[mime], declared)
        assert (verdict.mime, verdict.reason) == (mime, "type_mismatch")
        assert verdict.detail


@pytest.mark.parametrize(("data", "word"), IMPOSTORS.values(), ids=IMPOSTORS)
def test_what_is_not_accepted_is_refused_in_words_that_help(data, word):
    """The sentence says what the file is, where people really send such files."""
    verdict = judge(data, "image/jpeg")
    assert (verdict.mime, verdict.reason) == (None, "unsupported_type")
    assert word in verdict.detail


def test_an_empty_file_is_malformed():
    """Nothing is read to find that out."""
    reader = reader_of(b"")
    assert inspect(reader, "video/mp4").reason == "malformed"
    assert reader.cost.ranges == 0


@pytest.mark.parametrize("mime", VIDEOS)
def test_an_appended_archive_is_a_polyglot(mime):
    """Whether or not the structure has noticed already."""
    assert judge(VIDEOS[mime] + ZIP, mime).reason == "polyglot"


def test_an_archive_inside_the_media_data_is_a_polyglot():
    """A ZIP reader looks at the end of the file, not at its boxes."""
    data = mp4(after=videos.box(b"free", bytes(70_000), ZIP))
    assert judge(data, "video/mp4").reason == "polyglot"


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
def test_another_file_in_padding_is_a_polyglot(foreign, place):
    """Boxes that players skip are where others look."""
    data = mp4(**{place: videos.box(b"free", bytes(8), foreign, bytes(8))})
    assert judge(data, "video/mp4").reason == "polyglot"


def test_a_tar_or_dicom_header_in_padding_is_a_polyglot():
    """Both stand at a fixed place that a video may leave free."""
    before = file_type()
    for at, magic in ((257, b"ustar"), (128, b"DICM")):
        padding = videos.box(b"free", bytes(at - len(before) - 8), magic, bytes(300))
        assert judge(mp4(between=padding), "video/mp4").reason == "polyglot"


def test_a_cut_file_is_malformed_and_says_so():
    """People see that the upload was not complete."""
    verdict = judge(mp4()[:-1], "video/mp4")
    assert (verdict.mime, verdict.reason) == (None, "malformed")
    assert "cut off" in verdict.detail


def test_a_file_that_wants_too_much_is_malformed():
    """The budget is a limit, not an estimate."""
    verdict = inspect(reader_of(mp4(), budget=Budget(100, 1, 1.0)), "video/mp4")
    assert (verdict.reason, verdict.detail) == ("malformed", "The file is too complicated to be checked.")


def test_a_file_of_another_type_that_wants_more_than_the_declared_type_may_is_a_mismatch():
    """A photo of megabytes under a video's budget is no damaged video."""
    big = bytes(70_000).join(IMAGES["image/jpeg"].partition(b"\xff\xd9")[:1]) + bytes(300_000) + b"\xff\xd9"
    verdict = inspect(reader_of(big, budget=Budget(20_000, 2, 9.0)), "video/mp4")
    assert verdict.reason == "type_mismatch"


def test_errors_of_the_storage_pass_through():
    """They say nothing about the file, and are retried by the caller."""

    class StorageError(Exception):
        pass

    def fail(at, length):
        raise StorageError

    with pytest.raises(StorageError):
        inspect(RangeReader(fail, 1000, budget_for("video/mp4")), "video/mp4")


def test_the_veto_counts_after_the_structure(monkeypatch):
    """A file that libmagic positively knows as a program is refused, though its structure is right."""
    monkeypatch.setattr(libmagic, "detect", lambda head: "application/x-dosexec")
    assert judge(mp4(), "video/mp4").reason == "polyglot"


def test_budgets_of_videos_do_not_grow_with_the_file():
    """Some hundred kilobytes and a few dozen ranges, for any length."""
    for mime in VIDEOS:
        assert budget_for(mime).max_bytes <= 256 * 1024
        assert budget_for(mime).max_ranges <= 32


def test_an_unknown_declared_type_has_a_small_budget():
    """It cannot be accepted anyway."""
    assert budget_for("text/plain") == budget_for("video/mp4")
    assert judge(mp4(), "text/plain").reason == "type_mismatch"


def test_each_type_has_its_own_words():
    """Every type can be named in a mismatch."""
    assert set(MEDIA_TYPES) == set(FORMATS) == set(GOOD)


def test_real_videos_are_judged_right(ffmpeg_videos, subtests):
    """What ffmpeg writes is accepted, or refused, as it should be; within the cost that the documents promise."""
    for recipe, path in ffmpeg_videos.items():
        with subtests.test(recipe.name):
            data = path.read_bytes()
            reader = reader_of(data, recipe.mime or "video/mp4")
            verdict = inspect(reader, recipe.mime or "video/mp4")
            assert (verdict.mime, verdict.accepted) == (recipe.mime, recipe.mime is not None)
            assert reader.cost.bytes_read <= 128 * 1024
            assert reader.cost.ranges <= 8


def test_real_videos_that_were_cut_are_refused(ffmpeg_videos):
    """Only an MPEG program stream may end between any two of its packets, and an MP4 before its fragments' index."""
    for recipe, path in ffmpeg_videos.items():
        if recipe.mime in {None, recipes.MPEG}:
            continue
        data = path.read_bytes()
        for length in (len(data) - 1, len(data) * 9 // 10, len(data) // 2, len(data) // 10):
            assert not judge(data[:length], recipe.mime).accepted, f"{recipe.name} cut to {length} of {len(data)}"


# Hostile bytes


def mutations(samples):
    """One of the samples, with some bytes changed, taken out or put in, and cut at any place."""

    @st.composite
    def mutated(draw):
        data = bytearray(draw(st.sampled_from(samples)))
        for _ in range(draw(st.integers(0, 6))):
            at = draw(st.integers(0, len(data)))
            kind = draw(st.sampled_from(("set", "insert", "remove", "number")))
            if kind == "set":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            elif kind == "insert":
                data[at:at] = draw(st.binary(max_size=40))
            elif kind == "remove":
                del data[at : at + draw(st.integers(1, 40))]
            else:
                data[at : at + 4] = draw(
                    st.sampled_from((bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01", b"\x7f\xff\xff\xff"))
                )
        return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])

    return mutated()


SIZED = [*VIDEOS.values(), fragmented(), webm(unknown=True), videos.faststart()]
SEEDS = [*SIZED, asf(broadcast=True, data_size=50)]
hostile = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.data_too_large])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_parser_raises_only_what_it_declares(parser):
    """Whatever the bytes are, also those that belong to another parser."""

    @hostile
    @given(mutations(SEEDS))
    def holds(data):
        with suppress(RefusedError, TruncatedError, BudgetExceededError):
            assert parser.parse(reader_of(data)) in VIDEOS

    holds()


@hostile
@given(st.one_of(mutations([*GOOD.values(), *SEEDS]), st.binary(max_size=3000)), st.sampled_from(list(GOOD)))
@example(b"", "video/mp4")
@example(b"\x00\x00\x00\x01ftyp", "video/mp4")
@example(b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe", "video/webm")
def test_an_inspection_never_raises_and_never_exceeds_its_budget(data, declared):
    """Every file gets a verdict: accepted as declared, or refused with a reason and a sentence."""
    reader = reader_of(data, declared)
    verdict = inspect(reader, declared)
    assert verdict.accepted == (verdict.mime == declared and verdict.reason is None)
    assert verdict.accepted or verdict.detail.endswith(".")
    assert reader.cost.bytes_read <= reader.budget.max_bytes
    assert reader.cost.ranges <= reader.budget.max_ranges


@hostile
@given(st.sampled_from(SIZED), st.integers(0, 10_000))
def test_a_cut_file_is_never_accepted(data, length):
    """At whichever byte it was cut, unless the rest is complete by itself."""
    cut = data[: length % len(data)]
    parser = next(module for module in PARSERS if module.recognises(data))
    complete = [fragmented(n) + part for n in (1, 2) for part in (b"", videos.fragment()[:48])]
    complete += [program_stream(count=n) + part for n in (1, 2) for part in (b"", videos.PACK_2)]
    padded = {whole + bytes(zeros) for whole in complete for zeros in range(4)}
    if cut and cut not in padded:
        assert outcome(parser, cut) in {"malformed", "unsupported_type"}
