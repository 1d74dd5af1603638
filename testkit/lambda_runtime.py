"""Runs built packages under the Lambda runtime emulator inside SAM CLI: no Docker, one call at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from local.ports import answers, any_free

ROOT = Path(__file__).parents[1]
EMULATOR = "lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"
RUNTIME_CLIENT = (
    "awslambdaric",
    "simplejson",
    "snapshot_restore_py.py",
    "runtime_client.cpython-313-x86_64-linux-gnu.so",
)
START_SECONDS = 20


@dataclass(frozen=True)
class Runtime:
    """A running function."""

    url: str

    def invoke(self, event: Any) -> Any:
        """Returns the function's result, or Lambda's error object (`errorType`)."""
        return json.loads(urllib3.request("POST", self.url, body=json.dumps(event), timeout=60, retries=False).data)


@contextmanager
def runtime(
    package: Path, handler: str, environment: Mapping[str, str], directory: Path, libraries: Sequence[Path] = ()
) -> Iterator[Runtime]:
    """Runs `handler` of `package` as Lambda does, in a bare interpreter; `directory` is for scratch files."""
    client = directory / "runtime"
    client.mkdir()
    site = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for name in RUNTIME_CLIENT:
        (client / name).symlink_to(site / name)
    command = [sys._base_executable, "-S", "-m", "awslambdaric", handler]
    search = {"PYTHONPATH": ":".join(map(str, (package, *libraries, client)))}
    with emulated(command, package, {**environment, **search}, directory) as running:
        yield running


@contextmanager
def emulated(
    command: Sequence[str], package: Path, environment: Mapping[str, str], directory: Path
) -> Iterator[Runtime]:
    """Runs a command that speaks Lambda's runtime API. Its output and the emulator's go to `directory`/log."""
    port, api_port = any_free(), any_free()
    emulator = [
        str(ROOT / ".venvs/sam" / EMULATOR),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{api_port}"),
    ]
    lambda_environment = dict(environment) | {"LAMBDA_TASK_ROOT": str(package)}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*emulator, *command], cwd=package, env=lambda_environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(port, process, directory / "log")
        yield Runtime(f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
