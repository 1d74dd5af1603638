"""The collector of cyclic garbage at a start."""

import gc
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parents[3] / "src"


def test_the_collector_rests_until_the_start_is_done():
    """In a process of its own: it is a switch of the whole interpreter."""
    code = "import gc; from runtime import cold_start; print(gc.isenabled()); cold_start.done(); print(gc.isenabled())"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
    assert gc.isenabled()
