"""Fixtures for the tests of the Hasura stand-in."""

from collections.abc import Iterator

import pytest

from tests.pool_tokens import Pool


@pytest.fixture(scope="session")
def session_keys() -> dict:
    """Made once per session, because making RSA keys is slow."""
    return Pool().keys


@pytest.fixture
def pool(session_keys) -> Iterator[Pool]:
    pool = Pool(dict(session_keys))
    pool.start()
    yield pool
    pool.stop()
