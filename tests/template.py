"""template.yaml, as it says itself, and as it is in one environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
ACCOUNT = "123456789012"
_PSEUDO = {
    "AWS::Region": "us-east-1",
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
_NAMES = {
    "AWS::Serverless::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::DynamoDB::Table": "TableName",
}
_VARIABLE = re.compile(r"\$\{([^}]+)}")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags as None: what a deployment decides is of no interest here."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def read() -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)
    return template


def properties(resource: str) -> dict[str, Any]:
    """The properties of one resource."""
    described: dict[str, Any] = read()["Resources"][resource]["Properties"]
    return described


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A CloudFormation function that has not been computed yet."""

    tag: str
    value: Any


class _TaggedLoader(yaml.SafeLoader):
    """Keeps CloudFormation's tags for later."""


def _tagged(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> _Tagged:
    if isinstance(node, yaml.ScalarNode):
        return _Tagged(tag, loader.construct_scalar(node))
    if isinstance(node, yaml.SequenceNode):
        return _Tagged(tag, loader.construct_sequence(node, deep=True))
    return _Tagged(tag, loader.construct_mapping(node, deep=True))


_TaggedLoader.add_multi_constructor("!", _tagged)


class Deployed:
    """The template with its names filled in. Conditions hold; parameters are their defaults, or their own names."""

    def __init__(self, environment: str) -> None:
        self._template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_TaggedLoader)
        self._environment = environment
        self.outputs = self._resolve(self._template["Outputs"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties by logical id."""
        resources: Mapping[str, Any] = self._template["Resources"]
        return {
            logical_id: self._resolve(resource["Properties"])
            for logical_id, resource in resources.items()
            if resource["Type"] == kind
        }

    def names_of(self, kind: str) -> set[str]:
        return {properties[_NAMES[kind]] for properties in self.of_type(kind).values()}

    def _resolve(self, value: Any) -> Any:
        match value:
            case _Tagged("If", [_, holds, _]):
                return self._resolve(holds)
            case _Tagged("Sub", [text, variables]):
                return self._substitute(text, self._resolve(variables))
            case _Tagged("Sub", text):
                return self._substitute(text, {})
            case _Tagged("Ref" | "GetAtt", name):
                return self._name(name if isinstance(name, str) else ".".join(name))
            case _Tagged():
                return repr(value)
            case dict():
                return {key: self._resolve(each) for key, each in value.items()}
            case list():
                return [self._resolve(each) for each in value]
        return value

    def _substitute(self, text: str, variables: Mapping[str, str]) -> str:
        return _VARIABLE.sub(lambda found: variables[found[1]] if found[1] in variables else self._name(found[1]), text)

    def _name(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name == "Environment":
            return self._environment
        logical_id, _, attribute = name.partition(".")
        if logical_id in self._template["Parameters"]:
            return str(self._template["Parameters"][logical_id].get("Default", logical_id))
        resource = self._template["Resources"][logical_id]
        own = self._resolve(resource["Properties"].get(_NAMES.get(resource["Type"], "")))
        return f"{own}.Arn" if attribute == "Arn" else own or name


@cache
def deployed(environment: str) -> Deployed:
    return Deployed(environment)
