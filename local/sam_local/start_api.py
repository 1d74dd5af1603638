"""Serves the API by `sam local start-api`, against the local cloud, until Ctrl-C: `phenom start-api`.

Requests run the built function in a container that stays warm. SAM checks no API key and enforces no quota: that is API
Gateway's, which `make run` has an emulator for.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from local import ports
from local.paths import ROOT
from local.progress import TroubleError, complain, say
from local.sam_local import options, signals, target
from local.sam_local.preparation import Preparation
from local.sam_local.sam_cli import Image, Sam
from phenom.functions import FUNCTIONS

DEFAULT_PORT = 3000
READY_SECONDS = 120
STOP_SECONDS = 30
FUNCTION = "presign"  # the one behind the API


def main(arguments: Sequence[str] | None = None) -> int:
    signals.end_as_by_ctrl_c()
    chosen = _parser().parse_args(arguments)
    try:
        with target.prepared(chosen.dir.resolve(), "start-api") as preparation:
            serve(preparation, options.image(chosen), chosen.port)
    except TroubleError as trouble:
        complain(trouble)
    except KeyboardInterrupt:
        say("\nStopped; the containers are gone.")
        return 130
    return 1


def serve(preparation: Preparation, image: Image, port: int) -> None:
    """Until Ctrl-C. Raises TroubleError where the port is taken, or SAM ends by itself."""
    if not ports.is_free(port):
        raise TroubleError(f"Port {port} is taken by {ports.holder(port)}. Choose another one: make start-api PORT=…")
    with preparation.of([FUNCTION], image) as sam, running(sam, port) as process:
        say(_banner(preparation.offered.password, port))
        process.wait()
        raise TroubleError("`sam local start-api` has ended.")


@contextmanager
def running(sam: Sam, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The API, once it answers. SAM says what it does on the terminal."""
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
        process.terminate()  # SAM takes its containers away
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.sam_local.start_api", description=__doc__, epilog=options.EPILOG
    )
    parser.add_argument("--port", type=options.port, default=DEFAULT_PORT, help=f"on loopback ({DEFAULT_PORT})")
    options.add(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
