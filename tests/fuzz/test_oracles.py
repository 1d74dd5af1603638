"""The oracles detect planted defects."""

from types import SimpleNamespace

import pytest

from testkit.samples import drawings, images, videos
from testkit.samples.payloads import archive
from tests.fuzz import effort, oracles
from tests.fuzz.effort import TooMuchWorkError
from tests.fuzz.second_reader import check_drawing
from tests.fuzz.truncation import truncation_points
from tests.fuzz.watched_file import GENEROUS, WatchedFile
from validator.formats import png
from validator.formats.readahead import ReadAhead
from validator.formats.reader import Budget
from validator.formats.verdict import RefusedError, Verdict

PNG = images.png()


def parser(parse):
    return SimpleNamespace(BUDGET=GENEROUS, recognises=lambda _: True, parse=parse)


def reads(offset, length, mime="image/png"):
    return lambda reader: (reader.read(offset, length), mime)[1]


def test_undeclared_exception_is_reported():
    with pytest.raises(ZeroDivisionError):
        oracles.check_parser("png", parser(lambda _: 1 // 0), PNG)


def test_unknown_reason_is_reported():
    def parse(_):
        raise RefusedError("no reason", "Nothing.")  # type: ignore[arg-type]

    with pytest.raises(AssertionError, match="ledger"):
        oracles.check_parser("png", parser(parse), PNG)


def test_type_of_another_parser_is_reported():
    with pytest.raises(AssertionError, match="type of another"):
        oracles.check_parser("png", parser(lambda _: "image/gif"), PNG)


def test_accepted_truncated_file_is_reported():
    with pytest.raises(AssertionError, match="truncated to"):
        oracles.check_parser("png", parser(reads(0, 8)), PNG)


def test_unsearched_code_is_reported():
    with pytest.raises(AssertionError, match="not searched"):
        oracles.check_parser("tiff", parser(reads(0, 36, "image/tiff")), b"II*\0" + bytes(20) + b"<?php system")


def test_code_across_two_blocks_is_reported():
    """The planted parser searches block by block and misses text across two blocks."""

    def parse(reader):
        for start in range(0, reader.size, 600):
            ReadAhead(reader, lambda _: None)._reader.read(start, min(600, reader.size - start))
            if b"<script>" in reader.read(start, min(600, reader.size - start)):
                raise RefusedError("polyglot", "A page.")
        return "image/tiff"

    oracles.check_parser("tiff", parser(parse), bytes(1500))
    with pytest.raises(AssertionError, match="not searched"):
        oracles.check_parser("tiff", parser(parse), bytes(597) + b"<script>" + bytes(900))


def test_verdict_that_depends_on_block_sizes_is_reported():
    def parse(reader):
        if len(reader.head()) < reader.size:
            raise RefusedError("malformed", "Blocks.")
        return "image/tiff"

    with pytest.raises(AssertionError, match="smaller blocks"):
        oracles.check_parser("tiff", parser(parse), bytes(1500))


@pytest.mark.parametrize(("offset", "length"), [(-1, 4), (len(PNG) - 1, 2), (0, 0)])
def test_read_outside_the_file_is_reported(offset, length):
    with pytest.raises(AssertionError, match="a fetch"):
        WatchedFile(PNG, GENEROUS)._fetch(offset, length)


def test_exceeded_budget_is_reported():
    file = WatchedFile(PNG, Budget(10, 1, 1.0))
    reader = file.reader()
    reader.budget = GENEROUS
    reader.head()
    with pytest.raises(AssertionError, match="more bytes"):
        file.check_cost(reader)


def test_too_many_loop_iterations_are_reported(monkeypatch):
    """A thousand chunks are acceptable for their bytes but not for ten bytes."""
    many = PNG[:33] + images.chunk(b"teST", b"") * 1000 + PNG[33:]
    with effort.bounded(len(many)):
        parse_watched(many)
    monkeypatch.setattr(effort, "ITERATIONS", 0)
    with pytest.raises(TooMuchWorkError, match="iterations"), effort.bounded(10):
        parse_watched(many)


def parse_watched(data):
    return png.parse(WatchedFile(data, GENEROUS).reader())


def test_work_outside_loops_is_reported(monkeypatch):
    monkeypatch.setattr(effort, "CPU_SECONDS", 0.001)
    with pytest.raises(TooMuchWorkError, match="CPU"), effort.bounded(10):
        sum(range(1_000_000))


@pytest.mark.parametrize(
    ("verdict", "complaint"),
    [
        (Verdict("image/gif"), "something else"),
        (Verdict(None, "malformed", ""), "no sentence"),
        (Verdict("image/png", "malformed", "The image is damaged."), "with the declared type"),
        (Verdict("image/gif", "malformed", "The image is damaged."), "no mismatch"),
    ],
)
def test_contradictory_verdict_is_reported(verdict, complaint, monkeypatch):
    monkeypatch.setattr(oracles, "inspect", lambda reader, declared: verdict)
    with pytest.raises(AssertionError, match=complaint):
        oracles.check_inspection(bytes((oracles.TYPES.index("image/png"), 0, 0)) + PNG)


def test_changing_verdict_is_reported(monkeypatch):
    verdicts = iter((Verdict("image/png"), Verdict(None, "malformed", "The image is damaged.")))
    monkeypatch.setattr(oracles, "inspect", lambda reader, declared: next(verdicts))
    with pytest.raises(AssertionError, match="second time"):
        oracles.check_inspection(bytes((oracles.TYPES.index("image/png"), 0, 0)) + PNG)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [(PNG + archive(), "ZIP"), (PNG + b"<?php\nsystem()", "in the head"), (b"%PDF-1.7" + PNG, "PDF")],
)
def test_second_file_in_accepted_file_is_reported(body, complaint, monkeypatch):
    def inspect(reader, declared):
        return Verdict(declared) if declared == "image/png" else Verdict("image/png", "type_mismatch", "This is a PNG.")

    monkeypatch.setattr(oracles, "inspect", inspect)
    with pytest.raises(AssertionError, match=complaint):
        oracles.check_inspection(bytes((oracles.TYPES.index("image/png"), 0, 0)) + body)


@pytest.mark.parametrize(
    "content",
    ["<script>run()</script>", "<script href='a.js'/>", "<g onload='run()'/>", "<a href=' java\tscript:1'/>"],
)
def test_accepted_drawing_with_script_is_reported(content):
    check_drawing(drawings.svg())
    with pytest.raises(AssertionError, match=r"script|event"):
        check_drawing(drawings.svg(content))


@pytest.mark.parametrize(
    "content",
    [
        "<foreignObject/>", "<image href='https://example.org/'/>", "<use xlink:href='//example.org/#a'/>",
        "<g fill='url(http://example.org/#a)'/>", "<g style='@import x'/>", "<p xmlns='http://www.w3.org/1999/xhtml'/>",
    ],
)  # fmt: skip
def test_accepted_drawing_with_external_load_is_reported(content):
    with pytest.raises(AssertionError, match=r"foreign|outside|loads|web page"):
        check_drawing(drawings.svg(content))


def test_formats_with_a_defined_end_have_truncation_points():
    """Never at the full length."""
    files = {
        "png": PNG, "jpeg": images.jpeg(), "gif": images.gif(images.GIF_IMAGE, bytes(40)),
        "webp": images.saved(images.picture(), "WEBP"),
        "bmp": images.bmp(), "avi": videos.avi(), "asf": videos.asf(), "webm": videos.webm(), "isobmff": videos.mp4(),
    }  # fmt: skip
    for name, data in files.items():
        cuts = list(truncation_points(name, data))
        assert cuts, name
        assert all(0 < cut < len(data) for cut in cuts), name
    assert not list(truncation_points("webm", videos.webm(unknown=True)))
    assert not list(truncation_points("mpeg", videos.program_stream()))
