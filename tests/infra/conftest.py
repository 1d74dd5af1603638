"""Fixtures: both environments as planned by Terraform."""

import pytest

from tests.conftest import require
from tests.infra.plans import ENVIRONMENTS, Environment, has_terraform, read, refresh_plans


@pytest.fixture(scope="session")
def environments() -> dict[str, Environment]:
    require(has_terraform(), "terraform 1.11 or later")
    error = refresh_plans()
    require(not error, f"plans of both environments: {error.strip()[-2000:]}")
    return {name: read(name) for name in ENVIRONMENTS}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, environments: dict[str, Environment]) -> Environment:
    return environments[request.param]
