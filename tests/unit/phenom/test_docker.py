"""Docker's command line: the arguments it gets, and the errors when it is missing or fails."""

from pathlib import Path

import pytest

from phenom.errors import CommandRefusedError, IncompleteError
from phenom.images.docker import Docker

PROGRAM = """#!/bin/sh
echo "$@" >>"$CALLS"
case "$*" in
*--help) echo "$HELP" ;;
login*) cat >"$CALLS.stdin" ;;
*inspect*) echo '{"digest": "sha256:0123"}' ;;
esac
exit "${EXIT:-0}"
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `docker` that writes its arguments into this file."""
    (tmp_path / "docker").write_text(PROGRAM)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("HELP", "--prefer-index")
    return tmp_path / "calls"


def test_password_goes_through_stdin(calls: Path, capfd):
    Docker().sign_in("registry.example.org", "AWS", "token")
    assert "token" not in calls.read_text()
    assert Path(f"{calls}.stdin").read_text() == "token"


def test_copy_keeps_the_digest(calls: Path, capfd):
    Docker().copy("vendor/server:1", "own/vendor:1")
    assert calls.read_text().splitlines()[-1] == (
        "buildx imagetools create --prefer-index=false --tag own/vendor:1 vendor/server:1"
    )


def test_build_starts_from_the_base_by_digest(calls: Path, capfd):
    Docker().build(Path("images/app"), "own/vendor@sha256:0123", "own/app:1")
    command = calls.read_text().splitlines()[-1]
    assert "--build-arg BASE=own/vendor@sha256:0123" in command
    assert "--platform linux/amd64" in command
    assert command.endswith("images/app")


def test_digest_is_the_one_of_the_tag(calls: Path):
    assert Docker().find_digest("vendor/server:1") == "sha256:0123"


def test_failure_names_the_command(calls: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    docker = Docker()
    monkeypatch.setenv("EXIT", "1")
    with pytest.raises(IncompleteError, match=r"imagetools create .*failed; Docker's reason is above"):
        docker.copy("vendor/server:1", "own/vendor:1")


def test_missing_docker_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandRefusedError, match="`docker` was not found"):
        Docker()


@pytest.mark.parametrize(("variable", "value"), [("HELP", "--tag"), ("EXIT", "1")])
def test_missing_or_old_buildx_is_refused(calls: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str):
    monkeypatch.setenv(variable, value)
    with pytest.raises(CommandRefusedError, match=r"`docker buildx` is missing or too old"):
        Docker()
