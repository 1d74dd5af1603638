"""Builds and checks the upload page. Builds only when a source has changed since the last build."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phenom.errors import DONE, NOT_ALL_DONE, CommandError
from phenom.functions import ROOT
from phenom.upload_page.digest import hash_files

CLIENT = ROOT / "client"
DIST = CLIENT / "dist"
NODE = (20, 19)
_CACHE = ROOT / ".cache" / "client"
_GENERATED = {"node_modules", "dist"}


class BuildError(CommandError):
    """The page could not be built or checked."""


def missing() -> str | None:
    """Returns what this machine lacks for a build; None when it has everything."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"Node.js {NODE[0]}.{NODE[1]} or newer with npm (nodejs.org; Debian 12 has an older one)"
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = tuple(int(number) for number in printed.removeprefix("v").split(".")[:2] if number.isdigit())
    return None if version >= NODE else f"Node.js {NODE[0]}.{NODE[1]} or newer (found: {printed or 'none that starts'})"


def is_current() -> bool:
    return _read("built") == hash_files(_sources(), CLIENT) and (DIST / "index.html").exists()


def install() -> None:
    """Installs the locked packages unless they are installed. Raises BuildError."""
    with _locked():
        _install()


def build() -> Path:
    """Returns the directory of the built page. Raises BuildError."""
    with _locked():
        if not is_current():
            _install()
            (_CACHE / "built").unlink(missing_ok=True)
            sources = hash_files(_sources(), CLIENT)
            _npm("run", "build")
            (_CACHE / "built").write_text(sources)
    return DIST


def check() -> None:
    """Runs style, type and unit checks. Raises BuildError."""
    install()
    for script in ("lint", "types", "test"):
        _npm("run", script)


def run_checks() -> int:
    """Runs the checks and prints the result; skips them without Node.js, except in CI. Returns the exit code."""
    lacks = missing()
    if lacks is not None and os.environ.get("CI") != "true":
        print(f"The upload page is not checked: this machine needs {lacks}.")
        return DONE
    try:
        check()
    except BuildError as error:
        print(error, file=sys.stderr)
        return NOT_ALL_DONE
    print("The upload page: style, types and unit tests are fine.")
    return DONE


def _install() -> None:
    wanted = hash_files([CLIENT / "package-lock.json"], CLIENT)
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
        if path.is_file() and not _GENERATED & set(path.relative_to(CLIENT).parts):
            yield path


def _read(name: str) -> str | None:
    file = _CACHE / name
    return file.read_text() if file.exists() else None


@contextmanager
def _locked() -> Iterator[None]:
    """Holds a lock: concurrent builds would delete each other's files."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
