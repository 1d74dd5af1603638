"""Fixtures for the tests of preflight."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from phenom.aws import sam_template
from tests.unit.phenom.preflight.world import World

TEMPLATE = sam_template.read()  # reading it takes most of a second


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    """An empty account."""
    monkeypatch.setattr(sam_template, "read", lambda: TEMPLATE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield World()
