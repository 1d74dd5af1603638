"""AWS through the AWS CLI, with the calls of boto3's clients. Standard library only: the job installs nothing."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from phenom.errors import IncompleteError

_COMMANDS = {"s3": "s3api"}
"""Services whose operations the CLI has under another name."""


class AwsCliError(IncompleteError):
    """The AWS CLI failed; `reason` is what it printed."""

    def __init__(self, command: Sequence[str], reason: str) -> None:
        super().__init__(f"`{' '.join(command[:3])}` failed: {reason}")
        self.reason = reason


def run(*arguments: str, program: str = "aws") -> str:
    """Returns what the CLI prints. Raises AwsCliError."""
    command = [program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AwsCliError(command, done.stderr.strip())
    return done.stdout


class Client:
    """One service: `Client("cloudformation").describe_stacks(StackName=…)` returns the parsed answer."""

    def __init__(self, service: str, program: str = "aws") -> None:
        self._service = _COMMANDS.get(service, service)
        self._program = program

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._call, operation)

    def _call(self, operation: str, *, Body: bytes | None = None, **arguments: Any) -> Any:  # noqa: N803, as in boto3
        command = [self._service, operation.replace("_", "-"), "--output", "json"]
        command += ["--cli-input-json", json.dumps(arguments)]
        if Body is None:
            return self._answer(command)
        with tempfile.TemporaryDirectory() as directory:
            body = Path(directory) / "body"
            body.write_bytes(Body)
            return self._answer([*command, "--body", str(body)])

    def _answer(self, command: Sequence[str]) -> Any:
        printed = run(*command, program=self._program)
        return json.loads(printed) if printed.strip() else {}
