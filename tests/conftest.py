"""Fixtures for all tests: sample videos, the built functions, and the deployed local cloud."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from testkit.samples.ffmpeg_videos import Recipe, ffmpeg_present, ffmpeg_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.api import Application

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"


# These use no local cloud. `make test` runs them in one process, next to the tests of the local cloud in another.
WITHOUT_LOCAL_CLOUD = ("tests/package/", "tests/e2e/test_environments.py", "tests/e2e/test_updates.py")


class TwoProcesses(LoadScopeScheduling):
    """Distributes the tests of `pytest -n 2 --dist loadscope` so that each fixture is made in one process only."""

    def _split_scope(self, nodeid: str) -> str:
        return "packages" if nodeid.startswith(WITHOUT_LOCAL_CLOUD) else "local cloud"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return TwoProcesses(config, log) if config.getoption("dist") == "loadscope" else None


def require(condition: object, what: str) -> None:
    """Skips the test when the machine lacks something; in CI, which has everything, fails it."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def ffmpeg_videos() -> dict[Recipe, Path]:
    """Real videos of every container and codec, created once and cached."""
    require(ffmpeg_present(), "ffmpeg")
    return ffmpeg_samples(CACHE / "samples/ffmpeg")


@pytest.fixture(scope="session")
def build(testrun_uid: str) -> Path:
    """The functions as `make build` packs them, once per test run: xdist's processes share them."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "test-build.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read() != testrun_uid:
            _make_build()
            lock.truncate(0)
            lock.write(testrun_uid)
    return ROOT / ".aws-sam/build"


def _make_build() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "build"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="session")
def application(build: Path, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Application]":
    """The application on its own local cloud, shared by end-to-end and browser tests."""
    from local import fingerprint
    from tests.e2e import local_cloud

    directory = tmp_path_factory.mktemp("cloud")
    shutil.copytree(build, directory / "sam/build")
    (directory / "sam/inputs").write_text(fingerprint.build_fingerprint())
    with local_cloud.running(directory) as application:
        yield application
