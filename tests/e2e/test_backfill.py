"""`phenom backfill-users` writes all users of the pool to the database, even when the first run is killed."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands import PHENOM, ROOT
from tests.e2e.api import Application, wait_for
from tests.e2e.sign_in_backend import SignInBackend

USERS = 500
PAGE = 60


@pytest.fixture
def backend(application: Application) -> SignInBackend:
    return SignInBackend(application)


def backfill(backend: SignInBackend, progress: Path, *options: str) -> subprocess.Popen[str]:
    command = [
        *(PHENOM, "backfill-users", "local", "--stack", backend.application.stack_file),
        *("--progress", progress, *options),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_backfill_resumes_after_a_kill_and_writes_every_user(backend: SignInBackend, tmp_path: Path) -> None:
    users = {backend.invite_user(number) for number in range(USERS)}
    progress = tmp_path / "progress.json"

    dry = backfill(backend, progress, "--dry-run")
    stdout, stderr = dry.communicate(timeout=120)
    assert dry.returncode == 0, stderr
    assert "would be sent" in stdout
    assert not progress.exists()
    assert not backend.row_ids() & users

    killed = backfill(backend, progress, "--rate", "60")
    wait_for(lambda: progress.exists() and json.loads(progress.read_text())["sent"] >= 2 * PAGE, 60, "two pages")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert 0 < json.loads(progress.read_text())["sent"] < USERS

    second = backfill(backend, progress, "--rate", "1000")
    stdout, stderr = second.communicate(timeout=300)
    assert "Continuing after" in stdout, stderr
    assert users <= backend.row_ids(), stdout
    assert not progress.exists()
    rows = [row for row in backend.rows() if str(row["id"]) in users]
    assert len(rows) == USERS
    assert {row["last_sign_in_at"] for row in rows} == {None}
