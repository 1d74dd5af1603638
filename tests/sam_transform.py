"""template.yaml after SAM's transform, as CloudFormation gets it, by SAM's own translator."""

import copy
import json
import os
import subprocess
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.paths import SAM, SAMCONFIG
from phenom.aws import sam_template

type Template = dict[str, Any]

_TRANSLATE = """
import json, sys
from types import SimpleNamespace
from samtranslator.translator.transform import transform

policies = SimpleNamespace(load=dict)
print(json.dumps([transform(template, parameters, policies) for template, parameters in json.load(sys.stdin)]))
"""


def parameters_of(environment: str, **changed: str) -> dict[str, str]:
    """Returns the defaults of template.yaml and the values of samconfig.toml. `environment` is the long name."""
    template = sam_template.read()
    config = tomllib.loads(SAMCONFIG.read_text(encoding="utf-8"))[environment]["deploy"]["parameters"]
    defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items() if "Default" in each}
    return defaults | dict(each.split("=", 1) for each in config["parameter_overrides"]) | changed


def packaged(change: Callable[[Template], None] = lambda _: None) -> Template:
    """Returns template.yaml as `sam deploy` sends it, with the code in S3, after `change`."""
    template = copy.deepcopy(sam_template.read())
    template["Globals"]["Function"]["CodeUri"] = "s3://code/package"
    change(template)
    return template


def transform(inputs: Sequence[tuple[Template, Mapping[str, str]]]) -> list[Template]:
    """Returns the transformed templates. Each input is a template with its parameters."""
    ran = subprocess.run(
        [SAM.with_name("python"), "-c", _TRANSLATE],
        input=json.dumps(inputs), env=os.environ | {"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    transformed: list[Template] = json.loads(ran.stdout)
    return transformed


def evaluate(template: Template, parameters: Mapping[str, str]) -> dict[str, bool]:
    """Returns which conditions of the template hold."""
    names = {"AWS::Region": "us-east-1"} | parameters

    def holds(condition: Any) -> Any:
        match condition:
            case {"Condition": name}:
                return holds(template["Conditions"][name])
            case {"Fn::Not": [only]}:
                return not holds(only)
            case {"Fn::And": each}:
                return all(map(holds, each))
            case {"Fn::Or": each}:
                return any(map(holds, each))
            case {"Fn::Equals": [first, second]}:
                return str(holds(first)) == str(holds(second))
            case {"Ref": name}:
                return names[name]
        return condition

    return {name: bool(holds(each)) for name, each in template["Conditions"].items()}
