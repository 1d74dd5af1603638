"""Which versions go, and that what serves never does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from phenom.aws.lambda_versions import Function, Version
from phenom.aws.stacks import DeployedStack
from phenom.commands import prune_versions
from phenom.commands.prune_versions import superfluous

PUBLISHED = datetime(2026, 11, 1, tzinfo=UTC)


def function(live: int, *numbers: int) -> Function:
    return Function("presign", "phenom-dev-presign", live, "r", tuple(Version(each, PUBLISHED) for each in numbers))


def test_the_newest_stay():
    assert superfluous(function(9, 3, 5, 8, 9), 2) == [3, 5]


def test_what_serves_stays_however_old_it_is():
    assert superfluous(function(3, 3, 5, 8, 9), 2) == [5]


def test_fewer_than_are_kept_all_stay():
    assert superfluous(function(2, 1, 2), 5) == []


class Lambda:
    def __init__(self) -> None:
        self.deleted: list[tuple[str, str]] = []

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> None:  # noqa: N803
        """With a qualifier, always: without one, the whole function would go."""
        self.deleted.append((FunctionName, Qualifier))


@pytest.fixture
def lambda_(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    fake = Lambda()
    stack = DeployedStack(lambda _: fake, {"StackName": "phenom-dev", "StackStatus": "UPDATE_COMPLETE"})
    monkeypatch.setattr(prune_versions, "stack_of", lambda *_: stack)
    monkeypatch.setattr(prune_versions, "functions_of", lambda _: [function(9, 3, 5, 8, 9)])
    monkeypatch.setattr(prune_versions, "under_way", lambda _: None)
    return fake


def test_versions_are_deleted_and_said(lambda_: Lambda, capsys: pytest.CaptureFixture[str]):
    assert prune_versions.main(["--env", "development", "--keep", "2"]) == 0
    assert lambda_.deleted == [("phenom-dev-presign", "3"), ("phenom-dev-presign", "5")]
    assert "2 versions deleted." in capsys.readouterr().out


def test_a_dry_run_deletes_nothing(lambda_: Lambda):
    assert prune_versions.main(["--env", "development", "--keep", "1", "--dry-run"]) == 0
    assert not lambda_.deleted


def test_nothing_is_deleted_while_calls_are_shifted(lambda_: Lambda, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prune_versions, "under_way", lambda _: "CodeDeploy's deployment d-1 is shifting calls")
    assert prune_versions.main(["--env", "production", "--keep", "1"]) == 1
    assert not lambda_.deleted


@pytest.mark.parametrize("keep", ["0", "-1", "x"])
def test_something_is_always_kept(lambda_: Lambda, keep: str):
    with pytest.raises(SystemExit):
        prune_versions.main(["--env", "production", "--keep", keep])
    assert isinstance(lambda_, Lambda)
    any_: Any = lambda_.deleted
    assert not any_
