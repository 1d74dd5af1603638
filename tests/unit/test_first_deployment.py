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
