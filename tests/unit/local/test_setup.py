"""setup.sh installs only what is missing, so that `make run` works without root."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local import postgres
from local.paths import ROOT
from tests.conftest import require

PACKAGES = {
    "ffmpeg": lambda: shutil.which("ffmpeg"),
    "imagemagick": lambda: shutil.which("mogrify") or shutil.which("magick"),
    "clamav-daemon": lambda: shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin"),
    "librsvg2-bin": lambda: shutil.which("rsvg-convert"),
    "postgresql": postgres.programs,
    "chromium": lambda: shutil.which("chromium"),
}


def setup(path: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    """Runs setup.sh with a failing apt-get, so that nothing is installed."""
    refusing = path / "apt-get"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    command = ["bash", ROOT / "local/setup.sh", "system", *packages]
    environment = os.environ | {"PATH": f"{path}:{os.environ['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("package", PACKAGES)
def test_present_package_is_not_installed_again(tmp_path: Path, package: str) -> None:
    require(PACKAGES[package](), package)
    done = setup(tmp_path, package)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_missing_package_is_named(tmp_path: Path) -> None:
    done = setup(tmp_path, "no-such-program-anywhere")
    assert done.returncode == 1
    assert "no-such-program-anywhere" in done.stderr
