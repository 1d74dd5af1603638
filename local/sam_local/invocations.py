"""Runs `sam local invoke`, also in parallel; Ctrl-C ends the calls and their containers."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.paths import ROOT
from local.sam_local import invoke_output
from local.sam_local.sam_cli import Sam

CALL_SECONDS = 900  # longest function run, including an image pull
STOP_SECONDS = 20


class StoppedError(Exception):
    """The command was interrupted."""


@dataclass(frozen=True, slots=True)
class Invocations:
    """The calls of one command."""

    sam: Sam
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def call(self, function: str, event: Path, log: Path, *, pull: bool = False) -> dict[str, Any]:
        """Returns the result as parsed by invoke_output.read and keeps SAM's output in `log`. Raises StoppedError."""
        printed = log.with_suffix(".result")
        command = self.sam.command("invoke", function, "--event", str(event), pull=pull)
        with printed.open("wb") as stdout, log.open("wb") as stderr:
            code = self._run(command, self.sam.environment(function), stdout=stdout, stderr=stderr)
        return invoke_output.read(code, printed.read_text(errors="replace"), log.read_text(errors="replace"))

    def stop(self) -> None:
        """Interrupts running calls and prevents new ones. For use from another thread."""
        with self._lock:
            self._stopped.set()
            for process in self._running:
                process.send_signal(signal.SIGINT)  # SAM then removes its container

    def _run(self, command: list[str], environment: dict[str, str], **streams: Any) -> int:
        """Runs SAM in a new session: the terminal's Ctrl-C reaches only us, and we stop the calls in order."""
        with self._lock:
            if self._stopped.is_set():
                raise StoppedError
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True, **streams
            )
            self._running.add(process)
        try:
            code = self._wait(process)
        finally:
            with self._lock:
                self._running.discard(process)
        if self._stopped.is_set():
            raise StoppedError
        return code

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + CALL_SECONDS
        while True:
            try:
                return process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self._stopped.is_set():
                    deadline = min(deadline, time.monotonic() + STOP_SECONDS)
                if time.monotonic() > deadline:
                    os.killpg(process.pid, signal.SIGKILL)
