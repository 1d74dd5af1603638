"""Builds the upload page, when something of it has changed since the last time."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLIENT = ROOT / "client"
DIST = CLIENT / "dist"
NODE = (20, 19)
_CACHE = ROOT / ".cache" / "client"
_MADE = {"node_modules", "dist"}


class BuildError(Exception):
    """The page could not be built. The message says what to do about it."""


def missing() -> str | None:
    """What this machine lacks for a build, in words; None where it has all."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"Node.js {NODE[0]}.{NODE[1]} or newer with npm (Debian: apt-get install nodejs npm; or nodejs.org)"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = tuple(int(number) for number in told.removeprefix("v").split(".")[:2] if number.isdigit())
    return None if version >= NODE else f"Node.js {NODE[0]}.{NODE[1]} or newer (here is {told or 'none that starts'})"


def is_current() -> bool:
    return _read("built") == _digest(_sources()) and (DIST / "index.html").exists()


def install() -> None:
    """The locked packages, unless they are there. Raises BuildError."""
    with _alone():
        _install()


def build() -> Path:
    """The directory of the built page. Raises BuildError."""
    with _alone():
        if not is_current():
            _install()
            (_CACHE / "built").unlink(missing_ok=True)
            wanted = _digest(_sources())
            _npm("run", "build")
            (_CACHE / "built").write_text(wanted)
    return DIST


def _install() -> None:
    wanted = _digest([CLIENT / "package-lock.json"])
    if _read("installed") == wanted and (CLIENT / "node_modules").exists():
        return
    _npm("ci")
    (_CACHE / "installed").write_text(wanted)


def _npm(*arguments: str) -> None:
    if lacks := missing():
        raise BuildError(f"The upload page cannot be built: this machine needs {lacks}.")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["npm", *arguments], cwd=CLIENT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"`npm {' '.join(arguments)}` failed in {CLIENT}:\n{(done.stdout + done.stderr)[-4000:]}")


def _sources() -> Iterator[Path]:
    for path in CLIENT.rglob("*"):
        if path.is_file() and not _MADE & set(path.relative_to(CLIENT).parts):
            yield path


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _read(name: str) -> str | None:
    file = _CACHE / name
    return file.read_text() if file.exists() else None


@contextmanager
def _alone() -> Iterator[None]:
    """Two builds at once would take each other's files away."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
