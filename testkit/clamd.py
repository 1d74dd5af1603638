"""A clamd for tests: settings and test signature of the local cloud, smaller limits, a free port."""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

LOCAL = Path(__file__).parents[1] / "local/clamav"
START_SECONDS = 60


def program() -> str | None:
    return shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def eicar() -> bytes:
    """Returns the EICAR test file, assembled here so that no scanner mistakes this module for it."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def settings(directory: Path, port: int, limits: dict[str, str]) -> str:
    """Returns local/clamav/clamd.conf with these limits."""
    lines = [line for line in (LOCAL / "clamd.conf").read_text().splitlines() if line.partition(" ")[0] not in limits]
    own = {
        "TCPAddr": "127.0.0.1",
        "TCPSocket": str(port),
        "DatabaseDirectory": str(directory / "signatures"),
        "TemporaryDirectory": str(directory),
    }
    return "\n".join([*lines, *(f"{name} {value}" for name, value in {**limits, **own}.items())]) + "\n"


@dataclass(slots=True)
class Clamd:
    """A daemon that can be started, killed and started again on the same port."""

    directory: Path
    limits: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)) as server:
            self.port = server.getsockname()[1]
        (self.directory / "signatures").mkdir(parents=True, exist_ok=True)
        shutil.copy(LOCAL / "test.ndb", self.directory / "signatures")
        configuration = self.directory / "clamd.conf"
        configuration.write_text(settings(self.directory, self.port, self.limits))
        with (self.directory / "clamd.log").open("ab") as log:
            command = [str(program()), "--config-file", str(configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.directory / "clamd.log").read_text())
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kills the daemon at once, in the middle of a scan if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def resident_bytes(self) -> int:
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024
