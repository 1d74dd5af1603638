"""Calls of a program in SAM's place: their output, interruption and timeout."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from local.sam_local import invocations
from local.sam_local.invocations import Invocations, StoppedError


class FakeSam:
    """Runs Python code in place of SAM; the event is in sys.argv."""

    def __init__(self, code: str) -> None:
        self.code = code

    def command(self, what: str, *options: str, pull: bool) -> list[str]:
        return [sys.executable, "-c", self.code, what, *options, str(pull)]

    def environment(self, function: str) -> dict[str, str]:
        return {"FUNCTION": function}


def calls(code: str) -> Any:
    return Invocations(FakeSam(f"import os, signal, sys, time\n{code}"))  # type: ignore[arg-type]


EVENT = Path("events/presign/status_ok.json")


def test_output_is_parsed_and_kept_in_the_log(tmp_path):
    there = calls("""print('{"a": "' + os.environ['FUNCTION'] + '"}'); print(sys.argv[1:], file=sys.stderr)""")
    log = tmp_path / "x.log"
    assert there.call("PresignFunction", EVENT, log, pull=True) == {"result": {"a": "PresignFunction"}}
    assert log.read_text() == f"['invoke', 'PresignFunction', '--event', '{EVENT}', 'True']\n"


def interrupted(there: Any, log: Path) -> None:
    """Interrupts the call as soon as it has started."""

    def stop() -> None:
        while not (log.exists() and "begun" in log.read_text()):
            time.sleep(0.02)
        there.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(StoppedError):
        there.call("PresignFunction", EVENT, log)
    thread.join()


def test_interruption_reaches_sam_so_that_it_removes_its_container(tmp_path):
    log = tmp_path / "x.log"
    there = calls("""
try:
    print("begun", file=sys.stderr, flush=True); time.sleep(60)
except KeyboardInterrupt:
    print("cleaned up", file=sys.stderr)
""")
    interrupted(there, log)
    assert log.read_text() == "begun\ncleaned up\n"


def test_call_that_ignores_the_interruption_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(invocations, "STOP_SECONDS", 0.1)
    ignoring = (
        "signal.signal(signal.SIGINT, signal.SIG_IGN); print('begun', file=sys.stderr, flush=True); time.sleep(60)"
    )
    interrupted(calls(ignoring), tmp_path / "x.log")


def test_call_over_its_time_limit_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(invocations, "CALL_SECONDS", 0.1)
    (told,) = calls("time.sleep(60)").call("PresignFunction", EVENT, tmp_path / "x.log").values()
    assert "SAM exits with -9" in told


def test_no_call_starts_after_an_interruption(tmp_path):
    there = calls("")
    there.stop()
    with pytest.raises(StoppedError):
        there.call("PresignFunction", EVENT, tmp_path / "x.log")
