"""Starts and stops a local cloud for tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.paths import ROOT
from local.ports import any_free
from tests.e2e.api import Application

# The developer's AWS settings and make's variables must not reach the local cloud.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}


@contextmanager
def running(directory: Path) -> Iterator[Application]:
    """Starts a local cloud in the directory, deploys the application, and stops the cloud at the end."""
    _control("up", "--dir", directory, "--port", str(any_free()))
    try:
        stack_file = directory / "stack.json"
        yield Application(json.loads(stack_file.read_text()), stack_file)
    finally:
        _control("down", "--dir", directory)


def _control(*arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.cloud", *arguments],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
