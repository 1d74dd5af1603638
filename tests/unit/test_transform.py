"""The transformed template of both environments keeps to CloudFormation's and the services' limits."""

import json
import re
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest

from tests.sam_transform import Stack, packaged, parameters_of, transform

# CloudFormation: quotas of a template.
MAX_TEMPLATE_BYTES = 1_048_576
MAX_RESOURCES = 500
MAX_PARAMETERS = MAX_OUTPUTS = MAX_MAPPINGS = 200
MAX_DESCRIPTION_BYTES = 1024
MAX_ID = 255
# IAM, without white space: all inline policies of a role; the trust policy.
MAX_INLINE_POLICIES = 10_240
MAX_TRUST_POLICY = 2_048
MAX_ENVIRONMENT_BYTES = 4_096
MAX_DASHBOARD_BYTES = 500_000
# The property with the name, its longest value and its characters, by type.
NAMES: Mapping[str, tuple[str, int, str]] = {
    "AWS::ApiGateway::ApiKey": ("Name", 1024, r".+"),
    "AWS::ApiGateway::UsagePlan": ("UsagePlanName", 255, r".+"),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", 64, r"[\w-]+"),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", 128, r"[\w-]+"),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255, r".+"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255, r"[\w-]+"),
    "AWS::DynamoDB::Table": ("TableName", 255, r"[\w.-]{3,}"),
    "AWS::Events::EventBus": ("Name", 256, r"[\w./-]+"),
    "AWS::Events::Rule": ("Name", 64, r"[\w.-]+"),
    "AWS::Lambda::Alias": ("Name", 128, r"(?!\d+$)[\w-]+"),
    "AWS::Lambda::Function": ("FunctionName", 64, r"[\w-]+"),
    "AWS::Logs::LogGroup": ("LogGroupName", 512, r"[\w./#-]+"),
    "AWS::S3::Bucket": ("BucketName", 63, r"[a-z0-9][a-z0-9-]+[a-z0-9]"),
    "AWS::SQS::Queue": ("QueueName", 80, r"[\w-]+"),
    "AWS::SecretsManager::Secret": ("Name", 512, r"[\w/+=.@-]+"),
    "AWS::WAFv2::WebACL": ("Name", 128, r"[\w-]+"),
}
DESCRIPTIONS: Mapping[str, tuple[str, int]] = {
    "AWS::CloudWatch::Alarm": ("AlarmDescription", 1024),
    "AWS::Lambda::Function": ("Description", 256),
    "AWS::Lambda::Version": ("Description", 256),
    "AWS::Events::EventBus": ("Description", 512),
    "AWS::Events::Rule": ("Description", 512),
    "AWS::SecretsManager::Secret": ("Description", 2048),
    "AWS::WAFv2::WebACL": ("Description", 256),
}
# As many resources as the parameters can create.
EVERYTHING = {"Waf": "on", "ClientDomainName": "upload.example.org", "SnapStart": "on", "ValidatorInVpc": "true",
              "UserSyncInVpc": "true", "PresignReservedConcurrency": "5", "SignInReservedConcurrency": "5"}  # fmt: skip
STACKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "development": ("development", {}),
    "production": ("production", {}),
    "production with every option": ("production", EVERYTHING),
    "development without upload page": ("development", {"UploadPage": "off", "Waf": "on"}),
    "local": ("local", {}),
}


@cache
def stacks() -> dict[str, Stack]:
    """Returns all stacks by name."""
    parameters = [parameters_of(environment, **changed) for environment, changed in STACKS.values()]
    templates = transform([(packaged(), each) for each in parameters])
    return dict(zip(STACKS, map(Stack, templates, parameters), strict=True))


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> Stack:
    return stacks()[request.param]


