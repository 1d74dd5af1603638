"""template.yaml can be deployed to an empty account, and again after a first deployment that failed."""

from phenom.commands.adopt import RETAIN
from tests.template import read

RESOURCES = read()["Resources"]


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
