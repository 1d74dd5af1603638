"""Duration of a scan of 500 MB, compared with `clamdscan --stream` and with PyPI's clamd client.

All send the same file to the same clamd (Debian's, with few signatures and `DisableCache yes`), so the comparison is
about sending.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import peers
from benchmarks.figures import Figure, MissingPartError, Target, not_measured, ratio
from testkit import clamd

ROUNDS, QUICK_ROUNDS = 4, 1
SIZE, QUICK_SIZE = 500_000_000, 50_000_000
CHUNK = 1024 * 1024
PYPI_ROUNDS = 1
_LIMITS = {"DisableCache": "yes", "StreamMaxLength": "600M", "MaxFileSize": "600M", "MaxScanSize": "600M"}
_TARGET = Target(1.05)
_NAME = "scan of 500 MB ÷ clamdscan --stream"
_CLAMD_OF_PYPI = (
    "import sys; from clamd import ClamdNetworkSocket as C; "
    "r = C('127.0.0.1', int(sys.argv[1]), timeout=600).instream(open(sys.argv[2], 'rb')); "
    "sys.exit(r != {'stream': ('OK', None)} and str(r))"
)


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    rounds, size = (QUICK_ROUNDS, QUICK_SIZE) if quick else (ROUNDS, SIZE)
    client = _clamdscan()
    with TemporaryDirectory() as scratch, _daemon(Path(scratch)) as daemon:
        file = _file(Path(scratch), size)
        configuration = _configuration(Path(scratch), daemon.port)
        peer = [client, "--config-file", str(configuration), "--stream", "--no-summary", str(file)]
        say(f"    {size / 1e6:.0f} MB, {rounds} rounds")
        _ours(daemon.port, file)  # fills the page cache
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(_seconds(lambda: _ours(daemon.port, file)))
            theirs.append(_seconds(lambda: _run(peer)))
        figures = [ratio(_NAME, ours, theirs, _TARGET, unit="s")]
        return [*figures, _other(daemon.port, file, min(rounds, PYPI_ROUNDS), peer)]


def _other(port: int, file: Path, rounds: int, peer: list[str]) -> Figure:
    """Compares PyPI's `clamd` in fewer rounds."""
    name = "for comparison: PyPI's clamd ÷ clamdscan --stream"
    try:
        library = peers.python_packages("clamd", "clamd")
    except MissingPartError as missing:
        return not_measured(name, str(missing))
    command = ["env", f"PYTHONPATH={library}", sys.executable, "-c", _CLAMD_OF_PYPI, str(port), str(file)]
    pairs = [(_seconds(lambda: _run(command)), _seconds(lambda: _run(peer))) for _ in range(rounds)]
    return ratio(name, [each[0] for each in pairs], [each[1] for each in pairs], unit="s")


def _ours(port: int, file: Path) -> None:
    from validator.clamav import ClamAv  # noqa: PLC0415 - needs src on the path

    with file.open("rb") as content:
        infection = ClamAv("127.0.0.1", port).scan(iter(lambda: content.read(CHUNK), b""))
    if infection is not None:
        raise RuntimeError(f"clamd found {infection} in noise")


def _clamdscan() -> str:
    program = shutil.which("clamdscan")
    if clamd.program() is None or program is None:
        raise MissingPartError("clamd or clamdscan is missing: install Debian's clamav-daemon and clamdscan")
    peers.note("clamdscan", _output(program, "--version").split("/")[0].removeprefix("ClamAV ").strip())
    return program


@contextmanager
def _daemon(directory: Path) -> Iterator[clamd.Clamd]:
    daemon = clamd.Clamd(directory, dict(_LIMITS))
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.kill()


def _file(directory: Path, size: int) -> Path:
    """Writes repeated noise, which resembles a video to a scanner."""
    noise = Path("/dev/urandom").open("rb").read(CHUNK)  # noqa: SIM115
    file = directory / "film.bin"
    with file.open("wb") as target:
        for _ in range(size // CHUNK):
            target.write(noise)
        target.write(noise[: size % CHUNK])
    return file


def _configuration(directory: Path, port: int) -> Path:
    file = directory / "clamdscan.conf"
    file.write_text(f"TCPAddr 127.0.0.1\nTCPSocket {port}\nStreamMaxLength 600M\n")
    return file


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-500:]}{done.stderr[-500:]}")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
