"""The parsers of the pixel formats, over every honest and every hostile sample."""

import pytest

from testkit.samples.hostile_images import HOSTILE
from testkit.samples.images import HONEST
from tests.unit.validator.formats.parsing import cost, outcome, parser_of

GOOD = [(kind, name, data) for kind, made in HONEST.items() for name, data in made().items()]
BAD = [(kind, name, data, reason) for kind, made in HOSTILE.items() for name, (data, reason) in made().items()]


@pytest.mark.parametrize(("kind", "data"), [pytest.param(k, d, id=f"{k}: {n}") for k, n, d in GOOD])
def test_honest_images_are_accepted(kind, data):
    """What people send passes, as the type that it is."""
    module = parser_of(kind)
    assert outcome(module, data) == module.MIME == f"image/{kind}"


@pytest.mark.parametrize(("kind", "data", "reason"), [pytest.param(k, d, r, id=f"{k}: {n}") for k, n, d, r in BAD])
def test_hostile_images_are_refused(kind, data, reason):
    """What only looks like an image is refused, with the reason that says why."""
    assert outcome(parser_of(kind), data) == reason


@pytest.mark.parametrize(("kind", "data"), [pytest.param(k, d, id=f"{k}: {n}") for k, n, d in GOOD])
def test_only_one_parser_claims_an_image(kind, data):
    """Heads are told apart without doubt."""
    claims = [name for name in (*HONEST, "svg") if parser_of(name).recognises(data[:16384])]
    assert claims == [kind]


@pytest.mark.parametrize(("kind", "data"), [pytest.param(k, d, id=f"{k}: {n}") for k, n, d in GOOD if len(d) < 20_000])
def test_a_cut_image_is_never_accepted(kind, data):
    """No length short of the whole, apart from padding and makers' records behind the end, proves an image."""
    module = parser_of(kind)
    end = min(length for length in range(len(data) + 1) if outcome(module, data[:length]) == module.MIME)
    assert all(outcome(module, data[:length]) != module.MIME for length in range(0, end, 7))
    assert end > len(data) * 0.1


@pytest.mark.parametrize("kind", HONEST)
def test_small_images_cost_few_ranges(kind):
    """A small file is one range; one of megabytes is one for each of these, and a few."""
    module = parser_of(kind)
    for data in HONEST[kind]().values():
        spent = cost(module, data)
        assert spent.ranges <= 4 + len(data) // (512 * 1024)
        assert spent.bytes_read <= 2 * len(data) + 16384


@pytest.mark.parametrize("kind", HONEST)
def test_other_heads_are_not_claimed(kind):
    """Neither nothing, nor text, nor zeros."""
    module = parser_of(kind)
    assert not any(
        module.recognises(head) for head in (b"", b"\0" * 64, b"hello, world", b"<svg/>", b"RIFF\0\0\0\0WAVE")
    )
