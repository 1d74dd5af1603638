"""Which cloud is used, and which is stopped."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from local.lifecycle import Cloud, InUseError
from local.paths import Places
from local.sam_local import target


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, Path]]:
    """What is done to clouds, none of which is real."""
    told: list[tuple[str, Path]] = []
    monkeypatch.setattr(target.docker_engine, "find", lambda: None)
    monkeypatch.setattr(target.stack, "offered", lambda path: path)
    monkeypatch.setattr(Cloud, "aws", lambda self: SimpleNamespace(endpoint="http://127.0.0.1:4566"))
    monkeypatch.setattr(Cloud, "up", lambda self, *_: told.append(("up", self.places.directory)))
    monkeypatch.setattr(Cloud, "down", lambda self: told.append(("down", self.places.directory)))
    monkeypatch.setattr(target.Deployment, "build", lambda self: self.places.sam)
    return told


def test_the_cloud_that_is_up_is_used_and_left_up(told, tmp_path, monkeypatch):
    monkeypatch.setattr(Cloud, "runs", lambda self: self.places.directory == tmp_path)
    Places(tmp_path).stack.touch()
    with target.prepared(tmp_path, "invoke") as preparation:
        assert (preparation.offered, preparation.build) == (tmp_path / "stack.json", tmp_path / "sam")
        assert preparation.folder == tmp_path / "invoke" / "containers"
    assert told == []


def test_where_none_is_up_one_is_started_and_stopped(told, tmp_path):
    own = tmp_path / "invoke"
    with target.prepared(tmp_path, "invoke") as preparation:
        assert (preparation.build, told) == (own / "sam", [("up", own)])
    assert told == [("up", own), ("down", own)]


def test_one_that_does_not_come_up_is_stopped_too(told, tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cloud, "up", interrupted)
    with pytest.raises(KeyboardInterrupt), target.prepared(tmp_path, "invoke"):
        pass
    assert told == [("down", tmp_path / "invoke")]


def test_two_of_one_command_are_never_at_work_at_once(told, tmp_path):
    with (
        target.prepared(tmp_path, "invoke"),
        target.prepared(tmp_path, "start-api"),
        pytest.raises(InUseError),
        target.prepared(tmp_path, "invoke"),
    ):
        pass
