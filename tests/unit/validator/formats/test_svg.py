"""The parser of SVG, over every honest and every hostile drawing."""

import re

import pytest

from testkit.samples import drawings
from tests.unit.validator.formats.parsing import outcome, parser_of, reader_of
from validator.formats.verdict import RefusedError

SVG = parser_of("svg")
HONEST = drawings.honest()
HOSTILE = drawings.hostile()


@pytest.mark.parametrize("name", HONEST)
def test_harmless_drawings_are_accepted(name):
    """What drawing programs write passes."""
    assert outcome(SVG, HONEST[name]) == "image/svg+xml"


@pytest.mark.parametrize("name", HOSTILE)
def test_harmful_drawings_are_refused(name):
    """What runs, loads or grows is refused, in whatever disguise."""
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
def test_other_text_is_not_claimed(head):
    """XML of other kinds, HTML and other packed files are nothing that this parser knows."""
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
def test_what_may_become_a_drawing_is_claimed(head):
    """The parser decides, not the first bytes."""
    assert SVG.recognises(head)


def test_another_root_is_no_drawing():
    """A prolog longer than the head hides the root from the dispatcher, not from the parser."""
    assert outcome(SVG, b"<?xml version='1.0'?><!--" + b" " * 20_000 + b"--><note/>") == "unsupported_type"


@pytest.mark.parametrize("name", [name for name in HOSTILE if parser_of("svg").recognises(HOSTILE[name][0][:16384])])
def test_a_refusal_is_a_sentence_that_never_quotes_the_file(name):
    """Details go to people and into logs; nothing of the attacker's gets there."""
    with pytest.raises(RefusedError, match=r"^[^<>]+\.$") as caught:
        SVG.parse(reader_of(SVG, HOSTILE[name][0]))
    assert not {"alert", "evil", "http"} & set(re.findall(r"\w+", caught.value.detail))
