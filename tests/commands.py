"""Runs the installed command line, as a person does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PHENOM = Path(sys.executable).with_name("phenom")


def run_phenom(*arguments: str | Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PHENOM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)
