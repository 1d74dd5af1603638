"""What the tests of the stand-in for Hasura share."""

from collections.abc import Iterator

import pytest

from tests.pool_tokens import Pool


@pytest.fixture(scope="session")
def only_keys() -> dict:
    """Made once: they take a while."""
    return Pool().keys


@pytest.fixture
def pool(only_keys) -> Iterator[Pool]:
    pool = Pool(dict(only_keys))
    pool.start()
    yield pool
    pool.stop()
