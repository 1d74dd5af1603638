"""Fixtures of the validator's unit tests."""

import pytest

from tests.unit.validator.world import World, use_simple_formats
from validator import clamav


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with a scanner, in which short texts stand for files."""
    use_simple_formats(monkeypatch)
    return World()


@pytest.fixture
def unscanned_world(monkeypatch: pytest.MonkeyPatch) -> World:
    use_simple_formats(monkeypatch)
    return World(scanning=False)


@pytest.fixture
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens the timeouts of the connection to clamd."""
    monkeypatch.setattr(clamav, "CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(clamav, "SEND_SECONDS", 0.4)
    monkeypatch.setattr(clamav, "REPLY_SECONDS", 0.4)
