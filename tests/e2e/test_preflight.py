"""`phenom preflight` on the emulator, after the SAM stack was deployed there."""

import json

from tests.e2e.environment_stack import Account


def test_preflight_tells_own_resources_from_others(account: Account) -> None:
    stack, _ = account.deployed("development")
    ran = stack.phenom("preflight", "--json")
    assert ran.returncode == 1, ran.stderr
    checks = {each["name"]: each for each in json.loads(ran.stdout)["checks"]}
    for kind, number in (("DynamoDB tables", 3), ("SQS queues", 5), ("Lambda functions", 5)):
        check = checks[f"names: {kind}"]
        assert (check["state"], check["found"]) == ("ok", f"{number} of this environment")
    assert "3 of this environment" in checks["names: S3 buckets"]["found"]
    assert checks["SAM stack"]["found"].startswith("phenom-dev is deployed")
    # The test created them by hand, without the tags that Terraform would give them.
    for kind in ("SSM parameters", "IAM policies"):
        assert checks[f"names: {kind}"]["state"] == "missing"
    assert checks["Terraform state"]["state"] == "missing"
    # The emulator does not know Service Quotas.
    quotas = {"Fargate On-Demand vCPUs", "Elastic IP addresses", "VPCs"}
    assert {name for name, each in checks.items() if each["state"] == "unknown"} - {"CloudFront"} <= quotas
