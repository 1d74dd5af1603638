"""Patches the emulator's Cognito so that triggers behave as on AWS.

* The post-authentication trigger runs, after the password check and before the tokens are created; a failure refuses
  the sign-in. The emulator never calls it.
* A pool may call a function or alias only if its resource policy allows the pool's ARN. The emulator lets a pool call
  any function.
* A failing pre-token trigger is reported as the function's error. The emulator reports it as its own.
"""

import importlib
import inspect
from typing import Any

_REFRESH = "TokenGeneration_RefreshTokens"


class TriggerError(RuntimeError):
    """A trigger failed; the message has AWS's wording."""


def install() -> None:
    cognito: Any = importlib.import_module("ministack.services.cognito")
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    cognito._build_auth_result = _with_post_authentication(cognito, lambda_svc)
    cognito._apply_pretoken_trigger = _with_permission_check(cognito, lambda_svc)
    cognito._run_idp_handler = _with_trigger_errors(cognito)


def _with_post_authentication(cognito: Any, lambda_svc: Any) -> Any:
    """Wraps token creation to call the post-authentication trigger first, except for a refresh."""
    make_tokens = cognito._build_auth_result
    signature = inspect.signature(make_tokens)

    def build_auth_result(*arguments: Any, **named: Any) -> Any:
        call = signature.bind(*arguments, **named)
        call.apply_defaults()
        asked = call.arguments
        if asked["trigger_source"] != _REFRESH:
            event = _post_authentication_event(cognito, asked)
            _call(cognito, lambda_svc, "PostAuthentication", event)
        return make_tokens(*arguments, **named)

    return build_auth_result


def _post_authentication_event(cognito: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Of https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html."""
    user = asked["user"]
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
    request: dict[str, Any] = {
        "userAttributes": {**attributes, "cognito:user_status": user.get("UserStatus", "CONFIRMED")},
        "newDeviceUsed": False,
    }
    if asked["client_metadata"]:
        request["clientMetadata"] = asked["client_metadata"]
    return {
        "version": "1",
        "region": cognito._pool_region(asked["pool_id"]),
        "userPoolId": asked["pool_id"],
        "userName": user.get("Username", ""),
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": asked["client_id"]},
        "triggerSource": "PostAuthentication_Authentication",
        "request": request,
        "response": {},
    }


def _with_permission_check(cognito: Any, lambda_svc: Any) -> Any:
    apply = cognito._apply_pretoken_trigger

    def apply_pretoken_trigger(*arguments: Any, **named: Any) -> Any:
        pool_id = named.get("pool_id") or arguments[0]
        config = (cognito._user_pools.get(pool_id) or {}).get("LambdaConfig") or {}
        function = (config.get("PreTokenGenerationConfig") or {}).get("LambdaArn") or config.get("PreTokenGeneration")
        if function:
            _demand_permission(cognito, lambda_svc, "PreTokenGeneration", function, pool_id)
        try:
            return apply(*arguments, **named)
        except TriggerError:
            raise
        except Exception as error:
            raise TriggerError(f"PreTokenGeneration failed with error {error}.") from error

    return apply_pretoken_trigger


def _with_trigger_errors(cognito: Any) -> Any:
    run = cognito._run_idp_handler

    def run_idp_handler(*arguments: Any) -> Any:
        try:
            return run(*arguments)
        except TriggerError as error:
            return cognito.error_response_json("UserLambdaValidationException", str(error), 400)

    return run_idp_handler


def _call(cognito: Any, lambda_svc: Any, trigger: str, event: dict[str, Any]) -> None:
    pool_id = event["userPoolId"]
    function = ((cognito._user_pools.get(pool_id) or {}).get("LambdaConfig") or {}).get(trigger)
    if not function:
        return
    _demand_permission(cognito, lambda_svc, trigger, function, pool_id)
    record, config, _ = lambda_svc._get_func_record_for_ref(function)
    result = lambda_svc._execute_function_with_config_scope(
        lambda_svc._execution_record_for_config(record, config), event
    )
    if isinstance(result, dict) and result.get("error"):
        raise TriggerError(f"{trigger} failed with error {_message(result.get('body'))}.")


def _message(body: Any) -> str:
    """Returns the exception's message only, as AWS shows it."""
    return str(body.get("errorMessage", body)) if isinstance(body, dict) else str(body)


def _demand_permission(cognito: Any, lambda_svc: Any, trigger: str, function: str, pool_id: str) -> None:
    _, config, name = lambda_svc._get_func_record_for_ref(function)
    if config is None:
        raise TriggerError(f"{trigger} failed with error function {name} does not exist.")
    pool_arn = cognito._user_pools[pool_id].get("Arn")
    function_itself, _, _ = lambda_svc._get_base_func_record_for_ref(function)  # has its aliases' policies, too
    for statement in (function_itself.get("policy") or {}).get("Statement", []):
        sources = statement.get("Condition", {}).get("ArnLike", {})
        may = statement.get("Principal") == {"Service": "cognito-idp.amazonaws.com"} and pool_arn in sources.values()
        if may and statement.get("Resource") == function:
            return
    raise TriggerError(f"{trigger} invocation failed due to error AccessDeniedException.")
