"""Runs the script of the scheduled task that fills the private mirror, with the real curl."""

import hashlib
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import require
from tests.infra.mirror_server import CREDENTIALS, CREDENTIALS_PATH, REGION, MirrorServer, serve
from tests.infra.plans import TERRAFORM

REFRESH = TERRAFORM / "modules" / "clamd" / "refresh.sh"
EMPTY = hashlib.sha256(b"").hexdigest()
FILES = ("main.cvd", "bytecode.cvd", "daily.cvd")

# Replaces freshclam, which accepts only files with ClamAV's signature: copies newer files from the folder of a mirror.
FRESHCLAM = """#!/bin/sh
conf=${{1#--config-file=}}
definitions=$(sed -n 's/^DatabaseDirectory //p' "$conf")
mirror=$(sed -n 's/^\\(PrivateMirror\\|DatabaseMirror\\) //p' "$conf")
echo "$mirror" >>"{directory}/freshclam.calls"
grep -q '^ScriptedUpdates no$' "$conf" || exit 40
if [ -e "{directory}/refuse" ] && [ "$mirror" != "{private}" ]; then
    echo 'WARNING: You are on cool-down until after: 2026-11-29 17:00:00'
    exit 0
fi
for file in daily main bytecode; do
    curl --silent --fail --output "$definitions/$file.new" "$mirror/$file.cvd" || exit 11
    mv "$definitions/$file.new" "$definitions/$file.cvd"
done
"""


def definitions(version: int, content: bytes = b"signatures") -> bytes:
    """Returns a file with the header of a CVD."""
    header = f"ClamAV-VDB:28 Nov 2026 08-{version % 60:02} +0000:{version}:14:90:d41d8cd98f:dsig:builder:1795852800"
    return header.encode().ljust(512) + content * 1000


@dataclass
class Task:
    """Runs refresh.sh in its own directory instead of a container."""

    directory: Path
    server: MirrorServer

    def run(self) -> subprocess.CompletedProcess[str]:
        script = (
            REFRESH.read_text()
            .replace("/tmp/", f"{self.directory}/")
            .replace("http://169.254.170.2", f"http://127.0.0.1:{self.server.port}")
            .replace("database.clamav.net", self.server.url("public"))
        )
        return subprocess.run(
            ["/bin/sh", "-c", script],
            env={
                "PATH": f"{self.directory}/bin:/usr/bin:/bin",
                "MIRROR_URL": self.server.url("private"),
                "AWS_REGION": REGION,
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": CREDENTIALS_PATH,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def offer(self, folder: str, **versions: int) -> None:
        for name, version in versions.items():
            self.server.objects[f"/{folder}/{name}.cvd"] = definitions(version)

    def uploads(self) -> list[str]:
        return [request.rpartition("/")[2] for request in self.server.requests if request.startswith("PUT")]


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Task]:
    require(shutil.which("curl"), "curl")
    with serve() as server:
        stand_in = tmp_path / "bin" / "freshclam"
        stand_in.parent.mkdir()
        stand_in.write_text(FRESHCLAM.format(directory=tmp_path, private=server.url("private")))
        stand_in.chmod(stat.S_IRWXU)
        yield Task(tmp_path, server)


def test_first_run_publishes_all_files_and_daily_last(task: Task):
    task.offer("public", main=62, daily=27480, bytecode=335)
    done = task.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert task.uploads() == list(FILES)
    assert not task.server.rejected
    for file in FILES:
        assert task.server.objects[f"/private/{file}"] == task.server.objects[f"/public/{file}"]
    assert "daily.cvd was published: version 27480, built 28 Nov 2026 08-00 +0000." in done.stdout


def test_only_changed_files_are_published(task: Task):
    task.offer("private", main=62, daily=27480, bytecode=335)
    task.offer("public", main=62, daily=27481, bytecode=335)
    assert task.run().returncode == 0
    assert task.uploads() == ["daily.cvd"]


def test_present_files_are_read_from_the_private_mirror_first(task: Task):
    """So that only what is newer is downloaded from the public mirror."""
    task.offer("private", main=62, daily=27480, bytecode=335)
    task.offer("public", main=62, daily=27480, bytecode=335)
    done = task.run()
    assert done.returncode == 0
    assert (task.directory / "freshclam.calls").read_text().split() == [
        task.server.url("private"),
        task.server.url("public"),
    ]
    assert not task.uploads()
    assert done.stdout.count("is unchanged") == len(FILES)


def test_refusal_by_the_public_mirror_fails_the_task(task: Task):
    """Although freshclam exits with 0. The published files stay."""
    (task.directory / "refuse").touch()
    task.offer("private", main=62, daily=27480, bytecode=335)
    done = task.run()
    assert done.returncode == 1
    assert "The public mirror did not update the definitions." in done.stdout
    assert not task.uploads()


def test_refusal_with_an_empty_mirror_publishes_nothing(task: Task):
    (task.directory / "refuse").touch()
    done = task.run()
    assert done.returncode == 1
    assert "Nothing was published: main.cvd is missing." in done.stdout
    assert not task.server.objects


def test_incomplete_download_publishes_nothing(task: Task):
    """Otherwise clamd would run with daily.cvd only."""
    task.offer("public", daily=27480)
    done = task.run()
    assert done.returncode == 1
    assert not task.uploads()


def test_rejected_upload_fails_the_task_with_the_error_of_s3(task: Task, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.infra.mirror_server._fault", lambda *_: "AccessDenied")
    task.offer("public", main=62, daily=27480, bytecode=335)
    done = task.run()
    assert done.returncode == 1
    assert "AccessDenied" in done.stdout
    assert "main.cvd could not be published." in done.stdout
    assert task.uploads() == ["main.cvd"]


@pytest.mark.parametrize(
    ("secret_key", "token", "checksum", "fault"),
    [
        ("wrong", CREDENTIALS.token, EMPTY, "SignatureDoesNotMatch"),
        (CREDENTIALS.secret_key, "wrong", EMPTY, "InvalidToken"),
        (CREDENTIALS.secret_key, CREDENTIALS.token, "0" * 64, "XAmzContentSHA256Mismatch"),
    ],
)
def test_server_of_these_tests_rejects(task: Task, secret_key: str, token: str, checksum: str, fault: str):
    """Otherwise the tests above would not show that signature and checksum are right."""
    (task.directory / "empty").touch()
    subprocess.run(
        [
            *("curl", "--silent", "--aws-sigv4", f"aws:amz:{REGION}:s3"),
            *("--user", f"{CREDENTIALS.access_key}:{secret_key}", "--header", f"x-amz-security-token: {token}"),
            *("--header", f"x-amz-content-sha256: {checksum}"),
            *("--upload-file", str(task.directory / "empty"), task.server.url("private/main.cvd")),
        ],
        check=True,
        capture_output=True,
    )
    assert task.server.rejected == [fault]


def test_credentials_are_no_arguments_of_a_program():
    """Arguments of programs are visible to all users of a system and in logs of processes."""
    assert "--user" not in REFRESH.read_text()
    assert "curl --config -" in REFRESH.read_text()


def test_image_without_curl_is_reported(task: Task):
    for program in ("sh", "mkdir", "echo"):
        (task.directory / "bin" / program).symlink_to(str(shutil.which(program)))
    script = REFRESH.read_text().replace("/tmp/", f"{task.directory}/")
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": f"{task.directory}/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The image has no curl: use the one that images/clamd/Dockerfile builds." in done.stdout
