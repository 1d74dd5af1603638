"""What the clamd container runs, run for real with Debian's clamd."""

import contextlib
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testkit.clamd import Clamd, program
from tests.conftest import require
from tests.infra.plans import ROOT, TERRAFORM
from tests.infra.waiting import SECONDS, free_port, wait_for

pytestmark = [pytest.mark.infra, pytest.mark.clamd]

START = TERRAFORM / "modules" / "clamd" / "start.sh"

# In place of freshclam, which needs the internet: brings the test signature, notes how it was called.
FRESHCLAM = """#!/bin/sh
echo "$*" >>"{directory}/freshclam.calls"
[ -e "{directory}/mirror-is-down" ] && exit 58
case "$*" in
    *--daemon*) exec sleep 1000 ;;
    *) cp "{signatures}" "{directory}/signatures/" ;;
esac
"""


@dataclass
class Container:
    """start.sh in a directory of its own instead of a container."""

    directory: Path
    clamd: Clamd
    process: subprocess.Popen | None = None

    def start(self) -> subprocess.Popen:
        (self.directory / "signatures").mkdir()
        stand_in = self.directory / "bin" / "freshclam"
        stand_in.parent.mkdir()
        stand_in.write_text(FRESHCLAM.format(directory=self.directory, signatures=ROOT / "local/clamav/test.ndb"))
        stand_in.chmod(stat.S_IRWXU)
        script = (
            START.read_text()
            .replace("/tmp/", f"{self.directory}/")
            .replace("/var/lib/clamav", f"{self.directory}/signatures")
        )
        configuration = "\n".join(
            [
                (ROOT / "local/clamav/clamd.conf").read_text().strip(),
                f"TCPSocket {self.clamd.port}",
                "TCPAddr 127.0.0.1",
                f"DatabaseDirectory {self.directory}/signatures",
                f"TemporaryDirectory {self.directory}",
            ]
        )
        path = f"{stand_in.parent}:{Path(str(program())).parent}:{os.environ['PATH']}"
        with (self.directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", script],
                env={"PATH": path, "CLAMD_CONF": configuration, "FRESHCLAM_CHECKS": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def calls(self) -> list[str]:
        path = self.directory / "freshclam.calls"
        return path.read_text().splitlines() if path.exists() else []

    def members(self) -> set[str]:
        """Names of the programs that run in the container."""
        assert self.process
        listed = subprocess.run(
            ["ps", "--no-headers", "-o", "comm", "-s", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return set(listed.stdout.split())


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    require(program(), "clamd (Debian's clamav-daemon)")
    one = Container(tmp_path, Clamd(tmp_path, port=free_port()))
    yield one
    if one.process:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()


def test_definitions_come_first_and_then_every_day(container: Container):
    container.start()
    wait_for("clamd answers", container.clamd.answers)
    wait_for("freshclam runs as a daemon", lambda: len(container.calls()) == 2)
    first, second = container.calls()
    assert "--daemon" not in first
    assert "--daemon" in second
    assert "--checks=1" in second
    assert f"NotifyClamd {container.directory}/clamd.conf" in (container.directory / "freshclam.conf").read_text()


def test_stopping_the_container_stops_everything(container: Container):
    """ECS sends SIGTERM, and kills a minute later: scans under way end before."""
    process = container.start()
    wait_for("clamd answers", container.clamd.answers)
    process.terminate()
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members())


@pytest.mark.parametrize("name", ["clamd", "sleep"])
def test_the_container_ends_when_either_program_does(container: Container, name: str):
    """Else it would go on with old definitions, or without a scanner, and look well."""
    process = container.start()
    wait_for("both run", lambda: container.clamd.answers() and len(container.calls()) == 2)
    subprocess.run(["pkill", "--session", str(process.pid), "--exact", name], check=True)
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members() - {"sh"})


def test_without_definitions_the_container_ends(container: Container):
    """ECS tries again; clamd never answers without definitions."""
    (container.directory / "mirror-is-down").touch()
    assert container.start().wait(SECONDS) != 0
    assert not container.clamd.answers()
