"""template.yaml can be deployed to an empty account, and again after a first deployment that failed."""

from typing import Any

from phenom.commands.adopt import RETAIN
from tests.template import read

TEMPLATE = read()
RESOURCES = TEMPLATE["Resources"]
OUTPUTS = TEMPLATE["Outputs"]


def test_no_resource_with_a_fixed_name_survives_a_failed_creation():
    """With plain Retain it would stay after the rollback, and the second attempt could not create it."""
    kept = {name: each for name, each in RESOURCES.items() if "DeletionPolicy" in each}
    named = {name for name, each in kept.items() if any(key.endswith("Name") for key in each["Properties"])}
    assert named == {"UploadsTable", "StagingBucket", "FinalBucket", "ClientBucket", "UploadPasswords"}
    assert {kept[name]["DeletionPolicy"] for name in named} == {RETAIN}
    assert {kept[name]["UpdateReplacePolicy"] for name in named} == {"Retain"}


def test_tables_use_no_kms_key():
    """SSEEnabled selects AWS's KMS key, which charges for calls; without it DynamoDB encrypts with its own key."""
    tables = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::DynamoDB::Table"]
    assert tables
    assert not [each["TableName"] for each in tables if "SSESpecification" in each]


def test_stack_without_upload_page_has_nothing_of_cloudfront():
    """AWS refuses distributions in a new account, and the whole stack would be rolled back."""
    page = {name for name, each in RESOURCES.items() if each["Type"].startswith("AWS::CloudFront::")}
    depending = {name for name, each in RESOURCES.items() if mentions(each, page)} | page
    conditions = {RESOURCES[name].get("Condition") for name in depending}
    conditions |= {each.get("Condition") for each in OUTPUTS.values() if mentions(each, page)}
    assert "ClientDistribution" in depending
    assert conditions == {"HasUploadPage"}
    assert RESOURCES["ClientWebAcl"]["Condition"] == "HasClientFirewall"
    assert {"Condition": "HasUploadPage"} in TEMPLATE["Conditions"]["HasClientFirewall"]["Fn::And"]


def test_bucket_of_the_upload_page_always_exists():
    """It is retained under a fixed name: switched off and on again, the page could not create it."""
    assert "Condition" not in RESOURCES["ClientBucket"]


def mentions(value: Any, names: set[str]) -> bool:
    """Returns True when `value` refers to one of the resources."""
    match value:
        case {"Ref": str(name)}:
            return name in names
        case {"Fn::GetAtt": [name, *_]}:
            return name in names
        case {"Fn::Sub": [text, variables]}:
            return mentions({"Fn::Sub": text}, names) or mentions(variables, names)
        case {"Fn::Sub": text}:
            return any(f"${{{name}" in text for name in names)
        case dict():
            return any(mentions(each, names) for each in value.values())
        case list():
            return any(mentions(each, names) for each in value)
    return False
