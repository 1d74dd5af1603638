"""The AWS CLI that tests use, and a Python without installed packages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BARE_PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


_OLDEST = {"1": 29, "2": 13}
"""Minor versions that know AWS_ENDPOINT_URL."""


def find_aws_cli() -> dict[str, str]:
    """Returns PATH for an AWS CLI that knows AWS_ENDPOINT_URL, as an environment variable; {} without one."""
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        program = shutil.which("aws", path=directory)
        if program is None:
            continue
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.match(r"aws-cli/(\d+)\.(\d+)", shown)
        if version and int(version[2]) >= _OLDEST.get(version[1], 0):
            return {"PATH": os.pathsep.join([directory, "/usr/bin", "/bin"])}
    return {}


AWS_CLI = find_aws_cli()


def require_aws_cli() -> None:
    """Skips the test without an AWS CLI. Fails it on GitHub, whose runners deploy with theirs."""
    if AWS_CLI:
        return
    reason = "needs an AWS CLI that knows AWS_ENDPOINT_URL (2.13 or later)"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
