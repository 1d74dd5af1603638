"""The AWS CLI with which tests deploy, and a Python without installed packages."""

import os
import sys
from pathlib import Path

from tests.conftest import require

BARE_PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
_DIRECTORY = Path(__file__).parents[1] / ".venvs" / "aws_cli" / "bin"
AWS_CLI = {"PATH": os.pathsep.join([str(_DIRECTORY), "/usr/bin", "/bin"])}
"""PATH as an environment variable, on which `aws` is the locked AWS CLI."""


def require_aws_cli() -> None:
    """Skips the test without the AWS CLI, which `make test-quick` and `make infra-rules` install; in CI, fails it."""
    require((_DIRECTORY / "aws").exists(), "the AWS CLI (make .venvs/aws_cli/.installed)")
