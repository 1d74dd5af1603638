"""template.yaml after SAM's transform, as CloudFormation gets it, by SAM's own translator."""

import copy
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.paths import SAM, SAMCONFIG
from phenom.aws import sam_template
from tests.template import ACCOUNT

type Template = dict[str, Any]

# Values that Terraform writes to SSM, at full length.
SSM_VALUES = {
    "ClamAvHost": "clamd.phenom-prod.internal",
    "AlarmTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:phenom-prod-alarms",
    "UserPoolArn": f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_AbCdEfGhI",
    "AppSecretArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:phenom-prod-app-secrets-AbCdEf",
    "PrivateSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "LambdaSecurityGroupId": "sg-0123456789abcdef0",
}
PSEUDO = {
    "AWS::Region": "us-east-1",
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
_NAMES = ("Name", "BucketName", "FunctionName", "QueueName", "TableName", "LogGroupName")
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)}")
_REMOVED = object()
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


@dataclass(frozen=True)
class Stack:
    """A transformed template with its parameters: the resources that exist, and their properties resolved."""

    template: Template
    parameters: Mapping[str, str]

    def holds(self, condition: Any) -> Any:
        """Returns the value of a condition; of anything else, its text."""
        match condition:
            case {"Condition": name}:
                return self.holds(self.template["Conditions"][name])
            case {"Fn::Not": [only]}:
                return not self.holds(only)
            case {"Fn::And": each}:
                return all(map(self.holds, each))
            case {"Fn::Or": each}:
                return any(map(self.holds, each))
            case {"Fn::Equals": [first, second]}:
                return self.holds(first) == self.holds(second)
            case {"Ref": name}:
                return self._value(name)
        return str(condition)

    def exists(self, described: Mapping[str, Any]) -> bool:
        return "Condition" not in described or bool(self.holds({"Condition": described["Condition"]}))

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return {name: each for name, each in self.template["Resources"].items() if self.exists(each)}

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        return {name: each for name, each in self.template["Outputs"].items() if self.exists(each)}

    def of_type(self, kind: str) -> dict[str, Any]:
        """Returns resolved properties by logical id."""
        found = {name: each for name, each in self.resources.items() if each["Type"] == kind}
        return {name: self.resolve(each.get("Properties", {})) for name, each in found.items()}

    def applied(self, value: Any) -> Any:
        """Returns `value` with its conditions applied."""
        match value:
            case {"Fn::If": [condition, when_true, when_false]}:
                return self.applied(when_true if self.holds({"Condition": condition}) else when_false)
            case {"Ref": "AWS::NoValue"}:
                return _REMOVED
            case dict():
                applied = {key: self.applied(each) for key, each in value.items()}
                return {key: each for key, each in applied.items() if each is not _REMOVED}
            case list():
                return [each for each in map(self.applied, value) if each is not _REMOVED]
        return value

    def resolve(self, value: Any) -> Any:
        """Returns `value` with CloudFormation's functions replaced by their results."""
        match self.applied(value):
            case {"Ref": name} | {"Fn::GetAtt": [name, *_]}:
                return self._value(name)
            case {"Fn::Sub": [text, variables]}:
                return self._substitute(text, self.resolve(variables))
            case {"Fn::Sub": text}:
                return self._substitute(text, {})
            case {"Fn::Join": [separator, parts]}:
                return separator.join(str(self.resolve(each)) for each in self.resolve(parts))
            case dict() as mapping:
                return {key: self.resolve(each) for key, each in mapping.items()}
            case list() as items:
                return [self.resolve(each) for each in items]
            case other:
                return other

    def _substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        return _VARIABLE.sub(
            lambda found: str(variables[found[1]] if found[1] in variables else self._value(found[1])), text
        )

    def _value(self, name: str) -> Any:
        """Returns a parameter's value, a resource's name, or an ARN for any attribute of a resource."""
        logical_id, _, attribute = name.partition(".")
        values = PSEUDO | self.parameters | SSM_VALUES
        if name in values:
            return values[name]
        described = self.template["Resources"][logical_id]
        names = [described["Properties"][key] for key in _NAMES if key in described.get("Properties", {})]
        text = str(self.resolve(names[0])) if names else logical_id
        service = described["Type"].split("::")[1].lower()
        return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{text}" if attribute else text

    def references(self, value: Any) -> Iterator[str]:
        """Yields the resources that `value` refers to once conditions are applied."""
        match self.applied(value):
            case {"Ref": str(name)}:
                yield from self._resource(name)
            case {"Fn::GetAtt": [str(name), *_]} | {"Fn::GetAtt": str(name)}:
                yield from self._resource(name)
            case {"Fn::Sub": [text, variables]}:
                yield from self.references({"Fn::Sub": text})
                yield from self.references(variables)
            case {"Fn::Sub": str(text)}:
                for found in _VARIABLE.findall(text):
                    yield from self._resource(found)
            case dict() as mapping:
                for each in mapping.values():
                    yield from self.references(each)
            case list() as items:
                for each in items:
                    yield from self.references(each)

    def _resource(self, name: str) -> Iterator[str]:
        logical_id = name.partition(".")[0]
        if logical_id in self.template["Resources"]:
            yield logical_id
