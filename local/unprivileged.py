"""How root runs a program that must not run as root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from local.progress import TroubleError


def given_up(folder: Path) -> list[str]:
    """What the command begins with; nothing for an ordinary user. The program can write to `folder`.

    A clone may lie where only root can go. So the program runs as the user `postgres` (or nobody), who keeps of root's
    powers only the one to open any file; or, where root may not become another user, in a user namespace without a
    mapping: root is nobody in there, and its files stay its own. Containers often forbid the one or the other.

    Raises TroubleError where neither works.
    """
    if os.geteuid() != 0:
        return []
    for program, *options in (_as_another_user(), ["unshare", "--user"]):
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin")
        if path and _works([path, *options], folder):
            return [path, *options]
    raise TroubleError(
        "PostgreSQL does not run as root, and neither setpriv nor unshare can make root somebody else here.\n"
        "Run this as an ordinary user, or name a database of your own with LOCAL_DATABASE_URL=postgresql://…"
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
