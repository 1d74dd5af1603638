"""Patches the emulator's CloudFormation so that deployments by function version work as on AWS.

* SAM's transform receives the parameter values. SAM needs them to decide whether to publish a version, and whether
  CodeDeploy shifts traffic to it.
* The two CodeDeploy resource types exist. No deployment is ever in progress: an alias moves at once, regardless of its
  deployment group.
* An event source mapping that moves from a function to its alias invokes the alias.
* An existing secret can be imported into a stack.
* Reserved concurrency is applied to functions.
"""

import importlib
import json
from contextvars import ContextVar
from typing import Any

_TARGET = "CodeDeploy_20141006."
_ANSWERS: dict[str, dict[str, list[str]]] = {"ListDeployments": {"deployments": []}}
_IMPORTED = "AWS::SecretsManager::Secret"
_CLOUDFORMATION = "ministack.services.cloudformation"


def install() -> None:
    _pass_parameters_to_sam()
    handlers: Any = importlib.import_module(f"{_CLOUDFORMATION}.provisioners")._RESOURCE_HANDLERS
    for kind in ("Application", "DeploymentGroup"):
        handlers[f"AWS::CodeDeploy::{kind}"] = {"create": _create, "update": _update, "delete": _delete}
    importlib.import_module("ministack.app").SERVICE_HANDLERS["codedeploy"] = _answer
    _update_mappings_to_aliases(handlers["AWS::Lambda::EventSourceMapping"])
    _allow_importing_secrets(handlers[_IMPORTED])
    _reserve_concurrency(handlers["AWS::Lambda::Function"])


def _pass_parameters_to_sam() -> None:
    engine: Any = importlib.import_module(f"{_CLOUDFORMATION}.engine")
    translator: Any = importlib.import_module("samtranslator.translator.transform")
    values: ContextVar[dict[str, Any]] = ContextVar("parameters")
    apply, translate = engine._apply_transforms, translator.transform

    def apply_transforms(template: Any, provided: Any = None, previous: Any = None) -> Any:
        token = values.set(engine._transform_parameters(template, provided, previous))
        try:
            return apply(template, provided, previous)
        finally:
            values.reset(token)

    def transform(template: Any, parameters: dict[str, Any], policies: Any) -> Any:
        return translate(template, parameters | values.get({}), policies)

    translator.transform = transform
    for module in ("engine", "changesets", "handlers"):
        knows: Any = importlib.import_module(f"{_CLOUDFORMATION}.{module}")
        knows._apply_transforms = apply_transforms


def _create(logical_id: str, _properties: Any, stack_name: str) -> tuple[str, dict[str, Any]]:
    return f"{stack_name}-{logical_id}", {}


def _update(physical_id: str, _old: Any, _new: Any, _stack_name: str) -> tuple[str, dict[str, Any]]:
    return physical_id, {}


def _delete(_physical_id: str, _properties: Any) -> None:
    """Nothing to delete: the resource has no state."""


async def _answer(_method: str, _path: str, headers: dict[str, str], *_: Any) -> tuple[int, dict[str, str], bytes]:
    call = headers.get("x-amz-target", "").removeprefix(_TARGET)
    known = _ANSWERS.get(call)
    answer = {"__type": "UnknownOperationException", "message": call} if known is None else known
    return 400 if known is None else 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()


def _update_mappings_to_aliases(handler: dict[str, Any]) -> None:
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    update = handler["update"]

    def update_mapping(physical_id: str, old: Any, new: Any, stack_name: str) -> Any:
        updated = update(physical_id, old, new, stack_name)
        _, lambda_svc._esms[updated[0]]["Qualifier"] = lambda_svc._resolve_name_and_qualifier(new["FunctionName"])
        return updated

    handler["update"] = update_mapping


def _allow_importing_secrets(handler: dict[str, Any]) -> None:
    secrets_manager: Any = importlib.import_module("ministack.services.secretsmanager")
    changesets: Any = importlib.import_module(f"{_CLOUDFORMATION}.changesets")

    def name_of(arn: str) -> str | None:
        return next((name for name, secret in secrets_manager._secrets.items() if secret["ARN"] == arn), None)

    def problem(arn: str) -> str | None:
        return None if name_of(arn) else f"Resource of type '{_IMPORTED}' with identifier '{arn}' was not found."

    def take(identifier: dict[str, str]) -> tuple[str | None, dict[str, str]]:
        return name_of(identifier["Id"]), {"Id": identifier["Id"], "Arn": identifier["Id"]}

    handler["import"] = take
    changesets._IMPORT_LOOKUPS[_IMPORTED] = (("Id",), problem)


def _reserve_concurrency(handler: dict[str, Any]) -> None:
    lambda_svc: Any = importlib.import_module("ministack.services.lambda_svc")
    create, update = handler["create"], handler["update"]

    def reserve(made: tuple[str, Any], properties: dict[str, Any]) -> tuple[str, Any]:
        reserved = properties.get("ReservedConcurrentExecutions")
        if reserved is None:
            lambda_svc._delete_function_concurrency(made[0])
        else:
            lambda_svc._put_function_concurrency(made[0], {"ReservedConcurrentExecutions": int(reserved)})
        return made

    handler["create"] = lambda logical_id, new, stack_name: reserve(create(logical_id, new, stack_name), new)
    handler["update"] = lambda physical_id, old, new, *rest: reserve(update(physical_id, old, new, *rest), new)
