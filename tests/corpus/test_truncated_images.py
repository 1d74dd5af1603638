"""Truncated images are never accepted, at any length."""

import pytest

from testkit.samples.images import VALID
from tests.unit.validator.formats.parsing import outcome, parser_of

IMAGES = [
    pytest.param(kind, data, id=f"{kind}: {name}")
    for kind, made in VALID.items()
    for name, data in made().items()
    if len(data) < 20_000
]


@pytest.mark.parametrize(("kind", "data"), IMAGES)
def test_truncated_image_is_never_accepted(kind, data):
    """Only padding and makers' records after the end may be missing."""
    module = parser_of(kind)
    end = min(length for length in range(len(data) + 1) if outcome(module, data[:length]) == module.MIME)
    assert all(outcome(module, data[:length]) != module.MIME for length in range(0, end, 7))
    assert end > len(data) * 0.1
