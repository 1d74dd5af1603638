"""Calls of a program in SAM's place: what is kept of them, and how they end."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from local.sam_local import invocations
from local.sam_local.invocations import Invocations, StoppedError


class FakeSam:
    """Runs this Python code, which finds the event in sys.argv."""

    def __init__(self, code: str) -> None:
        self.code = code

    def command(self, what: str, *options: str, pull: bool) -> list[str]:
        return [sys.executable, "-c", self.code, what, *options, str(pull)]

    def environment(self, function: str) -> dict[str, str]:
        return {"FUNCTION": function}


def calls(code: str) -> Any:
    return Invocations(FakeSam(f"import os, signal, sys, time\n{code}"))  # type: ignore[arg-type]


EVENT = Path("events/presign/status_ok.json")


def test_what_it_prints_is_the_outcome_and_all_of_it_is_kept(tmp_path):
    there = calls("""print('{"a": "' + os.environ['FUNCTION'] + '"}'); print(sys.argv[1:], file=sys.stderr)""")
    log = tmp_path / "x.log"
    assert there.call("PresignFunction", EVENT, log, pull=True) == {"result": {"a": "PresignFunction"}}
    assert log.read_text() == f"['invoke', 'PresignFunction', '--event', '{EVENT}', 'True']\n"


def interrupted(there: Any, log: Path) -> None:
    """Stops the call as soon as it has begun."""

    def stop() -> None:
        while not (log.exists() and "begun" in log.read_text()):
            time.sleep(0.02)
        there.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(StoppedError):
        there.call("PresignFunction", EVENT, log)
    thread.join()


def test_an_interruption_reaches_sam_as_ctrl_c_so_that_it_can_take_its_container_away(tmp_path):
    log = tmp_path / "x.log"
    there = calls("""
try:
    print("begun", file=sys.stderr, flush=True); time.sleep(60)
except KeyboardInterrupt:
    print("cleaned up", file=sys.stderr)
""")
    interrupted(there, log)
    assert log.read_text() == "begun\ncleaned up\n"


def test_one_that_does_not_care_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(invocations, "STOP_SECONDS", 0.1)
    ignoring = (
        "signal.signal(signal.SIGINT, signal.SIG_IGN); print('begun', file=sys.stderr, flush=True); time.sleep(60)"
    )
    interrupted(calls(ignoring), tmp_path / "x.log")


def test_one_that_takes_for_ever_is_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(invocations, "CALL_SECONDS", 0.1)
    (told,) = calls("time.sleep(60)").call("PresignFunction", EVENT, tmp_path / "x.log").values()
    assert "SAM exits with -9" in told


def test_after_an_interruption_nothing_begins(tmp_path):
    there = calls("")
    there.stop()
    with pytest.raises(StoppedError):
        there.call("PresignFunction", EVENT, tmp_path / "x.log")
