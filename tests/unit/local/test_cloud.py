"""`make run` ends with a message, not a traceback, when the emulator is killed or changed under it."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local import banner, cloud
from local.lifecycle import Cloud
from local.logs import FunctionLostError
from local.paths import CloudPaths
from local.progress import tail

GONE = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")
REFUSED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "FilterLogEvents")


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cloud whose emulator is a sleeping process."""
    running = Cloud(CloudPaths(tmp_path))
    running.paths.create()
    running.paths.emulator.mkdir()
    monkeypatch.setattr(banner, "render_banner", lambda *_: "up")
    command = [sys.executable, "-c", "import time; time.sleep(60)"]

    def start(*_: Any, **__: Any) -> Any:
        running.emulator.daemon.start(command, {}, port=4566, key_id="AKIA", secret="x")
        return None

    monkeypatch.setattr(Cloud, "up", start)
    monkeypatch.setattr("local.emulator.process.ENDING_SECONDS", 0.5)
    yield running
    running.kill()


def run(running: Cloud, monkeypatch: pytest.MonkeyPatch, follow: Any) -> int:
    monkeypatch.setattr(cloud, "_follow", follow)
    monkeypatch.setattr("local.clamd.configured", lambda: None)
    return cloud.main(["run", "--dir", str(running.paths.directory)])


def test_killed_emulator_is_reported(running: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def follow(*_: Any) -> None:
        os.kill(running.emulator.daemon.facts()["pid"], signal.SIGKILL)
        raise GONE

    assert run(running, monkeypatch, follow) == 1
    assert "The emulator has ended. `make run` starts it again" in capsys.readouterr().err


def test_emulator_that_ends_while_nothing_is_asked_is_reported(
    running: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert run(running, monkeypatch, lambda *_: None) == 1
    assert "The emulator has ended" in capsys.readouterr().err


def test_refused_call_is_reported(running: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def follow(*_: Any) -> None:
        raise REFUSED

    assert run(running, monkeypatch, follow) == 1
    printed = capsys.readouterr().err
    assert "AccessDenied" in printed
    assert "make clean && make run" in printed


def test_reset_emulator_is_reported(running: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def follow(*_: Any) -> None:
        raise FunctionLostError("f is no longer deployed")

    assert run(running, monkeypatch, follow) == 1
    assert "f is no longer deployed" in capsys.readouterr().err
    assert not running.runs()


def test_end_of_a_log_is_printable(tmp_path: Path) -> None:
    log = tmp_path / "emulator.log"
    log.write_bytes(b"GET /\x1b[2Jx\n\tnext\xff\x9b\n")
    shown = tail(log)
    assert r"/\x1b[2Jx" in shown
    assert shown.replace("\n", "").isprintable()
