"""template.yaml publishes a version of a function whenever its configuration changes (ADR 11)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from phenom.aws.stacks import LIVE
from tests.template import read

TEMPLATE = read()
FUNCTIONS = [name for name, each in TEMPLATE["Resources"].items() if each["Type"] == "AWS::Serverless::Function"]
GLOBALS = TEMPLATE["Globals"]["Function"]
# Not part of a version: who may call and how many at once. A changed role or name is a change of the template.
NOT_OF_A_VERSION = {"Events", "DeploymentPreference", "ReservedConcurrentExecutions", "FunctionName", "Role"}
PUBLISHES = {"SourceKMSKeyArn", "VersionDescription"}


def parameters(value: Any) -> Iterator[str]:
    """Yields the parameters of the template that `value` depends on, including those in conditions."""
    if isinstance(value, list):
        for each in value:
            yield from parameters(each)
    if not isinstance(value, dict):
        return
    for key, content in value.items():
        if key == "Fn::If":
            yield from parameters(TEMPLATE["Conditions"][content[0]])
        if key == "Condition":
            yield from parameters(TEMPLATE["Conditions"][content])
        text = str(content)
        names = [content] if key == "Ref" else re.findall(r"\$\{(\w+)}", text) if key == "Fn::Sub" else []
        yield from (name for name in names if name in TEMPLATE["Parameters"])
        yield from parameters(content)


def is_in_ssm(name: str) -> bool:
    return str(TEMPLATE["Parameters"][name]["Type"]).startswith("AWS::SSM::")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_names_exactly_the_parameters_of_its_configuration(function: str):
    """If one is missing, `live` keeps the old value. With one too many, Lambda refuses an unchanged version."""
    described = TEMPLATE["Resources"][function]["Properties"]
    configuration = {name: value for name, value in described.items() if name not in NOT_OF_A_VERSION | PUBLISHES}
    depends = set(parameters([configuration, GLOBALS["Environment"]])) - {"Environment"}
    settings = set(parameters(described.get("SourceKMSKeyArn")))
    assert settings == {name for name in depends if not is_in_ssm(name)}
    described_by = {name for name in parameters(described.get("VersionDescription")) if is_in_ssm(name)}
    assert described_by == {name for name in depends if is_in_ssm(name)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_source_kms_key_never_reaches_lambda(function: str):
    described = TEMPLATE["Resources"][function]["Properties"]
    if "SourceKMSKeyArn" in described:
        condition, _, otherwise = described["SourceKMSKeyArn"]["Fn::If"]
        assert (condition, otherwise) == ("Never", {"Ref": "AWS::NoValue"})
    assert TEMPLATE["Conditions"]["Never"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "never"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_versions_replaced_by_terraforms_values_are_retained(function: str):
    resource = TEMPLATE["Resources"][function]
    assert ("VersionDescription" in resource["Properties"]) == (resource.get("UpdateReplacePolicy") == "Retain")
    assert "DeletionPolicy" not in resource, "it would apply to the versions, too"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_with_retained_versions_has_no_events(function: str):
    """Their mappings would be retained, too, and go on consuming the queue after their replacement."""
    resource = TEMPLATE["Resources"][function]
    assert not ("UpdateReplacePolicy" in resource and "Events" in resource["Properties"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_new_version_has_an_alarm_while_traffic_shifts(function: str):
    alarms = TEMPLATE["Resources"][function]["Properties"]["DeploymentPreference"]["Alarms"]["Fn::If"][1]
    ((alarm,),) = (each.values() for each in alarms)
    dimensions = TEMPLATE["Resources"][alarm]["Properties"]["Dimensions"]
    assert {each["Name"]: each["Value"] for each in dimensions} == {
        "FunctionName": {"Ref": function},
        "Resource": {"Fn::Sub": [f"${{Name}}:{LIVE}", {"Name": {"Ref": function}}]},
        "ExecutedVersion": {"Fn::GetAtt": [function, "Version.Version"]},
    }


def test_callers_use_the_alias_of_every_function():
    assert (GLOBALS["AutoPublishAlias"], GLOBALS["AutoPublishAliasAllProperties"]) == (LIVE, True)
    calls = {"AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"}
    callers = [each["Properties"] for each in TEMPLATE["Resources"].values() if each["Type"] in calls]
    assert all(each["FunctionName"]["Ref"].endswith(".Alias") for each in callers)
