"""RDS still offers the planned version of PostgreSQL with the planned instance class.

cfn-lint knows what RDS offers in each region, so the tests write the planned instance as a CloudFormation resource.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.paths import SAM
from tests.infra.plans import Environment


def as_resource(planned: dict[str, Any]) -> dict[str, Any]:
    """Returns the planned instance as a CloudFormation resource."""
    return {
        "Type": "AWS::RDS::DBInstance",
        "DeletionPolicy": "Snapshot",
        "UpdateReplacePolicy": "Snapshot",
        "Properties": {
            "Engine": planned["engine"],
            "EngineVersion": planned["engine_version"],
            "DBInstanceClass": planned["instance_class"],
            "StorageType": planned["storage_type"],
            "AllocatedStorage": str(planned["allocated_storage"]),
            "MultiAZ": planned["multi_az"],
            "StorageEncrypted": planned["storage_encrypted"],
            "ManageMasterUserPassword": planned["manage_master_user_password"],
            "MasterUsername": planned["username"],
            "AutoMinorVersionUpgrade": planned["auto_minor_version_upgrade"],
            "EngineLifecycleSupport": planned["engine_lifecycle_support"],
            "PreferredBackupWindow": planned["backup_window"],
            "PreferredMaintenanceWindow": planned["maintenance_window"],
        },
    }


def findings(directory: Path, planned: dict[str, Any], region: str) -> set[str]:
    """Returns the ids of the cfn-lint rules that the planned instance violates.

    RDS resolves a major version to its newest minor version, which cfn-lint does not, so all minor versions are tried.
    Returns an empty set if one of them has no finding.
    """
    version = planned["engine_version"]
    versions = [f"{version}.{minor}" for minor in range(30)] if version.isdigit() else [version]
    resources = {f"Database{n}": as_resource(planned | {"engine_version": v}) for n, v in enumerate(versions)}
    template = directory / "database.json"
    template.write_text(json.dumps({"Resources": resources}))
    command = [SAM.with_name("cfn-lint"), "--format", "json", "--region", region, "--", template]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, set[str]] = {name: set() for name in resources}
    for finding in json.loads(done.stdout):
        found[finding["Location"]["Path"][1]].add(finding["Rule"]["Id"])
    return min(found.values(), key=len)


def database(environment: Environment) -> dict[str, Any]:
    (planned,) = environment.plan_of("aws_db_instance")
    return planned.values


def test_rds_offers_the_planned_database(environment: Environment, tmp_path: Path):
    assert findings(tmp_path, database(environment), environment.locals["region"]) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"engine_version": "17.4"}, "W3691"),  # retired in May 2026
        ({"engine_version": "17.99"}, "E3691"),
        ({"instance_class": "db.m5.huge"}, "E3025"),
        ({"engine_version": "11"}, "E3691"),
    ],
    ids=["retired version", "unknown version", "unknown class", "retired major version"],
)
def test_database_that_rds_does_not_offer_is_found(
    environments: dict[str, Environment], tmp_path: Path, change: dict[str, str], rule: str
):
    environment = environments["development"]
    assert rule in findings(tmp_path, database(environment) | change, environment.locals["region"])


def test_rds_chooses_the_minor_version(environment: Environment):
    """RDS upgrades retired minor versions by force, and refuses the downgrade that the next apply would ask for."""
    planned = database(environment)
    assert planned["engine_version"].isdigit()
    assert planned["auto_minor_version_upgrade"] is True
    assert planned["engine_lifecycle_support"] == "open-source-rds-extended-support-disabled"
