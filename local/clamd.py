"""clamd for the local cloud: started here if installed, or the one that CLAMAV_HOST names."""

import os
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from local import ports
from local.daemon import Daemon
from local.paths import ROOT, CloudPaths
from local.progress import TroubleError, step, tail

READY_SECONDS = 120
DEFAULT_PORT = 3310
SETTINGS = ROOT / "local/clamav/clamd.conf"
TEST_SIGNATURES = ROOT / "local/clamav/test.ndb"
SYSTEM_SIGNATURES = Path("/var/lib/clamav")


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def configured() -> Address | None:
    """Returns the clamd that CLAMAV_HOST and CLAMAV_PORT name; None when unset."""
    host = os.environ.get("CLAMAV_HOST")
    return Address(host, ports.from_environment("CLAMAV_PORT") or DEFAULT_PORT) if host else None


def daemon(paths: CloudPaths) -> Daemon:
    return Daemon(paths.record("clamd"), paths.log("clamd"))


def start(paths: CloudPaths, preferred_port: int) -> Address | None:
    """Starts clamd and returns its address; None when it is not installed. Raises TroubleError."""
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    own = daemon(paths)
    if not own.alive():
        port = preferred_port if ports.is_free(preferred_port) else ports.any_free()
        with step(f"Starting clamd on {ports.LOOPBACK}:{port}"):
            own.start([program, "--config-file", _settings(paths, port)], {"PATH": "/usr/bin:/bin"}, port=port)
            _wait(own, port)
    return Address(ports.LOOPBACK, own.facts()["port"])


def _settings(paths: CloudPaths, port: int) -> Path:
    signatures = paths.clamd / "signatures"
    shutil.rmtree(paths.clamd, ignore_errors=True)
    signatures.mkdir(parents=True)
    # clamd reads one directory: the installed signatures, if any, and ours for the EICAR test file.
    known = [path for path in SYSTEM_SIGNATURES.glob("*.c[vl]d") if os.access(path, os.R_OK)]
    for file in (TEST_SIGNATURES, *known):
        (signatures / file.name).symlink_to(file)
    settings = paths.clamd / "clamd.conf"
    settings.write_text(
        f"{SETTINGS.read_text()}\n"
        f"TCPAddr {ports.LOOPBACK}\nTCPSocket {port}\n"
        f"DatabaseDirectory {signatures}\nTemporaryDirectory {paths.clamd}\n"
    )
    return settings


def _wait(own: Daemon, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers_ping(port):
        if not own.alive() or time.monotonic() > deadline:
            own.stop()
            raise TroubleError(f"clamd did not start:\n{tail(own.log)}")
        time.sleep(0.1)


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection((ports.LOOPBACK, port), timeout=2) as connection:
            connection.sendall(b"zPING\0")
            return connection.recv(16).startswith(b"PONG")
    except OSError:
        return False
