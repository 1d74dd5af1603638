"""The parsers of pixel formats with every valid and every hostile sample."""

import pytest

from testkit.samples.hostile_images import HOSTILE
from testkit.samples.images import VALID
from tests.unit.validator.formats.parsing import cost, outcome, parser_of

GOOD = [(kind, name, data) for kind, made in VALID.items() for name, data in made().items()]
BAD = [(kind, name, data, reason) for kind, made in HOSTILE.items() for name, (data, reason) in made().items()]


@pytest.mark.parametrize(("kind", "data"), [pytest.param(k, d, id=f"{k}: {n}") for k, n, d in GOOD])
def test_valid_image_is_accepted(kind, data):
    module = parser_of(kind)
    assert outcome(module, data) == module.MIME == f"image/{kind}"


@pytest.mark.parametrize(("kind", "data", "reason"), [pytest.param(k, d, r, id=f"{k}: {n}") for k, n, d, r in BAD])
def test_hostile_image_is_refused_with_its_reason(kind, data, reason):
    assert outcome(parser_of(kind), data) == reason


@pytest.mark.parametrize(("kind", "data"), [pytest.param(k, d, id=f"{k}: {n}") for k, n, d in GOOD])
def test_image_is_recognised_by_one_parser_only(kind, data):
    claims = [name for name in (*VALID, "svg") if parser_of(name).recognises(data[:16384])]
    assert claims == [kind]


@pytest.mark.parametrize("kind", VALID)
def test_image_costs_few_ranges(kind):
    """A small file costs one range, a large one about two per megabyte."""
    module = parser_of(kind)
    for data in VALID[kind]().values():
        spent = cost(module, data)
        assert spent.ranges <= 4 + len(data) // (512 * 1024)
        assert spent.bytes_read <= 2 * len(data) + 16384


@pytest.mark.parametrize("kind", VALID)
def test_other_heads_are_not_recognised(kind):
    """Empty files, text, zeros and sound."""
    module = parser_of(kind)
    assert not any(
        module.recognises(head) for head in (b"", b"\0" * 64, b"hello, world", b"<svg/>", b"RIFF\0\0\0\0WAVE")
    )
