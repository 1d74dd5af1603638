"""Runs the start script of the clamd container with Debian's clamd."""

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

# Replaces freshclam, which needs the internet: copies the test signature and records its arguments.
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
    """Runs start.sh in its own directory instead of a container."""

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
        """Returns the names of the running programs."""
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


def test_definitions_are_downloaded_first_and_then_daily(container: Container):
    container.start()
    wait_for("clamd answers", container.clamd.answers)
    wait_for("freshclam runs as a daemon", lambda: len(container.calls()) == 2)
    first, second = container.calls()
    assert "--daemon" not in first
    assert "--daemon" in second
    assert "--checks=1" in second
    assert f"NotifyClamd {container.directory}/clamd.conf" in (container.directory / "freshclam.conf").read_text()


def test_sigterm_stops_all_programs(container: Container):
    """ECS sends SIGTERM, and SIGKILL a minute later, so running scans can finish."""
    process = container.start()
    wait_for("clamd answers", container.clamd.answers)
    process.terminate()
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members())


@pytest.mark.parametrize("name", ["clamd", "sleep"])
def test_container_exits_when_either_program_exits(container: Container, name: str):
    """Otherwise it would run with old definitions or without a scanner, and still be healthy."""
    process = container.start()
    wait_for("both run", lambda: container.clamd.answers() and len(container.calls()) == 2)
    subprocess.run(["pkill", "--session", str(process.pid), "--exact", name], check=True)
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members() - {"sh"})


def test_container_exits_when_the_download_fails(container: Container):
    """ECS starts a new one; clamd never answers without definitions."""
    (container.directory / "mirror-is-down").touch()
    assert container.start().wait(SECONDS) != 0
    assert not container.clamd.answers()
