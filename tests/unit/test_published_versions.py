"""A deployment publishes a version exactly when Lambda accepts one (ADR 11), held against SAM's transform."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest

from tests.sam_transform import Template, packaged, parameters_of, transform
from tests.template import read

FUNCTIONS = {name for name, each in read()["Resources"].items() if each["Type"] == "AWS::Serverless::Function"}
SAM_TAG = {"Key": "lambda:createdBy", "Value": "SAM"}


def change_global(name: str, value: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        template["Globals"]["Function"][name] = value

    return change


def change_presign(name: str, value: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        template["Resources"]["PresignFunction"]["Properties"][name] = value

    return change


CHANGES: dict[str, Callable[[Template], None]] = {
    "Runtime": change_global("Runtime", "python3.14"),
    "Description": change_presign("Description", "Another description."),
    "LoggingConfig": change_presign("LoggingConfig", {"LogFormat": "JSON"}),
    "Tags": change_global("Tags", {"team": "uploads"}),
    "ReservedConcurrentExecutions": change_presign("ReservedConcurrentExecutions", 5),
}
VALUES = {
    "LogLevel": "DEBUG",
    "PartBytes": "5242880",
    "RolesByGroup": '{"moderators": "moderator"}',
    "UserSyncInVpc": "true",
    "PresignReservedConcurrency": "5",
    "SignInReservedConcurrency": "5",
    "ValidatorMaxConcurrency": "10",
    "KeepWarm": "off",
    "FinalBucketTiering": "off",
    "DailyQuota": "5",
    "ApiDailyCeiling": "5",
    "ShortPasswords": "refuse",
    "AllowedOrigins": "https://upload.example.com",
}


@cache
def transformed() -> dict[str, Template]:
    """Returns the template after each change and with each changed value, and under "" as it is."""
    unchanged = parameters_of("production")
    inputs = {"": (packaged(), unchanged)}
    inputs |= {name: (packaged(change), unchanged) for name, change in CHANGES.items()}
    inputs |= {name: (packaged(), unchanged | {name: value}) for name, value in VALUES.items()}
    return dict(zip(inputs, transform(list(inputs.values())), strict=True))


def versions(template: Template) -> dict[str, str]:
    """Returns the logical id of the version of each function."""
    resources = template["Resources"].items()
    found = ((each["Properties"]["FunctionName"]["Ref"], name) for name, each in resources if is_version(each))
    return dict(found)


def is_version(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Lambda::Version")


def published_by(changed: str) -> set[str]:
    before, after = versions(transformed()[""]), versions(transformed()[changed])
    assert before.keys() == after.keys() == FUNCTIONS
    return {function for function in FUNCTIONS if before[function] != after[function]}


@pytest.mark.parametrize(
    ("parameter", "functions"),
    [
        ("LogLevel", FUNCTIONS),
        ("PartBytes", {"PresignFunction"}),
        ("AllowedOrigins", {"PresignFunction"}),
        ("DailyQuota", {"PresignFunction"}),
        ("ShortPasswords", {"PresignFunction"}),
        ("RolesByGroup", {"CognitoTriggerFunction"}),
        ("UserSyncInVpc", {"UserSyncFunction"}),
        ("PresignReservedConcurrency", set()),
        ("SignInReservedConcurrency", set()),
        ("ValidatorMaxConcurrency", set()),
        ("KeepWarm", set()),
        ("FinalBucketTiering", set()),
        ("ApiDailyCeiling", set()),
    ],
)
def test_parameter_publishes_the_functions_that_it_configures(parameter: str, functions: set[str]):
    assert published_by(parameter) == functions


@pytest.mark.parametrize("changed", ["Description", "LoggingConfig"])
def test_changed_property_of_a_version_publishes_one(changed: str):
    assert published_by(changed) == {"PresignFunction"}


def test_changed_global_property_publishes_every_function():
    assert published_by("Runtime") == FUNCTIONS


def test_sam_counts_properties_that_belong_to_no_version():
    """The reason for the next rule. Once SAM ignores them, functions may have tags."""
    assert published_by("Tags") == FUNCTIONS
    assert published_by("ReservedConcurrentExecutions") == {"PresignFunction"}


def version_properties() -> set[str]:
    """Returns what UpdateFunctionCode and UpdateFunctionConfiguration can change, in lower case."""
    model = botocore.session.get_session().get_service_model("lambda")
    calls = ("UpdateFunctionCode", "UpdateFunctionConfiguration")
    return {"code"} | {name.lower() for call in calls for name in model.operation_model(call).input_shape.members}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_function_has_only_properties_that_belong_to_a_version(function: str):
    """A change of any other gives an equal version, which Lambda refuses: the deployment is rolled back.

    Tag the stack in samconfig.toml instead. For a new setting that belongs to no version, use a parameter, and change
    the function's description in the same deployment.
    """
    properties = transformed()[""]["Resources"][function]["Properties"]
    assert properties.pop("Tags", [SAM_TAG]) == [SAM_TAG]
    reserved = properties.pop("ReservedConcurrentExecutions", None)
    assert not list(literals(reserved)), "a literal changes the version's id; a parameter does not"
    assert {name for name in properties if name.lower() not in version_properties()} == set()


def literals(value: Any) -> Iterator[Any]:
    """Yields what is no reference in a conditional value."""
    match value:
        case None | {"Ref": _}:
            return
        case {"Fn::If": [_, when_true, when_false]}:
            yield from literals(when_true)
            yield from literals(when_false)
        case _:
            yield value
