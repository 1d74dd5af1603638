"""Runs the start script of the clamd container with Debian's clamd, and its freshclam where that has to fail."""

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testkit.clamd import Clamd, program
from tests.conftest import require
from tests.infra.mirror_server import MirrorServer, serve
from tests.infra.plans import ROOT, TERRAFORM
from tests.infra.waiting import SECONDS, free_port, wait_for

pytestmark = [pytest.mark.clamd]

START = TERRAFORM / "modules" / "clamd" / "start.sh"
SIGNATURES = ROOT / "local/clamav/test.ndb"

# Replaces freshclam, which accepts only files that ClamAV signed: copies the test signature, records its arguments.
FRESHCLAM = """#!/bin/sh
echo "$*" >>"{directory}/freshclam.calls"
if [ -e "{directory}/mirror-is-down" ]; then exit 58; fi
cp "{signatures}" "{directory}/signatures/"
"""

# The real one, which would otherwise change to the user clamav when root runs it.
REAL_FRESHCLAM = """#!/bin/sh
echo "$*" >>"{directory}/freshclam.calls"
exec {freshclam} --user="$(id -un)" "$@"
"""

# Replaces clamdscan: replies like clamd with a daily.cvd, which only ClamAV can sign.
CLAMDSCAN = """#!/bin/sh
echo 'ClamAV 1.4.3/27480/{built:%a %b %e %H:%M:%S %Y}'
"""


