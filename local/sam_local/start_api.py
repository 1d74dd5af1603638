"""Serves the API by `sam local start-api`, against the local cloud, until Ctrl-C: `phenom start-api`.

Requests run the built function in a container that stays warm. SAM checks no API key and enforces no quota; the
emulator of `make run` does.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from local import ports
from local.paths import ROOT
from local.progress import TroubleError, say
from local.sam_local import signals, target
from local.sam_local.preparation import Preparation
from local.sam_local.sam_cli import Image, Sam
from phenom.functions import FUNCTIONS

DEFAULT_PORT = 3000
READY_SECONDS = 120
STOP_SECONDS = 30
FUNCTION = "presign"  # the one behind the API


def run(image: Image, port: int, directory: Path) -> NoReturn:
    """Serves until Ctrl-C, on the local cloud of `directory` or on one started for this. Raises TroubleError."""
    signals.end_as_by_ctrl_c()
    with target.prepared(directory.resolve(), "start-api") as preparation:
        serve(preparation, image, port)


def serve(preparation: Preparation, image: Image, port: int) -> NoReturn:
    """Serves until Ctrl-C. Raises TroubleError when the port is in use or SAM ends by itself."""
    if not ports.is_free(port):
        raise TroubleError(f"Port {port} is used by {ports.holder(port)}. Choose another one with --port.")
    with preparation.of([FUNCTION], image) as sam, running(sam, port) as process:
        say(_banner(preparation.running.password, port))
        process.wait()
        raise TroubleError("`sam local start-api` has ended.")


@contextmanager
def running(sam: Sam, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Yields the process once the API answers. SAM prints to the terminal."""
    command = sam.command(
        "start-api", "--host", ports.LOOPBACK, "--port", str(port), "--warm-containers", "LAZY", pull=True
    )  # fmt: skip
    environment = sam.environment(FUNCTIONS[FUNCTION].resource)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not ports.answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TroubleError("`sam local start-api` did not start.")
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()  # SAM removes its containers
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _banner(password: str, port: int) -> str:
    url = f"http://{ports.LOOPBACK}:{port}"
    return f"""
The API is served at {url}. In another terminal:

  curl -s {url}/upload/generate-url -H 'content-type: application/json' \\
    -d '{{"password": "{password}", "fileName": "photo.jpg", "contentType": "image/jpeg", "fileSize": 1000}}'
  curl -s {url}/upload/UPLOAD_ID

Ctrl-C stops it.
"""
