"""Which local cloud a command uses, and which it stops."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from local.lifecycle import Cloud, InUseError
from local.paths import CloudPaths
from local.sam_local import target


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, Path]]:
    """Records the starts and stops of fake clouds."""
    calls: list[tuple[str, Path]] = []
    monkeypatch.setattr(target.docker_engine, "find", lambda: None)
    monkeypatch.setattr(target, "install_tools", lambda: None)
    monkeypatch.setattr(target.stack, "offered", lambda path: path)
    monkeypatch.setattr(Cloud, "aws", lambda self: SimpleNamespace(endpoint="http://127.0.0.1:4566"))
    monkeypatch.setattr(Cloud, "up", lambda self, *_: calls.append(("up", self.paths.directory)))
    monkeypatch.setattr(Cloud, "down", lambda self: calls.append(("down", self.paths.directory)))
    monkeypatch.setattr(target.Deployment, "build", lambda self: self.paths.sam)
    return calls


def test_running_cloud_is_used_and_kept(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(Cloud, "runs", lambda self: self.paths.directory == tmp_path)
    CloudPaths(tmp_path).stack.touch()
    with target.prepared(tmp_path, "invoke") as preparation:
        assert (preparation.offered, preparation.build) == (tmp_path / "stack.json", tmp_path / "sam")
        assert preparation.folder == tmp_path / "invoke" / "containers"
    assert calls == []


def test_cloud_is_started_and_stopped_when_none_runs(calls, tmp_path):
    own = tmp_path / "invoke"
    with target.prepared(tmp_path, "invoke") as preparation:
        assert (preparation.build, calls) == (own / "sam", [("up", own)])
    assert calls == [("up", own), ("down", own)]


def test_cloud_that_fails_to_start_is_stopped(calls, tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cloud, "up", interrupted)
    with pytest.raises(KeyboardInterrupt), target.prepared(tmp_path, "invoke"):
        pass
    assert calls == [("down", tmp_path / "invoke")]


def test_same_command_never_runs_twice(calls, tmp_path):
    with (
        target.prepared(tmp_path, "invoke"),
        target.prepared(tmp_path, "start-api"),
        pytest.raises(InUseError),
        target.prepared(tmp_path, "invoke"),
    ):
        pass
