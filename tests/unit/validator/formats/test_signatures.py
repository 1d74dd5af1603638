"""The table of foreign files."""

import pytest

from validator.formats.polyglots.signatures import NOWHERE, SEARCHED_IMAGE, SIGNATURES, magics_at, signatures_at
from validator.formats.unsupported import sentence_for


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: repr(signature.magic))
def test_every_signature_has_a_purpose(signature):
    assert signature.places != NOWHERE or signature.sentence


@pytest.mark.parametrize("signature", [each for each in SIGNATURES if each.sentence], ids=lambda each: repr(each.magic))
def test_file_with_a_known_signature_gets_its_sentence(signature):
    assert sentence_for(signature.magic + bytes(600)) == signature.sentence


def test_signatures_searched_in_images_are_long_and_literal():
    """Shorter ones would occur by chance in one of a few thousand photos."""
    assert min(map(len, magics_at(SEARCHED_IMAGE))) >= 7
    assert not any(signature.before or signature.then for signature in signatures_at(SEARCHED_IMAGE))
