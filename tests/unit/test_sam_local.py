"""Every function starts under plain `sam local invoke`, which fills in the environment without a deployed stack."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from local.paths import SAM
from phenom.functions import FUNCTIONS, ROOT
from tests.template import TEMPLATE, read

# Prints the variables that SAM CLI gives each container.
PRINT_ENVIRONMENTS = """
import json, sys
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.lambdafn.env_vars import EnvironmentVariables

stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1], language_extensions_enabled=True)
print(json.dumps({
    each.name: EnvironmentVariables(
        each.functionname, each.memory, each.timeout, each.handler, variables=each.environment["Variables"]
    ).resolve()
    for each in SamFunctionProvider(stacks).get_all()
}))
"""
INVOKE = """
import importlib, json, sys
from types import SimpleNamespace

module, event = sys.argv[1:]
handler = importlib.import_module(module).handler
context = SimpleNamespace(
    function_name="name", function_version="$LATEST", memory_limit_in_mb=512, aws_request_id="request",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:name",
    get_remaining_time_in_millis=lambda: 5000,
)
print(json.dumps(handler(json.load(open(event)), context)) if event else "started")
"""
README_LINE = re.compile(r"sam local invoke (\w+) --event (\S+)")


@cache
def sam_environments() -> dict[str, dict[str, str]]:
    """Returns the variables of each function by its logical id."""
    python = SAM.with_name("python")
    ran = subprocess.run([python, "-c", PRINT_ENVIRONMENTS, TEMPLATE], capture_output=True, text=True, check=True)
    environments: dict[str, dict[str, str]] = json.loads(ran.stdout)
    return environments


def invoke(resource: str, event: str = "") -> str:
    """Imports the handler, and calls it with the file `event`; returns the last line of its output."""
    (function,) = (each for each in FUNCTIONS.values() if each.resource == resource)
    variables = sam_environments()[resource] | {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    ran = subprocess.run(
        [sys.executable, "-c", INVOKE, f"{function.name}.handler", event],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1]


def lookups(value: Any) -> Iterator[Any]:
    """Yields every Fn::GetAtt and Fn::ImportValue in `value`."""
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key in {"Fn::GetAtt", "Fn::ImportValue"})
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from lookups(each)


@pytest.mark.parametrize("resource", [each.resource for each in FUNCTIONS.values()])
def test_variables_need_no_deployed_resource(resource: str):
    """SAM CLI resolves parameters and names, but replaces an attribute with an empty value."""
    template = read()
    variables = template["Resources"][resource]["Properties"]["Environment"]["Variables"]
    assert not list(lookups([variables, template["Globals"]["Function"]["Environment"]]))


@pytest.mark.parametrize("resource", [each.resource for each in FUNCTIONS.values()])
def test_function_starts_with_the_variables_of_sam_local(resource: str):
    assert invoke(resource) == "started"


def test_command_in_the_readme_returns_the_answer():
    ((resource, event),) = README_LINE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    answer = json.loads(invoke(resource, event))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_request")
