"""The SVG parser with every valid and every hostile drawing."""

import re

import pytest

from testkit.samples import drawings
from tests.unit.validator.formats.parsing import outcome, parser_of, reader_of
from validator.formats.verdict import RefusedError

SVG = parser_of("svg")
VALID = drawings.valid()
HOSTILE = drawings.hostile()


@pytest.mark.parametrize("name", VALID)
def test_valid_drawing_is_accepted(name):
    assert outcome(SVG, VALID[name]) == "image/svg+xml"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_drawing_is_refused_with_its_reason(name):
    """Drawings that run code, load resources or expand."""
    data, reason = HOSTILE[name]
    assert outcome(SVG, data) == reason


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"svg",
        b"<html><body/></html>",
        b"<?php echo 1; ?>",
        b"<?= 1",
        b"<!DOCTYPE html><svg/>",
        b"<?xml version='1.0'?><note/>",
        b"\x1f\x8b\x08junk",
        b"\x1f\x8b\x08\0",
    ],
)
def test_other_text_is_not_recognised(head):
    """Other XML, HTML and other compressed files."""
    assert not SVG.recognises(head)


@pytest.mark.parametrize(
    "head",
    [
        b"<?xml version='1.0'?><!-- never closed",
        b"<?xml version='1.0'?>",
        b"\xef\xbb\xbf <!DOCTYPE svg [ <!ENTITY a 'b'>",
        "<svg/>".encode("utf-16"),
        "<svg/>".encode("utf-16-le"),
        b"<a:svg xmlns:a='x'/>",
    ],
)
def test_possible_drawing_is_recognised(head):
    """The first bytes leave it open; the parser decides."""
    assert SVG.recognises(head)


def test_other_root_after_a_long_prolog_is_unsupported():
    """The root lies behind the head, so that only the parser sees it."""
    assert outcome(SVG, b"<?xml version='1.0'?><!--" + b" " * 20_000 + b"--><note/>") == "unsupported_type"


@pytest.mark.parametrize("name", [name for name in HOSTILE if parser_of("svg").recognises(HOSTILE[name][0][:16384])])
def test_refusal_is_a_sentence_that_does_not_quote_the_file(name):
    """People and logs get the sentence, which must not contain an attacker's text."""
    with pytest.raises(RefusedError, match=r"^[^<>]+\.$") as caught:
        SVG.parse(reader_of(SVG, HOSTILE[name][0]))
    assert not {"alert", "evil", "http"} & set(re.findall(r"\w+", caught.value.detail))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("foreignObject", "In draw.io switch off Formatted Text"),
        ("style: import", "Export it with fonts and pictures embedded"),
        ("style: font from elsewhere", "Export it with fonts and pictures embedded"),
        ("picture from elsewhere", "Embed pictures and fonts when you export it"),
        ("event attribute", "Export it as a plain SVG without interactivity"),
    ],
)
def test_refusal_of_a_drawing_says_how_to_export_it(name, remedy):
    with pytest.raises(RefusedError) as caught:
        SVG.parse(reader_of(SVG, HOSTILE[name][0]))
    assert remedy in caught.value.detail
