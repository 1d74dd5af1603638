"""The patched web ACL association calls the emulator's own WAF."""

import json
from typing import Any

import pytest

from local.emulator.patches.waf_association import handlers

PROPERTIES = {"ResourceArn": "arn:stage", "WebACLArn": "arn:acl"}


class FakeWaf:
    """Stands for the emulator's WAF, with answers in the emulator's form."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.associated: dict[str, str] = {}

    def _associate_web_acl(self, data: Any) -> tuple[int, dict[str, str], bytes]:
        if self.status == 200:
            self.associated[data["ResourceArn"]] = data["WebACLArn"]
        return self.status, {}, json.dumps({"message": "no such ACL"}).encode()

    def _disassociate_web_acl(self, data: Any) -> tuple[int, dict[str, str], bytes]:
        self.associated.pop(data["ResourceArn"])
        return 200, {}, b"{}"


def test_association_is_created_and_deleted() -> None:
    waf = FakeWaf()
    both = handlers(waf)
    physical_id, attributes = both["create"]("Association", PROPERTIES, "stack")
    assert (physical_id, attributes, waf.associated) == ("arn:acl|arn:stage", {}, {"arn:stage": "arn:acl"})
    both["delete"](physical_id, PROPERTIES)
    assert waf.associated == {}


def test_refused_association_fails_the_resource() -> None:
    with pytest.raises(ValueError, match="no such ACL"):
        handlers(FakeWaf(400))["create"]("Association", PROPERTIES, "stack")
