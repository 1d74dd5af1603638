"""The account's own settings: stack, OIDC provider, API Gateway's role, CloudFront."""

from dataclasses import replace

import pytest

from phenom.preflight.account import check_account, check_api_gateway, check_cloudfront, check_github, check_stack
from tests.unit.phenom.preflight.world import NUMBER, SETTINGS, TAGS, World, settings, state_of

GITHUB = "https://token.actions.githubusercontent.com"


def test_account_and_caller_are_shown(world: World):
    check = check_account(world.cloud())
    assert state_of(check) == "ok"
    assert f"account {NUMBER}, region us-east-1, as arn:aws:" in check.found


def test_terraform_and_sam_must_use_the_same_region(world: World):
    check = check_account(world.cloud(replace(SETTINGS, region="eu-central-1")))
    assert state_of(check) == "missing"


@pytest.mark.parametrize(("status", "state", "remedy"), [
    ("CREATE_COMPLETE", "ok", ""),
    ("UPDATE_ROLLBACK_COMPLETE", "ok", ""),
    ("REVIEW_IN_PROGRESS", "ok", ""),
    ("UPDATE_IN_PROGRESS", "warning", "describe-stacks"),
    ("ROLLBACK_COMPLETE", "missing", "delete-stack --stack-name phenom-dev"),
    ("DELETE_FAILED", "missing", "delete-stack --stack-name phenom-dev"),
    ("UPDATE_ROLLBACK_FAILED", "missing", "continue-update-rollback --stack-name phenom-dev"),
])  # fmt: skip
def test_stack_status_decides(world: World, status: str, state: str, remedy: str):
    world.deploy_stack(status=status)
    check = check_stack(world.cloud())
    assert state_of(check) == state
    assert remedy in check.remedy


def test_stack_that_does_not_exist_is_ok(world: World):
    assert "not deployed yet" in check_stack(world.cloud()).found


@pytest.mark.parametrize(("creates", "exists", "own", "state"), [
    (True, False, False, "ok"), (True, True, False, "missing"), (True, True, True, "ok"),
    (False, True, False, "ok"), (False, False, False, "missing"),
])  # fmt: skip
def test_github_provider_matches_the_setting(world: World, *, creates: bool, exists: bool, own: bool, state: str):
    if exists:
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()] if own else []
        world.client("iam").create_open_id_connect_provider(Url=GITHUB, ThumbprintList=[], Tags=tags)
    check = check_github(world.cloud(settings(ci_creates_provider=creates)))
    assert state_of(check) == state
    if state == "missing":
        assert f"ci_creates_provider = {str(not creates).lower()}" in check.remedy


def test_github_provider_is_not_needed_without_a_repository(world: World):
    assert state_of(check_github(world.cloud(settings(ci_subject=None)))) == "ok"
    assert [name for name, _ in world.calls] == ["GetCallerIdentity"]


@pytest.mark.parametrize(("role", "manages", "state"), [
    (None, "true", "ok"), (None, "false", "missing"),
    ("arn:aws:iam::123456789012:role/phenom-prod-ApiGatewayLogsRole-AbC", "true", "ok"),
    ("arn:aws:iam::123456789012:role/central-logging", "true", "warning"),
    ("arn:aws:iam::123456789012:role/central-logging", "false", "ok"),
])  # fmt: skip
def test_log_role_of_api_gateway(world: World, role: str | None, manages: str, state: str):
    world.answers["GetAccount"] = {"cloudwatchRoleArn": role} if role else {}
    check = check_api_gateway(world.cloud(settings(parameters={"ManageApiGatewayAccount": manages})))
    assert state_of(check) == state
    if state == "warning":
        assert "ManageApiGatewayAccount=false" in check.remedy


def test_account_without_distribution_may_be_unverified(world: World):
    check = check_cloudfront(world.cloud())
    assert state_of(check) == "unknown"
    assert "UploadPage=off" in check.remedy


def test_distribution_proves_that_the_account_is_verified(world: World):
    world.answers["ListDistributions"] = {"DistributionList": {"Quantity": 1, "Items": [{"Id": "E1"}]}}
    assert state_of(check_cloudfront(world.cloud())) == "ok"


def test_cloudfront_is_not_asked_without_upload_page(world: World):
    assert state_of(check_cloudfront(world.cloud(settings(parameters={"UploadPage": "off"})))) == "ok"
    assert "ListDistributions" not in dict(world.calls)
