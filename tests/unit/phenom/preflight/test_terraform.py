"""Needs of Terraform: state bucket, certificate, database offer, snapshot name, sign-in domain, cost tag."""

from typing import Any

import pytest

from phenom.preflight.terraform import (
    check_certificate,
    check_cost_tag,
    check_database,
    check_final_snapshot,
    check_mail,
    check_sign_in_domain,
    check_state,
)  # fmt: skip
from tests.unit.phenom.preflight.world import NUMBER, World, offer, refusal, settings, state_of


def test_missing_state_bucket_names_the_bootstrap(world: World):
    check = check_state(world.cloud())
    assert state_of(check) == "missing"
    assert "infra/terraform/bootstrap" in check.remedy
    assert "-var environment=dev" in check.remedy


def test_state_tells_whether_terraform_was_applied(world: World):
    world.client("s3").create_bucket(Bucket=f"phenom-dev-terraform-state-{NUMBER}")
    assert "not applied" in check_state(world.cloud()).found
    world.apply_terraform()
    check = check_state(world.cloud())
    assert state_of(check) == "ok"
    assert "was applied" in check.found


@pytest.mark.parametrize(("listed", "state", "remedy"), [
    ({"ISSUED": "api.acme.test"}, "ok", ""),
    ({"PENDING_VALIDATION": "api.acme.test"}, "missing", "validation record"),
    ({"ISSUED": "*.acme.test"}, "missing", "request-certificate --region us-east-1 --domain-name api.acme.test"),
    ({}, "missing", "request-certificate"),
])  # fmt: skip
def test_certificate_must_be_issued_for_the_domain(world: World, listed: dict[str, str], state: str, remedy: str):
    def certificates(asked: Any) -> dict[str, Any]:
        found = [listed[each] for each in asked["CertificateStatuses"] if each in listed]
        return {"CertificateSummaryList": [{"DomainName": each} for each in found]}

    world.answers["ListCertificates"] = certificates
    check = check_certificate(world.cloud())
    assert state_of(check) == state
    assert remedy in check.remedy


def test_certificate_that_moto_issued_is_found(world: World):
    world.client("acm").request_certificate(DomainName="api.acme.test")
    assert state_of(check_certificate(world.cloud())) in {"ok", "missing"}


def test_environment_without_domain_is_a_warning(world: World):
    check = check_certificate(world.cloud(settings(domain_name=None)))
    assert state_of(check) == "warning"
    assert "plain HTTP" in check.found


@pytest.mark.parametrize(("offers", "multi_az", "state", "found"), [
    ([offer("17.7"), offer("17.10"), offer("16.9")], False, "ok", "PostgreSQL 17.10 on db.m5.large with gp3"),
    ([offer("17.9", "io1"), offer("16.9")], False, "missing", "does not offer PostgreSQL 17"),
    ([offer("170.1")], False, "missing", "does not offer"),
    ([offer("17.9", two_zones=False)], True, "missing", "in two zones"),
    ([offer("17.9")], True, "ok", "in two zones"),
    ([], False, "missing", "does not offer"),
])  # fmt: skip
def test_database_must_be_offered(world: World, *, offers: list[Any], multi_az: bool, state: str, found: str):
    world.answers["DescribeOrderableDBInstanceOptions"] = {"OrderableDBInstanceOptions": offers}
    check = check_database(world.cloud(settings(database_multi_az=multi_az)))
    assert state_of(check) == state
    assert found in check.found
    if "16.9" in str(offers) and state == "missing":
        assert "up to 16.9" in check.remedy


def test_exact_version_must_be_offered(world: World):
    engine = {"version": "17.4"}
    assert state_of(check_database(world.cloud(settings(database_engine=engine)))) == "missing"


def test_snapshot_of_a_deleted_database_is_a_warning(world: World):
    assert state_of(check_final_snapshot(world.cloud())) == "ok"
    world.answers["DescribeDBSnapshots"] = {"DBSnapshots": [{}]}
    check = check_final_snapshot(world.cloud())
    assert state_of(check) == "warning"
    assert "--db-snapshot-identifier phenom-dev-final" in check.remedy


def test_free_domain_prefix_is_ok_and_says_what_aws_does_not_tell(world: World):
    check = check_sign_in_domain(world.cloud())
    assert state_of(check) == "ok"
    assert "another account" in check.found


def test_domain_prefix_of_another_pool_is_missing(world: World):
    world.answers["DescribeUserPoolDomain"] = {"DomainDescription": {"UserPoolId": "us-east-1_X"}}
    world.answers["GetResources"] = {"ResourceTagMappingList": []}
    check = check_sign_in_domain(world.cloud())
    assert state_of(check) == "missing"
    assert "cognito_domain_prefix" in check.remedy


def test_own_domain_prefix_is_ok(world: World):
    arn = f"arn:aws:cognito-idp:us-east-1:{NUMBER}:userpool/us-east-1_X"
    world.answers["DescribeUserPoolDomain"] = {"DomainDescription": {"UserPoolId": "us-east-1_X"}}
    world.answers["GetResources"] = {"ResourceTagMappingList": [{"ResourceARN": arn}]}
    assert state_of(check_sign_in_domain(world.cloud())) == "ok"


def test_mail_limit_is_a_warning_only_where_users_sign_up(world: World):
    assert list(check_mail(world.cloud())) == []
    (check,) = check_mail(world.cloud(settings(cognito_self_registration=True)))
    assert state_of(check) == "warning"


def test_cost_tag_is_asked_only_after_the_first_deployment(world: World):
    """AWS charges for the call, and the tag cannot be active before."""
    assert state_of(check_cost_tag(world.cloud())) == "ok"
    assert "ListCostAllocationTags" not in dict(world.calls)


@pytest.mark.parametrize(("answer", "state"), [
    ({"CostAllocationTags": [{"TagKey": "environment", "Status": "Active"}]}, "ok"),
    ({"CostAllocationTags": [{"TagKey": "environment", "Status": "Inactive"}]}, "warning"),
    ({"CostAllocationTags": []}, "warning"),
    (refusal("AccessDeniedException", "Linked account doesn't have access to cost allocation tags."), "warning"),
])  # fmt: skip
def test_cost_tag_must_be_active_after_the_first_deployment(world: World, answer: dict[str, Any], state: str):
    world.apply_terraform()
    world.answers["ListCostAllocationTags"] = answer
    assert state_of(check_cost_tag(world.cloud())) == state
