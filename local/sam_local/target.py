"""Chooses the local cloud for a command: the running one, or one started for it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import clamd, stack
from local.deployment import Deployment
from local.lifecycle import Cloud
from local.paths import ROOT, CloudPaths
from local.progress import TroubleError, say
from local.sam_local import docker_engine
from local.sam_local.preparation import Preparation


@contextmanager
def prepared(directory: Path, command: str) -> Iterator[Preparation]:
    """Yields the current functions, packed, and a local cloud for a command such as `invoke`.

    Uses the cloud of `directory` if it is up. Otherwise starts one in `directory/command` and stops it afterwards; its
    build stays for the next time. Raises TroubleError; a missing Docker is found before anything is started.
    """
    docker_engine.find()
    install_tools()
    there, own = Cloud(CloudPaths(directory)), Cloud(CloudPaths(directory / command))
    with own.owned():
        if there.runs() and there.paths.stack.exists():
            say(f"Using the local cloud that is up, at {there.aws().endpoint}")
            yield _of(there, own.paths)
            return
        say("No local cloud is up: starting one for this command")
        try:
            own.up(0, clamd.configured())
            yield _of(own, own.paths)
        finally:
            own.down()


def install_tools() -> None:
    """Installs SAM CLI, the emulator and PostgreSQL where they are missing. Raises TroubleError."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "--silent", "local-tools"], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise TroubleError("The tools of the local cloud could not be installed: see above.")


def _of(cloud: Cloud, paths: CloudPaths) -> Preparation:
    build = Deployment(cloud.paths, cloud.aws()).build()
    return Preparation(stack.read_running(cloud.paths.stack), build, paths.directory / "containers")
