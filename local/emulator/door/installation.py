"""Puts the door in front of the emulator's application, in the emulator's process."""

import importlib
import os
import re
from collections.abc import Mapping
from typing import Any

from local.emulator.door.asgi import Door
from local.emulator.door.origins import Hosts
from local.emulator.door.request import RefusedError, Request
from local.emulator.door.routes import Router

_ROOT_OF_EMULATOR = re.compile(r"[0-9]{12}|test")  # root for the emulator, with any secret


def install() -> None:
    """Replaces the emulator's ASGI application, which its main program serves."""
    app: Any = importlib.import_module("ministack.app")
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    cloudfront: Any = importlib.import_module("ministack.services.cloudfront")
    unsigned = frozenset(actions.unsigned_operations("cognito-idp"))
    hosts = Hosts(
        port=int(os.environ["GATEWAY_PORT"]),
        has_distribution=lambda label: cloudfront.find_distribution_for_label(label) is not None,
    )
    app.app = Door(app.app, Router(hosts, unsigned.__contains__), _secret_of, lambda request: _cors(app, request))


def _secret_of(key_id: str, token: str) -> str:
    """Returns the secret of the root key, of a user's key or of a role's session. Raises RefusedError."""
    if key_id == os.environ["AWS_ACCESS_KEY_ID"] and not token:
        return os.environ["AWS_SECRET_ACCESS_KEY"]
    if _ROOT_OF_EMULATOR.fullmatch(key_id):
        raise _unknown_key()
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    responses: Any = importlib.import_module("ministack.core.responses")
    try:
        account = responses._account_from_sts_session(key_id) or evaluator.find_iam_access_key_account(key_id)
    except evaluator.AmbiguousAccessKeyError:
        raise _unknown_key() from None
    found = evaluator.resolve_credential(key_id, account, token)
    if isinstance(found, evaluator.CredentialResolutionError):
        code = {"UnrecognizedClientException": "InvalidClientTokenId"}.get(found.code, found.code)
        raise RefusedError(code, found.message)
    return str(found.secret_access_key)


def _unknown_key() -> RefusedError:
    return RefusedError(
        "InvalidClientTokenId",
        "The security token included in the request is invalid: no such access key. "
        "accessKeyId and secretAccessKey are in .local/stack.json; they change with every start.",
    )


def _cors(app: Any, request: Request) -> Mapping[str, str]:
    target = app._s3_cors_target(request.headers.get("host", ""), request.path)
    if target is None:
        return {}
    answer: Mapping[str, str] = app._get_module("s3").cors_response_headers(
        target[0], request.method, dict(request.headers)
    )
    return answer
