"""Where the emulator's CloudFormation falls short of AWS, put right in the emulator's own process before it starts.

It knows web ACLs of WAF, and has no `AWS::WAFv2::WebACLAssociation`, which its WAF itself does.

This reaches into the insides of one release, which `requirements/emulator.txt` pins; with another it refuses to start.
"""

import importlib
import importlib.metadata
from typing import Any

RELEASE = "1.5.33"
TYPE = "AWS::WAFv2::WebACLAssociation"


def install() -> None:
    """Raises RuntimeError with any other release of the emulator."""
    release = importlib.metadata.version("ministack")
    if release != RELEASE:
        raise RuntimeError(f"local/emulator/patches/waf_association.py is made for ministack {RELEASE}, not {release}")
    provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
    provisioners._RESOURCE_HANDLERS[TYPE] = handlers(importlib.import_module("ministack.services.waf"))


def handlers(waf: Any) -> dict[str, Any]:
    """By the names that the emulator's CloudFormation calls them by."""

    def create(_logical_id: str, properties: Any, _stack_name: str) -> tuple[str, dict[str, Any]]:
        status, _, body = waf._associate_web_acl(properties)
        if status >= 400:
            raise ValueError(f"{TYPE}: {body.decode()}")
        return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}

    def delete(_physical_id: str, properties: Any) -> None:
        waf._disassociate_web_acl(properties)

    return {"create": create, "delete": delete}
