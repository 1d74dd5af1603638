"""Settings that cannot be meant are told in one line, and only to the commands that read them."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import clamd, cloud, ports
from local.clamd import Address
from local.progress import UsageError


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those that the command sets are not left behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("text", ["abc", "99999", "65536", "-1", "1.5"])
@pytest.mark.parametrize("command", ["run", "up"])
def test_port_that_is_none_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, command: str
) -> None:
    monkeypatch.setenv("LOCAL_PORT", text)
    assert cloud.main([command, "--dir", str(tmp_path / "cloud")]) == 2
    said = capsys.readouterr().err.strip()
    assert said == "LOCAL_PORT must be a port number from 1 to 65535 (or 0 for any free one)"
    assert not (tmp_path / "cloud").exists()


def test_port_that_is_none_does_not_keep_a_cloud_from_being_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_PORT", "abc")
    assert cloud.main(["down", "--dir", str(tmp_path)]) == 0
    assert cloud.main(["status", "--dir", str(tmp_path)]) == 1


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--port", "x"], ["--clamav-port", "0"]])
def test_port_option_is_checked_too(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cloud.main(["up", "--dir", str(tmp_path), *arguments])
    assert caught.value.code == 2


def test_environment_without_a_port_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_PORT", raising=False)
    assert ports.from_environment("LOCAL_PORT", lowest=0) is None
    monkeypatch.setenv("LOCAL_PORT", "")
    assert ports.from_environment("LOCAL_PORT", lowest=0) is None
    monkeypatch.setenv("LOCAL_PORT", "0")
    assert ports.from_environment("LOCAL_PORT", lowest=0) == 0


def test_clamd_of_the_environment_has_the_usual_port_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMAV_HOST", "scanner")
    monkeypatch.delenv("CLAMAV_PORT", raising=False)
    assert clamd.configured() == Address("scanner", 3310)
    monkeypatch.setenv("CLAMAV_PORT", "0")
    with pytest.raises(UsageError, match=r"CLAMAV_PORT must be a port number from 1 to 65535$"):
        clamd.configured()


def test_port_past_the_last_one_is_not_free() -> None:
    assert not ports.is_free(65536)
