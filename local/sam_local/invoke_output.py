"""What came of a `sam local invoke`, which says so in its output alone: it exits 0 when the function failed, too."""

import json
import re
from typing import Any

TROUBLE = "trouble"
_LINES = 12
_TIMED_OUT = re.compile(r"^Function '[^']*' timed out after \d+ seconds$", re.MULTILINE)
_NOISE = re.compile(r"^(START|END|REPORT) RequestId: |^SAM_CONTAINER_ID: |^Requested to skip pulling images|^\s*$")


def read(code: int, stdout: str, stderr: str) -> dict[str, Any]:
    """One of `{"result": …}` and `{"error": {"errorType", "errorMessage", …}}`, as Lambda would report them.

    Or `{"trouble": text}` where the function was not run, or SAM says nothing that can be understood: never what an
    event expects. SAM prints the function's own lines and its own on stderr, and the result alone on stdout.
    """
    if timed_out := _TIMED_OUT.search(stderr):
        return {"error": {"errorType": "Sandbox.Timedout", "errorMessage": timed_out[0]}}
    if code:
        return {TROUBLE: f"SAM exits with {code}: {_end_of(stderr)}"}
    try:
        result = json.loads(stdout)
    except ValueError:
        printed = stdout.strip() or "nothing"
        return {TROUBLE: f"SAM prints no result but {printed[:200]}: {_end_of(stderr)}"}
    return {"error" if _is_report(result) else "result": result}


def _is_report(result: object) -> bool:
    """Lambda's report of an error: no function here answers with an `errorType` of its own."""
    return isinstance(result, dict) and {"errorType", "errorMessage"} <= result.keys()


def _end_of(stderr: str) -> str:
    """The last lines that tell something."""
    lines = [line for line in stderr.splitlines() if not _NOISE.search(line)]
    return "\n".join(lines[-_LINES:]) or "(nothing more)"
