"""All users of a pool reach the database, though the first run dies in the middle."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands import PHENOM, ROOT
from tests.e2e.api import Application, wait_for
from tests.e2e.people import SignIn

USERS = 500
PAGE = 60


@pytest.fixture
def signing_in(application: Application) -> SignIn:
    return SignIn(application)


def backfill(signing_in: SignIn, progress: Path, *options: str) -> subprocess.Popen[str]:
    command = [
        *(PHENOM, "backfill-users", "local", "--stack", signing_in.application.stack_file),
        *("--progress", progress, *options),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_users_who_never_signed_in_get_their_rows_though_a_run_is_killed(signing_in: SignIn, tmp_path: Path) -> None:
    people = {signing_in.invited(number) for number in range(USERS)}
    progress = tmp_path / "progress.json"

    dry = backfill(signing_in, progress, "--dry-run")
    told, complaint = dry.communicate(timeout=120)
    assert dry.returncode == 0, complaint
    assert "would be sent" in told
    assert not progress.exists()
    assert not signing_in.subs() & people

    killed = backfill(signing_in, progress, "--rate", "60")
    wait_for(lambda: progress.exists() and json.loads(progress.read_text())["sent"] >= 2 * PAGE, 60, "two pages")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert 0 < json.loads(progress.read_text())["sent"] < USERS

    second = backfill(signing_in, progress, "--rate", "1000")
    told, complaint = second.communicate(timeout=300)
    assert "Continuing after" in told, complaint
    assert people <= signing_in.subs(), told
    assert not progress.exists()
    rows = [row for row in signing_in.rows() if str(row["id"]) in people]
    assert len(rows) == USERS
    assert {row["last_sign_in_at"] for row in rows} == {None}
