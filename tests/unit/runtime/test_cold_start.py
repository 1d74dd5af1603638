"""The garbage collector during a cold start."""

import gc
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parents[3] / "src"
CODE = """
import gc
from runtime import cold_start
print(gc.isenabled())
cold_start.finish()
print(gc.isenabled())
"""


def test_garbage_collector_is_off_until_the_start_is_finished():
    """In a subprocess, because the switch affects the whole interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
    assert gc.isenabled()
