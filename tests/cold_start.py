"""What a fresh interpreter has loaded once it has imported a handler."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from testkit.wiring import CREDENTIALS

SRC = Path(__file__).parents[1] / "src"
PROBE = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


def modules_of(handler: str, environment: Mapping[str, str]) -> set[str]:
    """The names of all modules, after the import of `handler` with this environment."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, handler],
        env={**CREDENTIALS, **environment, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))
