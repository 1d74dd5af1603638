"""Fixtures: both environments as planned by Terraform."""

from pathlib import Path

import pytest

from tests.conftest import require
from tests.infra.plans import ENVIRONMENTS, Environment, has_terraform, read, refresh_plans


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test in this folder: the quick tests leave all of them out, because most need plans."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.infra)


@pytest.fixture(scope="session")
def environments() -> dict[str, Environment]:
    require(has_terraform(), "terraform 1.11 or later")
    error = refresh_plans()
    require(not error, f"plans of both environments: {error.strip()[-2000:]}")
    return {name: read(name) for name in ENVIRONMENTS}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, environments: dict[str, Environment]) -> Environment:
    return environments[request.param]
