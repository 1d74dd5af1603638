"""Background programs that outlive the command that started them, each in its own process group."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Daemon:
    """A background program with a record on disk. A record without a live process means that it was killed."""

    record: Path
    log: Path

    def start(self, command: Sequence[str | Path], env: Mapping[str, str], **facts: Any) -> None:
        """Starts the program. `facts` are kept in the record for later commands, such as the port it listens on."""
        appended = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        streams: list[tuple[Any, ...]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), appended, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(command[0], [str(word) for word in command], env, file_actions=streams, setsid=True)
        content = {"pid": pid, "started": _started(pid), **facts}
        self.record.touch(mode=0o600)
        self.record.write_text(json.dumps(content))

    def facts(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self.record.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content

    def alive(self) -> bool:
        facts = self.facts()
        return bool(facts) and _started(facts["pid"]) == facts["started"] != ""

    def was_killed(self) -> bool:
        return self.record.exists() and not self.alive()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Sends the signal, waits up to STOP_SECONDS, then kills the process group."""
        if self.alive():
            os.kill(self.facts()["pid"], number)
            if not self._wait(STOP_SECONDS):
                self.kill()
        self.record.unlink(missing_ok=True)

    def kill(self) -> None:
        if self.alive():
            os.killpg(self.facts()["pid"], signal.SIGKILL)
            self._wait(STOP_SECONDS)

    def _wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _started(pid: int) -> str:
    """Returns the start time of a process as the kernel reports it, which detects a reused process id.

    Returns an empty string when the process does not exist or is a zombie.
    """
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # our own child must not stay a zombie
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return answer.stdout.strip()
    try:
        state, *fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if state == "Z" else fields[18]
