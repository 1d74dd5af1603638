"""The functions, wired once per module; each test puts its own cloud on stage."""

from collections.abc import Iterator

import pytest

from tests.faults.cloud import Functions, build


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield build(monkeypatch)
