"""template.yaml as written and as deployed to one environment."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from phenom.aws import sam_template

TEMPLATE = sam_template.TEMPLATE
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


@cache
def read() -> dict[str, Any]:
    """Returns the template with CloudFormation's functions in their long form, such as `{"Ref": "UploadsTable"}`."""
    return sam_template.read()


def properties(resource: str) -> dict[str, Any]:
    described: dict[str, Any] = read()["Resources"][resource]["Properties"]
    return described


class Deployed:
    """The template with names filled in. Conditions are true; parameters have their default or their own name."""

    def __init__(self, environment: str) -> None:
        self._template = read()
        self._environment = environment
        self.outputs = self._resolve(self._template["Outputs"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Returns properties by logical id."""
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
            case {"Fn::If": [_, when_true, _]}:
                return self._resolve(when_true)
            case {"Fn::Sub": [text, variables]}:
                return self._substitute(text, self._resolve(variables))
            case {"Fn::Sub": text}:
                return self._substitute(text, {})
            case {"Ref": name}:
                return self._name(name)
            case {"Fn::GetAtt": names}:
                return self._name(".".join(names))
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
        if logical_id not in self._template["Resources"]:
            return name
        resource = self._template["Resources"][logical_id]
        own = self._resolve(resource["Properties"].get(_NAMES.get(resource["Type"], "")))
        return f"{own}.Arn" if attribute == "Arn" else own or name


@cache
def deployed(environment: str) -> Deployed:
    return Deployed(environment)
