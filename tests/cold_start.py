"""Lists the modules that a cold start imports."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from testkit.wiring import CREDENTIALS

SRC = Path(__file__).parents[1] / "src"
PROBE = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


def imported_modules(handler: str, environment: Mapping[str, str]) -> set[str]:
    """Returns the modules that a new interpreter has loaded after the import of `handler`."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, handler],
        env={**CREDENTIALS, **environment, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))
