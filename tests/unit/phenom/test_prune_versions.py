"""`phenom prune-versions`: which versions are deleted, and which never are."""

from datetime import UTC, datetime

import pytest

from phenom.aws.lambda_versions import DeployedFunction, Version
from phenom.aws.stacks import DeployedStack
from phenom.commands import prune_versions
from phenom.commands.prune_versions import select_superfluous
from tests.unit.phenom.conftest import Phenom

PUBLISHED = datetime(2026, 11, 1, tzinfo=UTC)


def function(live: int, *numbers: int) -> DeployedFunction:
    return DeployedFunction(
        "presign", "phenom-dev-presign", live, "r", tuple(Version(each, PUBLISHED, PUBLISHED) for each in numbers)
    )


def test_newest_versions_are_kept():
    assert select_superfluous(function(9, 3, 5, 8, 9), 2) == [3, 5]


def test_serving_version_is_kept_however_old():
    assert select_superfluous(function(3, 3, 5, 8, 9), 2) == [5]


def test_fewer_versions_than_the_limit_are_all_kept():
    assert select_superfluous(function(2, 1, 2), 5) == []


class Lambda:
    def __init__(self) -> None:
        self.deleted: list[tuple[str, str]] = []

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> None:  # noqa: N803
        """Requires a qualifier: without one, Lambda would delete the whole function."""
        self.deleted.append((FunctionName, Qualifier))


@pytest.fixture
def lambda_(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    fake = Lambda()
    stack = DeployedStack(lambda _: fake, {"StackName": "phenom-dev", "StackStatus": "UPDATE_COMPLETE"})
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: stack)
    monkeypatch.setattr(prune_versions, "list_functions", lambda _: [function(9, 3, 5, 8, 9)])
    monkeypatch.setattr(prune_versions, "find_running_deployment", lambda _: None)
    return fake


def test_old_versions_are_deleted_and_counted(lambda_: Lambda, phenom: Phenom):
    ran = phenom("prune-versions", "development", "--keep", "2")
    assert ran.code == 0
    assert lambda_.deleted == [("phenom-dev-presign", "3"), ("phenom-dev-presign", "5")]
    assert "2 versions deleted." in ran.out


def test_dry_run_deletes_nothing(lambda_: Lambda, phenom: Phenom):
    assert phenom("prune-versions", "development", "--keep", "1", "--dry-run").code == 0
    assert not lambda_.deleted


def test_running_deployment_is_refused(lambda_: Lambda, phenom: Phenom, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prune_versions, "find_running_deployment", lambda _: "CodeDeploy deployment d-1 is running")
    assert phenom("prune-versions", "production", "--keep", "1").code == 2
    assert not lambda_.deleted


@pytest.mark.parametrize("keep", ["0", "-1", "x"])
def test_at_least_one_version_is_kept(lambda_: Lambda, phenom: Phenom, keep: str):
    assert phenom("prune-versions", "production", "--keep", keep).code == 2
    assert not lambda_.deleted
