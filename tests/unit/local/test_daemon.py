"""Background programs: found again, stopped, and recognised as killed."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.daemon import Daemon

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(60)"]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "record.json", tmp_path / "log")
    yield daemon
    daemon.kill()


def test_started_program_is_alive_and_has_its_facts(daemon: Daemon) -> None:
    daemon.start(SLEEP, {}, port=7)
    again = Daemon(daemon.record, daemon.log)
    assert again.alive()
    assert again.facts()["port"] == 7


def test_stopped_program_leaves_no_record(daemon: Daemon) -> None:
    daemon.start(SLEEP, {})
    daemon.stop()
    assert not daemon.alive()
    assert not daemon.was_killed()


def test_program_that_ignores_the_signal_is_killed(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.daemon.STOP_SECONDS", 0.3)
    daemon.start(STUBBORN, {"PYTHONUNBUFFERED": "1"})
    while not (tmp_path / "log").read_text():
        time.sleep(0.01)
    daemon.stop()
    assert not daemon.alive()


def test_killed_program_leaves_its_record(daemon: Daemon) -> None:
    daemon.start(SLEEP, {})
    os.kill(daemon.facts()["pid"], signal.SIGKILL)
    while daemon.alive():
        time.sleep(0.01)
    assert daemon.was_killed()


def test_reused_process_id_is_not_the_program(daemon: Daemon) -> None:
    daemon.record.write_text(f'{{"pid": {os.getpid()}, "started": "before"}}')
    assert daemon.was_killed()


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_broken_record_means_no_program(daemon: Daemon, text: str) -> None:
    daemon.record.write_text(text)
    assert not daemon.alive()
    daemon.stop()
    assert not daemon.record.exists()
