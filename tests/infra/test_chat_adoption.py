"""Adoption of an existing firewall by the real AWS provider in an account of moto, with the imports of docs/chat.md."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infra.moto_account import Account, empty_account
from tests.infra.plans import ROOT, Environment
from tests.infra.real_provider import Copy, configuration_of_real_provider

ADOPTION = """
provider "aws" {}

variable "load_balancer_arn" {}

variable "rules_json" {
  default = null
}

module "firewall" {
  source = "../modules/firewall"

  environment       = "prod"
  rules_json        = var.rules_json
  load_balancer_arn = var.load_balancer_arn
}
"""
LIVE = """
provider "aws" {}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_lb" "this" {
  name    = "chat"
  subnets = aws_subnet.this[*].id
}

module "firewall" {
  source = "../modules/firewall"

  environment       = "prod"
  load_balancer_arn = aws_lb.this.arn
}

output "arns" {
  value = { LB_ARN = aws_lb.this.arn, ACL_ARN = module.firewall.web_acl_arn, POLICY_ARN = module.firewall.policy_arn }
}
"""
IMPORT = re.compile(r'import \{\s+to += (\S+)\s+id += "([^"]*)"\s+\}')
needs_real_provider = pytest.mark.skipif(
    not configuration_of_real_provider(), reason="needs TERRAFORM_REAL_CONFIG: see `make infra-real`"
)


def documented_imports() -> dict[str, str]:
    """Returns the ids by resource."""
    return dict(IMPORT.findall((ROOT / "docs/chat.md").read_text(encoding="utf-8")))


def test_documented_imports_are_resources_of_production(environments: dict[str, Environment]):
    planned = {resource.address for resource in environments["production"].planned}
    imports = documented_imports()
    assert len(imports) >= 10
    assert imports.keys() <= planned


def test_documented_queries_name_the_rules_of_the_firewall(environments: dict[str, Environment]):
    (acl,) = environments["production"].plan_of("aws_wafv2_web_acl")
    text = (ROOT / "docs/chat.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^`rule` is one of ([^.]*)\.", text, re.MULTILINE)
    assert set(re.findall(r"`([a-z-]+)`", sentence)) == {rule["name"] for rule in acl.values["rule"]}


class Adoption:
    """A firewall that exists in the account, and a configuration whose state does not contain it."""

    def __init__(self, account: Account, copy: Copy, root: Path) -> None:
        self.account = account
        self.copy = copy
        for name, text in (("live", LIVE), ("adoption", ADOPTION)):
            (root / name).mkdir()
            (root / name / "main.tf").write_text(text)
            assert copy.terraform(name, "init").code == 0
        applied = copy.terraform("live", "apply", "-auto-approve")
        assert (applied.code, applied.errors, account.missing) == (0, [], set())
        values = json.loads(copy.terraform("live", "output", "-json").output)["arns"]["value"]
        self.load_balancer = f"-var=load_balancer_arn={values['LB_ARN']}"
        self.acl, self.acl_id = values["ACL_ARN"].split("/")[-2:]
        imports = {
            address.replace("module.firewall[0]", "module.firewall"): fill(text, values | {"ACL_ID": self.acl_id})
            for address, text in documented_imports().items()
            if address.startswith("module.firewall[0]")
        }
        self.imported = len(imports)
        blocks = [f'import {{\n  to = {address}\n  id = "{found}"\n}}\n' for address, found in imports.items()]
        (root / "adoption/imports.tf").write_text("\n".join(blocks))

    def plan(self, *variables: str) -> str:
        """Returns the line that counts the changes."""
        result = self.copy.terraform("adoption", "plan", self.load_balancer, *variables)
        assert (result.code, result.errors) == (0, []), result.output
        (line,) = re.findall(r"^Plan: .*$", result.output, re.MULTILINE)
        return str(line)

    def apply(self, *variables: str) -> None:
        result = self.copy.terraform("adoption", "apply", "-auto-approve", self.load_balancer, *variables)
        assert (result.code, result.errors) == (0, []), result.output

    def live_rules(self) -> list[dict[str, Any]]:
        acl = self.account.client("wafv2").get_web_acl(Name=self.acl, Id=self.acl_id, Scope="REGIONAL")
        rules: list[dict[str, Any]] = acl["WebACL"]["Rules"]
        return rules


def fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


@pytest.fixture(scope="module")
def adoption(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adoption]:
    with empty_account() as account:
        root = tmp_path_factory.mktemp("adoption")
        copy = Copy(root, account.endpoint)
        yield Adoption(account, copy, root / "infra/terraform")


@needs_real_provider
@pytest.mark.slow
def test_existing_firewall_with_our_rules_is_adopted_without_a_change(adoption: Adoption):
    assert adoption.plan() == f"Plan: {adoption.imported} to import, 0 to add, 0 to change, 0 to destroy."


@needs_real_provider
@pytest.mark.slow
def test_rules_of_a_web_acl_are_taken_over_in_one_change(adoption: Adoption):
    """As docs/chat.md decodes them. Applied, they are the same rules."""
    before = adoption.live_rules()
    text = json.dumps(before, default=bytes.decode)
    variable = f"-var=rules_json={text}"
    assert adoption.plan(variable) == f"Plan: {adoption.imported} to import, 0 to add, 1 to change, 0 to destroy."
    adoption.apply(variable)
    assert sorted(adoption.live_rules(), key=name) == sorted(before, key=name)


def name(rule: dict[str, Any]) -> str:
    return str(rule["Name"])
