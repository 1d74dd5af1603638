"""Builds and checks the upload page: `python -m phenom.upload_page.build build | check`.

A build happens only when something of the page has changed since the last one.
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phenom.upload_page.digest import of_files

ROOT = Path(__file__).parents[2]
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
        return f"Node.js {NODE[0]}.{NODE[1]} or newer with npm (nodejs.org; Debian 12 has an older one)"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = tuple(int(number) for number in told.removeprefix("v").split(".")[:2] if number.isdigit())
    return None if version >= NODE else f"Node.js {NODE[0]}.{NODE[1]} or newer (here is {told or 'none that starts'})"


def is_current() -> bool:
    return _read("built") == of_files(_sources(), CLIENT) and (DIST / "index.html").exists()


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
            wanted = of_files(_sources(), CLIENT)
            _npm("run", "build")
            (_CACHE / "built").write_text(wanted)
    return DIST


def check() -> None:
    """Style, types and unit tests. Raises BuildError."""
    install()
    for script in ("lint", "types", "test"):
        _npm("run", script)


def main() -> int:
    """Without Node.js a check is left out, which is said; in CI, which has everything, that is a failure."""
    parser = argparse.ArgumentParser(prog="phenom.upload_page.build", description=__doc__)
    parser.add_argument("what", choices=("build", "check"))
    checks = parser.parse_args().what == "check"
    lacks = missing()
    if lacks is not None and checks and os.environ.get("CI") != "true":
        print(f"The upload page is not checked: this machine needs {lacks}.")
        return 0
    try:
        check() if checks else build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("The upload page: style, types and unit tests are fine." if checks else f"Built: {DIST}")
    return 0


def _install() -> None:
    wanted = of_files([CLIENT / "package-lock.json"], CLIENT)
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


if __name__ == "__main__":
    sys.exit(main())
