"""Calls a handler CALLS times with EVENT in this process; the last line of stderr is the CPU time of a call."""

import json
import os
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

type Handler = Callable[[Any, Any], dict[str, Any]]


def ours() -> Handler:
    """Returns the presign handler with tables that accept every call and a cached secret."""
    from presign import handler, passwords  # noqa: PLC0415 - it reads the environment

    handler._service.ledger._client = SimpleNamespace(put_item=lambda **_: {})
    counted = {"Attributes": {"uploads": {"N": "1"}}}
    handler._service.quota._client = SimpleNamespace(update_item=lambda **_: counted)
    secret = {"SecretString": json.dumps({"passwords": [os.environ["PASSWORD"]]})}
    client = SimpleNamespace(get_secret_value=lambda **_: secret)
    object.__setattr__(handler._service, "passwords", passwords.SecretPasswords(client, "passwords"))
    return handler.handler


def boto3() -> Handler:
    from python_peer import handler  # noqa: PLC0415

    return handler


def main() -> None:
    handler = {"ours": ours, "boto3": boto3}[sys.argv[1]]()
    event, calls = json.loads(os.environ["EVENT"]), int(os.environ["CALLS"])
    context = SimpleNamespace(
        aws_request_id="request",
        function_name="presign",
        memory_limit_in_mb=512,
        function_version="1",
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:presign",
        get_remaining_time_in_millis=lambda: 30_000,
    )
    for _ in range(calls // 10):
        answer = handler(event, context)
        assert answer["statusCode"] == 200, answer
    started = time.process_time()
    for _ in range(calls):
        handler(event, context)
    taken = time.process_time() - started
    print(json.dumps({"microseconds": taken / calls * 1e6}), file=sys.stderr)


if __name__ == "__main__":
    main()
