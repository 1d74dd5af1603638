"""Invalid settings give one line of error, only in commands that read them."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import clamd, cloud, ports
from local.clamd import Address
from local.progress import UsageError


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restores the signal handlers that the command installs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("text", ["abc", "99999", "65536", "-1", "1.5"])
@pytest.mark.parametrize("command", ["run", "up"])
def test_invalid_port_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, command: str
) -> None:
    monkeypatch.setenv("LOCAL_PORT", text)
    assert cloud.main([command, "--dir", str(tmp_path / "cloud")]) == 2
    said = capsys.readouterr().err.strip()
    assert said == "LOCAL_PORT must be a port number from 1 to 65535 (or 0 for any free one)"
    assert not (tmp_path / "cloud").exists()


def test_invalid_port_does_not_prevent_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_PORT", "abc")
    assert cloud.main(["down", "--dir", str(tmp_path)]) == 0
    assert cloud.main(["status", "--dir", str(tmp_path)]) == 1


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--port", "x"], ["--clamav-port", "0"]])
def test_port_option_is_validated(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cloud.main(["up", "--dir", str(tmp_path), *arguments])
    assert caught.value.code == 2


def test_unset_port_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_PORT", raising=False)
    assert ports.from_environment("LOCAL_PORT", lowest=0) is None
    monkeypatch.setenv("LOCAL_PORT", "")
    assert ports.from_environment("LOCAL_PORT", lowest=0) is None
    monkeypatch.setenv("LOCAL_PORT", "0")
    assert ports.from_environment("LOCAL_PORT", lowest=0) == 0


def test_clamd_from_the_environment_has_the_default_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMAV_HOST", "scanner")
    monkeypatch.delenv("CLAMAV_PORT", raising=False)
    assert clamd.configured() == Address("scanner", 3310)
    monkeypatch.setenv("CLAMAV_PORT", "0")
    with pytest.raises(UsageError, match=r"CLAMAV_PORT must be a port number from 1 to 65535$"):
        clamd.configured()


def test_port_above_the_range_is_not_free() -> None:
    assert not ports.is_free(65536)
