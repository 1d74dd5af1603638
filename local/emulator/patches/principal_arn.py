"""Patches the emulator's conditions: `aws:PrincipalArn` of a role session is the ARN of the role, as on AWS.

The emulator compares the ARN of the session, so that no policy can name a role.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
"""

import importlib
import re
from collections.abc import Callable
from typing import Any

_SESSION = re.compile(r"^arn:([a-z-]+):sts::(\d{12}):assumed-role/([^/]+)/.*$")


def install() -> None:
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    evaluator._resolve_condition_key = naming_roles(evaluator._resolve_condition_key)


def naming_roles(resolve: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Wraps the lookup of a condition key. The local roles have no path, which the ARN of a session would omit."""

    def resolve_key(key: str, context: Any) -> Any:
        value = resolve(key, context)
        if key.lower() == "aws:principalarn" and isinstance(value, str):
            return _SESSION.sub(r"arn:\1:iam::\2:role/\3", value)
        return value

    return resolve_key
