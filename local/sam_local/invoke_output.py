"""Parses the output of `sam local invoke`, which exits 0 even when the function failed."""

import json
import re
from typing import Any

TROUBLE = "trouble"
_LINES = 12
_TIMED_OUT = re.compile(r"^Function '[^']*' timed out after \d+ seconds$", re.MULTILINE)
_NOISE = re.compile(r"^(START|END|REPORT) RequestId: |^SAM_CONTAINER_ID: |^Requested to skip pulling images|^\s*$")


def read(code: int, stdout: str, stderr: str) -> dict[str, Any]:
    """Returns `{"result": …}` or `{"error": {"errorType", "errorMessage", …}}`, as Lambda would report them.

    Returns `{"trouble": text}` when the function did not run or the output cannot be parsed; no event expects that. SAM
    prints the result on stdout, and its own and the function's log lines on stderr.
    """
    if timed_out := _TIMED_OUT.search(stderr):
        return {"error": {"errorType": "Sandbox.Timedout", "errorMessage": timed_out[0]}}
    if code:
        return {TROUBLE: f"SAM exits with {code}: {_last_lines(stderr)}"}
    try:
        result = json.loads(stdout)
    except ValueError:
        printed = stdout.strip() or "nothing"
        return {TROUBLE: f"SAM prints no result but {printed[:200]}: {_last_lines(stderr)}"}
    return {"error" if _is_report(result) else "result": result}


def _is_report(result: object) -> bool:
    """Returns True for Lambda's error report: none of our functions returns an `errorType`."""
    return isinstance(result, dict) and {"errorType", "errorMessage"} <= result.keys()


def _last_lines(stderr: str) -> str:
    """Returns the last informative lines."""
    lines = [line for line in stderr.splitlines() if not _NOISE.search(line)]
    return "\n".join(lines[-_LINES:]) or "(nothing more)"
