"""CPU time for one upload URL: the whole presign handler, compared with AWS SDKs that only sign.

Each side handles the same event many times in a separate process without network: the ledger accepts every item, the
secret is cached. User and system time of the process are divided by the number of calls.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.contestants import PASSWORD, upload_request
from benchmarks.figures import Figure, MissingPartError, Target, ratio
from phenom.functions import FUNCTIONS
from testkit.wiring import CREDENTIALS, PRESIGN

ROUNDS, QUICK_ROUNDS = 11, 2
CALLS, QUICK_CALLS = 1000, 200
_HERE = Path(__file__).parent
_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "presign", "POWERTOOLS_LOG_LEVEL": "INFO", "PATH": "/usr/bin:/bin"}


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    rounds, calls = (QUICK_ROUNDS, QUICK_CALLS) if quick else (ROUNDS, CALLS)
    sides = _sides(calls)
    times: dict[str, list[float]] = {name: [] for name in sides}
    say(f"    {len(sides)} ways, {rounds} rounds of {calls} calls")
    for _ in range(rounds):
        for name, (command, environment) in sides.items():
            times[name].append(_microseconds(command, environment))
    note = "presign also checks a password, writes the ledger and a log line"
    return [
        ratio("presign handler CPU ÷ Node SDK's", times["ours"], times["node"], Target(0.5), unit="µs", note=note),
        ratio("presign handler CPU ÷ boto3's presigner", times["ours"], times["boto3"], unit="µs"),
        ratio("for comparison: boto3's presigner, CPU ÷ Node SDK's", times["boto3"], times["node"], unit="µs"),
    ]


def _sides(calls: int) -> dict[str, tuple[Sequence[str], Mapping[str, str]]]:
    package = FUNCTIONS["presign"].package
    if not package.is_dir():
        raise MissingPartError("the packages are missing: run `make build`")
    node = peers.node_functions()
    boto3 = peers.python_packages("boto3", "boto3")
    base = {**CREDENTIALS, **_LAMBDA, "CALLS": str(calls), "EVENT": json.dumps(upload_request())}
    python = [sys._base_executable, "-S", str(_HERE / "handler_loop.py")]
    ours = {**base, **PRESIGN, "POWERTOOLS_LOG_LEVEL": "INFO", "PASSWORD": PASSWORD}
    peer = {**base, "STAGING_BUCKET": PRESIGN["STAGING_BUCKET"]}
    return {
        "ours": ([*python, "ours"], {**ours, "PYTHONPATH": str(package)}),
        "node": ([peers.node(), str(node / "handler_loop.mjs")], peer),
        "boto3": ([*python, "boto3"], {**peer, "PYTHONPATH": f"{boto3}:{_HERE}"}),
    }


def _microseconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Returns the CPU time of a call, from the last line of the process's stderr."""
    with Path(os.devnull).open("wb") as nothing:
        done = subprocess.run(command, env=environment, stdout=nothing, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    return float(result["microseconds"])
