"""What template.yaml says of versions: whatever configures a function publishes it when it changes (ADR 11)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from phenom.aws.stacks import LIVE
from tests.template import TEMPLATE


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags in their long form: !Ref X is {"Ref": "X"}."""


def _long_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {tag: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)

READ: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)
FUNCTIONS = [name for name, each in READ["Resources"].items() if each["Type"] == "AWS::Serverless::Function"]
GLOBALS = READ["Globals"]["Function"]
# Of no version: who may call, and how many at once. A change of the role or the name is one of the template.
NOT_OF_A_VERSION = {"Events", "DeploymentPreference", "ReservedConcurrentExecutions", "FunctionName", "Role"}
PUBLISHES = {"SourceKMSKeyArn", "VersionDescription"}


def parameters(value: Any) -> Iterator[str]:
    """Of the template, that `value` depends on, by conditions as well."""
    if isinstance(value, list):
        for each in value:
            yield from parameters(each)
    if not isinstance(value, dict):
        return
    for key, content in value.items():
        if key == "If":
            yield from parameters(READ["Conditions"][content[0]])
        if key == "Condition":
            yield from parameters(READ["Conditions"][content])
        names = [content] if key == "Ref" else re.findall(r"\$\{(\w+)}", str(content)) if key == "Sub" else []
        yield from (name for name in names if name in READ["Parameters"])
        yield from parameters(content)


def of_ssm(name: str) -> bool:
    return str(READ["Parameters"][name]["Type"]).startswith("AWS::SSM::")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_parameter_of_its_configuration_publishes_it_and_no_other(function: str):
    """One too few, and `live` serves the old value on. One too many, and Lambda refuses a version like the last."""
    described = READ["Resources"][function]["Properties"]
    configuration = {name: value for name, value in described.items() if name not in NOT_OF_A_VERSION | PUBLISHES}
    depends = set(parameters([configuration, GLOBALS["Environment"]])) - {"Environment"}
    settings = set(parameters(described.get("SourceKMSKeyArn")))
    assert settings == {name for name in depends if not of_ssm(name)}
    described_by = {name for name in parameters(described.get("VersionDescription")) if of_ssm(name)}
    assert described_by == {name for name in depends if of_ssm(name)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_stands_there_for_sam_alone_never_reaches_lambda(function: str):
    described = READ["Resources"][function]["Properties"]
    if "SourceKMSKeyArn" in described:
        condition, _, otherwise = described["SourceKMSKeyArn"]["If"]
        assert (condition, otherwise) == ("Never", {"Ref": "AWS::NoValue"})
    assert READ["Conditions"]["Never"] == {"Equals": [{"Ref": "AWS::Region"}, "never"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_version_that_terraforms_values_replace_is_kept_to_go_back_to(function: str):
    resource = READ["Resources"][function]
    assert ("VersionDescription" in resource["Properties"]) == (resource.get("UpdateReplacePolicy") == "Retain")
    assert "DeletionPolicy" not in resource, "else it were that of its versions, too"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_new_version_of_any_function_is_watched_while_calls_are_shifted_to_it(function: str):
    alarms = READ["Resources"][function]["Properties"]["DeploymentPreference"]["Alarms"]["If"][1]
    ((alarm,),) = (each.values() for each in alarms)
    dimensions = {each["Name"]: each["Value"] for each in READ["Resources"][alarm]["Properties"]["Dimensions"]}
    assert dimensions == {
        "FunctionName": {"Ref": function},
        "Resource": {"Sub": f"${{{function}}}:{LIVE}"},
        "ExecutedVersion": {"GetAtt": f"{function}.Version.Version"},
    }


def test_every_function_is_called_by_its_alias():
    assert (GLOBALS["AutoPublishAlias"], GLOBALS["AutoPublishAliasAllProperties"]) == (LIVE, True)
    permissions = [each for each in READ["Resources"].values() if each["Type"] == "AWS::Lambda::Permission"]
    assert all(each["Properties"]["FunctionName"]["Ref"].endswith(".Alias") for each in permissions)