def size(value: Any) -> int:
    """Returns bytes of JSON without white space."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def test_template_is_within_the_quotas_of_cloudformation(stack: Stack):
    template = stack.template
    assert size(template) < MAX_TEMPLATE_BYTES
    assert len(template["Resources"]) <= MAX_RESOURCES
    assert len(template["Parameters"]) <= MAX_PARAMETERS
    assert len(template["Outputs"]) <= MAX_OUTPUTS
    assert len(template["Mappings"]) <= MAX_MAPPINGS
    assert len(template["Description"].encode()) <= MAX_DESCRIPTION_BYTES
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in [*template["Resources"], *template["Outputs"]])
    assert max(map(len, [*template["Resources"], *template["Outputs"]])) <= MAX_ID


def test_references_name_resources_that_exist(stack: Stack):
    existing = set(stack.resources)
    for name, each in [*stack.resources.items(), *stack.outputs.items()]:
        assert set(stack.references(each)) <= existing, name


def test_resources_depend_on_each_other_without_a_cycle(stack: Stack):
    graph = {
        name: {*stack.references(each.get("Properties", {})), *listed(each.get("DependsOn", []))}
        for name, each in stack.resources.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"cycle: {' -> '.join(error.args[1])}")
    assert len(order) >= len(stack.resources)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def named(properties: Any, path: str) -> Any:
    for key in path.split("."):
        properties = properties.get(key)
    return properties


@pytest.mark.parametrize("kind", NAMES)
def test_names_are_valid_and_unique(stack: Stack, kind: str):
    path, longest, characters = NAMES[kind]
    names = [named(each, path) for each in stack.of_type(kind).values()]
    for name in names:
        assert re.fullmatch(characters, name), name
        assert len(name) <= longest, name
    assert kind == "AWS::Lambda::Alias" or len(names) == len(set(names))


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_descriptions_are_short_enough(stack: Stack, kind: str):
    key, longest = DESCRIPTIONS[kind]
    for name, each in stack.of_type(kind).items():
        assert len(str(each.get(key, ""))) <= longest, name


def test_policies_of_roles_are_short_enough(stack: Stack):
    roles = stack.of_type("AWS::IAM::Role")
    assert roles
    for name, role in roles.items():
        inline = sum(size(each["PolicyDocument"]) for each in role.get("Policies", []))
        assert inline <= MAX_INLINE_POLICIES, name
        assert size(role["AssumeRolePolicyDocument"]) <= MAX_TRUST_POLICY, name


def test_environments_of_functions_are_small_enough(stack: Stack):
    for name, each in stack.of_type("AWS::Lambda::Function").items():
        assert size(each["Environment"]["Variables"]) <= MAX_ENVIRONMENT_BYTES, name


def test_dashboards_are_json_of_allowed_size(stack: Stack):
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]
    assert len(body.encode()) <= MAX_DASHBOARD_BYTES
    assert json.loads(body)["widgets"]


def test_event_source_mappings_are_not_retained(stack: Stack):
    mappings = [each for each in stack.resources.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    assert len(mappings) == 3
    assert not [each for each in mappings if {"UpdateReplacePolicy", "DeletionPolicy"} & each.keys()]


def test_only_production_uses_codedeploy():
    used = {
        name: any(each["Type"].startswith("AWS::CodeDeploy") for each in one.resources.values())
        for name, one in stacks().items()
    }
    assert used == {name: environment == "production" for name, (environment, _) in STACKS.items()}


def test_only_production_keeps_functions_warm_and_tiers_accepted_files():
    for name, one in stacks().items():
        in_production = STACKS[name][0] == "production"
        assert bool(one.of_type("AWS::Events::Rule")) == in_production, name
        rules = one.of_type("AWS::S3::Bucket")["FinalBucket"]["LifecycleConfiguration"]["Rules"]
        transitions = [each["Transitions"] for each in rules if "Transitions" in each]
        wanted = [[{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}]]
        assert transitions == (wanted if in_production else []), name


def test_schedule_calls_aliases_that_allow_this_rule_only():
    """No role is involved: each alias names the rule that may call it."""
    production = stacks()["production"].resources
    targets = {each["Arn"]["Ref"] for each in production["KeepWarmRule"]["Properties"]["Targets"]}
    assert {production[name]["Type"] for name in targets} == {"AWS::Lambda::Alias"}
    permissions = [
        each["Properties"]
        for each in production.values()
        if each["Type"] == "AWS::Lambda::Permission" and each["Properties"]["Principal"] == "events.amazonaws.com"
    ]
    assert {each["FunctionName"]["Ref"] for each in permissions} == targets
    assert {tuple(each["SourceArn"]["Fn::GetAtt"]) for each in permissions} == {("KeepWarmRule", "Arn")}


def test_accepted_files_never_move_to_an_archive_that_has_to_be_restored():
    for one in stacks().values():
        bucket = one.of_type("AWS::S3::Bucket")["FinalBucket"]
        assert "IntelligentTieringConfigurations" not in bucket, "adds the archive tiers"
        assert "GLACIER" not in json.dumps(bucket)
