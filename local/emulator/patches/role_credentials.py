"""Patches the emulator's Lambda to give each function's role random credentials.

The emulator computes them from the ARNs of the function and its role, which are not secret.
"""

import importlib
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

_LENGTH_OF_SECRET = 30  # bytes


def install() -> None:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    sts: Any = importlib.import_module("ministack.services.sts")
    issuing = issue_credentials(runtime._account_region_from_function_config, sts.register_session)
    runtime.execution_credentials = lambda_svc.execution_credentials = issuing


def issue_credentials(
    account_of: Callable[[Any], tuple[str, str]], register: Callable[[str, dict[str, Any]], None]
) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """Returns a function that issues credentials for a function's role: once, then always the same ones.

    Workers keep the credentials with which they started. `register` makes a session known to the emulator.
    """
    issued: dict[tuple[str, str], dict[str, str]] = {}
    lock = threading.Lock()

    def execution_credentials(config: Mapping[str, Any]) -> dict[str, str]:
        account, _ = account_of(config)
        function, role = config["FunctionArn"], config.get("Role", "")
        with lock:
            credentials = issued.setdefault((function, role), _random_credentials())
        name, session = role.rsplit("/", 1)[-1], config.get("FunctionName", "function")[:64]
        register(
            credentials["AWS_ACCESS_KEY_ID"],
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
                "UserId": f"{name}:{session}",
                "SecretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
                "SessionToken": credentials["AWS_SESSION_TOKEN"],
            },
        )
        return dict(credentials)

    return execution_credentials


def _random_credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": f"ASIA{secrets.token_hex(8).upper()}",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(_LENGTH_OF_SECRET),
        "AWS_SESSION_TOKEN": secrets.token_urlsafe(2 * _LENGTH_OF_SECRET),
    }