@dataclass
class Container:
    """Runs start.sh in its own directory instead of a container."""

    directory: Path
    clamd: Clamd
    server: MirrorServer
    process: subprocess.Popen | None = None

    def install(self, name: str, script: str, **values: object) -> None:
        """Puts a program before the real one of this name."""
        path = self.directory / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script.format(directory=self.directory, **values))
        path.chmod(stat.S_IRWXU)

    def install_real_freshclam(self) -> None:
        freshclam = shutil.which("freshclam")
        require(freshclam, "freshclam (Debian's clamav-freshclam)")
        self.install("freshclam", REAL_FRESHCLAM, freshclam=freshclam)

    def add_definitions_of_the_image(self) -> None:
        shutil.copy(SIGNATURES, self.directory / "signatures")

    def start(self, **settings: str) -> subprocess.Popen:
        script = (
            START.read_text()
            .replace("/tmp/", f"{self.directory}/")
            .replace("/var/lib/clamav", f"{self.directory}/signatures")
            .replace("database.clamav.net", self.server.url("public"))
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
        path = f"{self.directory}/bin:{Path(str(program())).parent}:{os.environ['PATH']}"
        defaults = {
            "MIRROR_URL": self.server.url("private"),
            "WAIT_SECONDS": "3",
            "CHECK_SECONDS": "3600",
            "RETRY_SECONDS": "300",
        }
        with (self.directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", script],
                env={"PATH": path, "CLAMD_CONF": configuration, **defaults, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def log(self) -> str:
        return (self.directory / "log").read_text()

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
    with serve() as server:
        one = Container(tmp_path, Clamd(tmp_path, port=free_port()), server)
        (tmp_path / "signatures").mkdir()
        one.install("freshclam", FRESHCLAM, signatures=SIGNATURES)
        yield one
        if one.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


def test_definitions_come_from_the_private_mirror_before_clamd_starts(container: Container):
    container.start()
    wait_for("clamd answers", container.clamd.answers)
    assert container.calls() == [f"--config-file={container.directory}/private.conf --stdout"]
    settings = (container.directory / "private.conf").read_text().splitlines()
    assert f"PrivateMirror {container.server.url('private')}" in settings
    assert f"NotifyClamd {container.directory}/clamd.conf" in settings


def test_definitions_come_from_the_public_mirror_without_a_private_one(container: Container):
    container.start(MIRROR_URL="")
    wait_for("clamd answers", container.clamd.answers)
    assert container.calls() == [f"--config-file={container.directory}/public.conf --stdout"]


def test_clamd_waits_for_the_first_definitions(container: Container):
    """As in a first deployment whose bucket is still empty, with an image without definitions."""
    container.install_real_freshclam()
    container.server.refusals["public"] = 429
    container.start(WAIT_SECONDS="0")
    wait_for("the private mirror is asked again", lambda: len(container.server.requests_of("private")) >= 4)
    assert not container.clamd.answers()
    assert container.process is not None
    assert container.process.poll() is None, "the container must not exit"
    assert "No mirror has delivered definitions yet." in container.log()
    container.install("freshclam", FRESHCLAM, signatures=SIGNATURES)
    wait_for("clamd answers", container.clamd.answers)


@pytest.mark.parametrize("status", [403, 429])
def test_public_mirror_is_asked_once_and_clamd_starts_with_the_image(container: Container, status: int):
    """A refusal must end neither the container nor the requests to the private mirror, which may be filled by then."""
    container.install_real_freshclam()
    container.add_definitions_of_the_image()
    container.server.refusals["public"] = status
    container.start(RETRY_SECONDS="1")
    wait_for("clamd answers", container.clamd.answers)
    assert "Starting clamd with the definitions that are here." in container.log()
    asked = len(container.server.requests_of("private"))
    wait_for("the private mirror is asked again", lambda: len(container.server.requests_of("private")) > asked)
    assert len(container.server.requests_of("public")) == 1


def test_refusal_by_the_private_mirror_is_forgotten(container: Container):
    """After a 403, freshclam asks no server for a day and exits with 0, as if it had updated the definitions."""
    container.install_real_freshclam()
    container.add_definitions_of_the_image()
    container.server.refusals["private"] = 403
    container.start(WAIT_SECONDS="0", RETRY_SECONDS="1")
    wait_for("clamd answers", container.clamd.answers)
    asked = len(container.server.requests_of("private"))
    wait_for(
        "the private mirror is asked twice more", lambda: len(container.server.requests_of("private")) >= asked + 4
    )
    assert "You are still on cool-down" not in container.log()


def test_refusal_by_the_public_mirror_is_respected(container: Container):
    """Without a private mirror, freshclam's own pause of 4 to 24 hours applies."""
    container.install_real_freshclam()
    container.add_definitions_of_the_image()
    container.server.refusals["public"] = 429
    container.start(MIRROR_URL="", RETRY_SECONDS="1")
    wait_for("clamd answers", container.clamd.answers)
    wait_for("freshclam runs again", lambda: len(container.calls()) >= 3)
    wait_for("freshclam pauses", lambda: "You are still on cool-down" in container.log())
    assert len(container.server.requests_of("public")) == 1
    assert "The public mirror did not update the definitions." in container.log()


def test_failed_updates_do_not_stop_clamd(container: Container):
    process = container.start(CHECK_SECONDS="1", RETRY_SECONDS="1")
    wait_for("clamd answers", container.clamd.answers)
    (container.directory / "mirror-is-down").touch()
    wait_for("two updates failed", lambda: container.log().count("did not update the definitions") >= 2)
    assert container.clamd.answers()
    assert process.poll() is None


def test_age_of_the_definitions_is_logged(container: Container):
    built = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30, minutes=30)
    container.install("clamdscan", CLAMDSCAN, built=built)
    container.start()
    wait_for("the age is logged", lambda: "definitionsAgeHours" in container.log())
    (line, *_) = [line for line in container.log().splitlines() if line.startswith("{")]
    assert json.loads(line) == {"definitionsAgeHours": 30, "dailyVersion": 27480}


def test_no_age_is_logged_without_daily_definitions(container: Container):
    """The alarm treats missing data as breaching."""
    require(shutil.which("clamdscan"), "clamdscan (Debian's)")
    container.start()
    wait_for("clamd answers", container.clamd.answers)
    configuration = f"--config-file={container.directory}/clamd.conf"
    done = subprocess.run(["clamdscan", configuration, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ClamAV 1.")
    assert "definitionsAgeHours" not in container.log()


def test_sigterm_stops_all_programs(container: Container):
    """ECS sends SIGTERM, and SIGKILL a minute later, so running scans can finish."""
    process = container.start()
    wait_for("clamd answers", container.clamd.answers)
    process.terminate()
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members())


def test_sigterm_ends_the_wait_for_definitions(container: Container):
    (container.directory / "mirror-is-down").touch()
    process = container.start()
    wait_for("freshclam failed", lambda: "No mirror has delivered" in container.log())
    process.terminate()
    process.wait(SECONDS)
    wait_for("nothing is left", lambda: not container.members())


def test_container_exits_when_clamd_exits(container: Container):
    """Otherwise it would run without a scanner."""
    process = container.start()
    wait_for("clamd answers", container.clamd.answers)
    subprocess.run(["pkill", "--session", str(process.pid), "--exact", "clamd"], check=True)
    process.wait(SECONDS)
    assert "clamd exited with" in container.log()
    wait_for("nothing is left", lambda: not container.members())
