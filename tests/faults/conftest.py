"""The functions, wired once: each test puts a cloud of its own on stage."""

from collections.abc import Iterator

import pytest

from tests.faults.cloud import Functions, build


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield build(monkeypatch)
