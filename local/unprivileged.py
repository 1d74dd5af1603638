"""Runs a program that must not run as root when the developer is root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from local.progress import TroubleError


def unprivileged_prefix(folder: Path) -> list[str]:
    """Returns a command prefix that drops root's privileges; empty for an ordinary user.

    The program can write to `folder`, even if the clone is in a directory that only root can enter: it runs as the user
    `postgres` (or `nobody`) and keeps one capability, to open any file. If root may not change users, it runs in a user
    namespace without a mapping, where root has no privileges. Containers often forbid one of the two.

    Raises TroubleError when neither works.
    """
    if os.geteuid() != 0:
        return []
    for program, *options in (_as_another_user(), ["unshare", "--user"]):
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin")
        if path and _works([path, *options], folder):
            return [path, *options]
    raise TroubleError(
        "PostgreSQL does not run as root, and neither setpriv nor unshare can drop the privileges here.\n"
        "Run this as an ordinary user, or set LOCAL_DATABASE_URL=postgresql://… to use your own database."
    )


def _as_another_user() -> list[str]:
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    who = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *who, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def _works(before: list[str], folder: Path) -> bool:
    trial: list[str | Path] = ["/bin/sh", "-c", 'test "$(id -u)" != 0 && cd "$0" && : >trial && rm trial', folder]
    return subprocess.run([*before, *trial], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
