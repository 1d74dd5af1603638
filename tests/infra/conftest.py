"""Both environments as Terraform plans them."""

import pytest

from tests.conftest import require
from tests.infra.plans import ENVIRONMENTS, Environment, make_when_old, read, terraform_is_here


@pytest.fixture(scope="session")
def environments() -> dict[str, Environment]:
    require(terraform_is_here(), "terraform 1.11 or later")
    trouble = make_when_old()
    require(not trouble, f"plans of both environments: {trouble.strip()[-2000:]}")
    return {name: read(name) for name in ENVIRONMENTS}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, environments: dict[str, Environment]) -> Environment:
    return environments[request.param]
