"""The AWS emulator: one process on loopback, with its state under the cloud's directory."""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import urllib3

from local import ports
from local.aws import REGION, Aws
from local.daemon import Daemon
from local.paths import EMULATOR_PYTHON, ROOT, CloudPaths
from local.progress import TroubleError, say, step, tail

READY_SECONDS = 60
ENDING_SECONDS = 3
STATE_VERSION = 2
"""Of what our patches keep in the emulator's state. Version 1 has sessions with secrets that can be computed."""
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Emulator:
    """The emulator's process and its state, which is usable only after a clean shutdown: otherwise it starts empty."""

    paths: CloudPaths
    daemon: Daemon = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "daemon", Daemon(self.paths.record("emulator"), self.paths.log("emulator")))

    def running_port(self) -> int | None:
        return int(self.daemon.facts()["port"]) if self.daemon.alive() else None

    def aws(self) -> Aws:
        """Returns access as the root user. Raises TroubleError for an emulator that another release started."""
        facts = self.daemon.facts()
        if not {"port", "key_id", "secret"} <= facts.keys():
            raise TroubleError(f"Another release started the emulator of {self.paths.directory}: `make stop` stops it.")
        return Aws(f"http://{ports.LOOPBACK}:{facts['port']}", facts["key_id"], facts["secret"])

    def start(self, port: int) -> None:
        if self.daemon.was_killed():
            self._delete_unsaved_state()
        if not ports.is_free(port):
            raise TroubleError(
                f"Port {port} is taken by {ports.holder(port)}.\n"
                f"Stop it, or choose another port: make run LOCAL_PORT={_another(port)}\n"
                "(On a different port than last time, the local cloud starts empty: its state is deleted.)"
            )
        self._delete_incompatible_state(port)
        with step(f"Starting the AWS emulator on {ports.LOOPBACK}:{port}"):
            self._launch(port)
            self._wait(port)

    def stop(self) -> None:
        if self.daemon.alive():
            with step("Stopping the AWS emulator"):
                self.daemon.stop()
        self.daemon.record.unlink(missing_ok=True)
        self._delete_unsaved_state()
        shutil.rmtree(self._folder("tmp"), ignore_errors=True)

    def ends_soon(self) -> bool:
        """Returns True when the emulator has ended or ends within ENDING_SECONDS: it first closes its port."""
        deadline = time.monotonic() + ENDING_SECONDS
        while self.daemon.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def forget(self, why: str) -> None:
        """Deletes the emulator's state. The emulator must not be running."""
        if self.paths.emulator.exists():
            say(f"  {why}")
        shutil.rmtree(self.paths.emulator, ignore_errors=True)
        self.paths.stack.unlink(missing_ok=True)

    def _delete_unsaved_state(self) -> None:
        if not self._folder("saved").exists():
            self.forget("The emulator was killed and could not save its state: the next start is empty.")

    def _delete_incompatible_state(self, port: int) -> None:
        """Deletes state of another port or release: queue URLs contain the port, and the format may change."""
        release = f"{hashlib.sha256((ROOT / 'requirements/emulator.txt').read_bytes()).hexdigest()} {STATE_VERSION}"
        made_by = self.paths.emulator / "made-by"
        known = made_by.read_text() if made_by.exists() else None
        if known != f"{port} {release}":
            self.forget("The emulator's state belongs to another port or release: starting empty.")
            self.paths.emulator.mkdir()
            made_by.write_text(f"{port} {release}")

    def _folder(self, name: str) -> Path:
        return self.paths.emulator / name

    def _launch(self, port: int) -> None:
        for name in ("state", "objects", "tmp", "home"):
            self._folder(name).mkdir(exist_ok=True)
        self._folder("saved").unlink(missing_ok=True)
        key_id, secret = _random_key_id(), secrets.token_urlsafe(30)
        interpreter = os.path.realpath(sys.executable)
        command: list[str | Path] = [
            interpreter,
            "-I",
            ROOT / "local/emulator/launch.py",
            _site_packages(),
            self._folder("saved"),
        ]
        self.daemon.start(command, self._environment(port, key_id, secret), port=port, key_id=key_id, secret=secret)

    def _environment(self, port: int, key_id: str, secret: str) -> dict[str, str]:
        """Returns the complete environment. Functions inherit it, so it contains nothing of the developer's."""
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self._folder("home")),
            "TMPDIR": str(self._folder("tmp")),
            "BIND_HOST": ports.LOOPBACK,
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AUTH": "true",
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",  # as on AWS: no token when the trigger fails
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder("state")),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder("objects")),
        }

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _healthy(port):
            if not self.daemon.alive() or time.monotonic() > deadline:
                self.daemon.stop()
                raise TroubleError(f"The emulator did not start:\n{tail(self.daemon.log)}")
            time.sleep(0.1)


def _random_key_id() -> str:
    """Returns a key id in AWS's form. Pages and other users of this machine cannot guess it."""
    return "AKIA" + "".join(secrets.choice(_BASE32) for _ in range(16))


def _another(port: int) -> int:
    return port + 100 if port + 100 <= ports.LAST else port - 100


def _healthy(port: int) -> bool:
    url = f"http://{ports.LOOPBACK}:{port}/_ministack/health"
    try:
        return urllib3.request("GET", url, timeout=2, retries=False).status == HTTPStatus.OK
    except urllib3.exceptions.HTTPError:
        return False


def _site_packages() -> str:
    if not EMULATOR_PYTHON.exists():
        raise TroubleError("The emulator is not installed: start with `make run`, which installs it.")
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run([EMULATOR_PYTHON, "-c", question], capture_output=True, text=True, check=True).stdout.strip()
