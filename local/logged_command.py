"""Runs a program to completion with its output in a log file."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.paths import ROOT
from local.progress import TroubleError, tail


def run(command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
    """Raises TroubleError with the end of the log when the program fails. An interruption kills the program."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if code:
        raise TroubleError(f"`{Path(command[0]).name} {command[1]}` failed:\n{tail(log)}")
