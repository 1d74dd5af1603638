"""Patches the emulator's CloudFormation to support `AWS::WAFv2::WebACLAssociation`.

The emulator's WAF API has associations; only the CloudFormation resource is missing.
"""

import importlib
from typing import Any

TYPE = "AWS::WAFv2::WebACLAssociation"


def install() -> None:
    provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
    provisioners._RESOURCE_HANDLERS[TYPE] = handlers(importlib.import_module("ministack.services.waf"))


def handlers(waf: Any) -> dict[str, Any]:
    """Returns the create and delete handlers in the form that the emulator's CloudFormation expects."""

    def create(_logical_id: str, properties: Any, _stack_name: str) -> tuple[str, dict[str, Any]]:
        status, _, body = waf._associate_web_acl(properties)
        if status >= 400:
            raise ValueError(f"{TYPE}: {body.decode()}")
        return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}

    def delete(_physical_id: str, properties: Any) -> None:
        waf._disassociate_web_acl(properties)

    return {"create": create, "delete": delete}
