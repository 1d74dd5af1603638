"""A program that outlives its command is found again, stopped, and known to have been killed."""

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


def test_started_program_is_alive_and_keeps_its_facts(daemon: Daemon) -> None:
    daemon.start(SLEEP, {}, port=7)
    again = Daemon(daemon.record, daemon.log)
    assert again.alive()
    assert again.facts()["port"] == 7


def test_stopped_program_leaves_no_record(daemon: Daemon) -> None:
    daemon.start(SLEEP, {})
    daemon.stop()
    assert not daemon.alive()
    assert not daemon.was_killed()


def test_program_that_will_not_stop_is_killed(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.daemon.STOP_SECONDS", 0.3)
    daemon.start(STUBBORN, {"PYTHONUNBUFFERED": "1"})
    while not (tmp_path / "log").read_text():
        time.sleep(0.01)
    daemon.stop()
    assert not daemon.alive()


def test_killed_program_is_known_by_its_record(daemon: Daemon) -> None:
    daemon.start(SLEEP, {})
    os.kill(daemon.facts()["pid"], signal.SIGKILL)
    while daemon.alive():
        time.sleep(0.01)
    assert daemon.was_killed()


def test_later_process_with_the_same_id_is_another_one(daemon: Daemon) -> None:
    daemon.record.write_text(f'{{"pid": {os.getpid()}, "started": "before"}}')
    assert daemon.was_killed()


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_broken_record_names_no_program(daemon: Daemon, text: str) -> None:
    daemon.record.write_text(text)
    assert not daemon.alive()
    daemon.stop()
    assert not daemon.record.exists()
