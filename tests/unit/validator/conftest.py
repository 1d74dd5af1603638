"""What the tests of the validator's pipeline share."""

import pytest

from tests.unit.validator.world import World, use_simple_formats


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with a scanner, in which simple words stand for files."""
    use_simple_formats(monkeypatch)
    return World()


@pytest.fixture
def unscanned_world(monkeypatch: pytest.MonkeyPatch) -> World:
    use_simple_formats(monkeypatch)
    return World(scanning=False)
