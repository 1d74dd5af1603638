"""What the tests of the validator's pipeline share."""

import pytest

from tests.unit.validator.world import World, use_simple_formats
from validator import clamav


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with a scanner, in which simple words stand for files."""
    use_simple_formats(monkeypatch)
    return World()


@pytest.fixture
def unscanned_world(monkeypatch: pytest.MonkeyPatch) -> World:
    use_simple_formats(monkeypatch)
    return World(scanning=False)


@pytest.fixture
def impatient_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for clamd for no longer than a test should take."""
    monkeypatch.setattr(clamav, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(clamav, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(clamav, "REPLY_SECONDS", 0.5)
