"""Quotas against what the environment needs."""

import pytest

from phenom.preflight.quotas import (
    Vcpus,
    check_addresses,
    check_fargate,
    check_lambda,
    check_networks,
    fargate_needs,
)  # fmt: skip
from tests.unit.phenom.preflight.world import SETTINGS, TAGS, World, limits, refusal, settings, state_of

PRODUCTION = {
    "images": dict.fromkeys(("graphql", "auth", "storage", "functions"), "x:1"),
    "service_size": {"cpu": 256},
    "service_scaling": {"min": 2, "max": 6, "spot_percent": 0},
    "clamd_image": "x:1",
    "clamd_scaling": {"min": 2, "max": 4},
    "synapse": None,
    "chat_mcp": None,
}


def test_production_needs_4_vcpus_and_10_at_the_highest_load():
    assert fargate_needs(PRODUCTION) == (Vcpus(4, 10), Vcpus(0, 0))


def test_synapse_runs_once_even_while_it_is_deployed():
    before, _ = fargate_needs(PRODUCTION)
    small, _ = fargate_needs({**PRODUCTION, "synapse": {}})
    large, _ = fargate_needs({**PRODUCTION, "synapse": {"size": {"cpu": 2048, "memory": 4096}}})
    assert (small.least - before.least, small.most - before.most) == (0.5, 0.5)
    assert (large.least - before.least, large.most - before.most) == (2, 2)


def test_chat_mcp_overlaps_while_it_is_deployed():
    before, _ = fargate_needs(PRODUCTION)
    after, _ = fargate_needs({**PRODUCTION, "chat_mcp": {"image": "x", "port": 8000}})
    assert (after.least - before.least, after.most - before.most) == (0.25, 0.5)


def test_spot_counts_separately_except_for_the_first_task_of_each_service():
    on_demand, spot = fargate_needs(SETTINGS.terraform)
    assert (on_demand, spot) == (Vcpus(1.75, 2.75), Vcpus(0.75, 2.25))


def test_partial_spot_is_rounded_towards_on_demand():
    scaling = {"min": 4, "max": 4, "spot_percent": 50}
    on_demand, spot = fargate_needs({**PRODUCTION, "service_scaling": scaling, "clamd_image": None})
    assert (on_demand.least, spot.least) == (3, 1)


@pytest.mark.parametrize(("allowed", "state"), [(1, "missing"), (2, "warning"), (3, "ok")])
def test_fargate_quota_is_compared_with_least_and_most(world: World, allowed: float, state: str):
    world.quotas["L-3032A538"] = allowed
    on_demand, spot = check_fargate(world.cloud())
    assert (state_of(on_demand), state_of(spot)) == (state, "ok")
    if state != "ok":
        assert on_demand.remedy.endswith("--service-code fargate --quota-code L-3032A538 --desired-value 3")


def test_no_spot_no_spot_quota(world: World):
    checks = list(check_fargate(world.cloud(settings(service_scaling={"min": 1, "max": 1}))))
    assert [each.name for each in checks] == ["Fargate On-Demand vCPUs"]


def test_default_counts_where_the_account_has_no_quota_of_its_own(world: World):
    world.answers["GetServiceQuota"] = refusal("NoSuchResourceException")
    world.answers["GetAWSDefaultServiceQuota"] = {"Quota": {"Value": 6.0}}
    assert "6 allowed" in next(iter(check_fargate(world.cloud()))).found


@pytest.mark.parametrize(("total", "state", "remedy"), [
    (10, "warning", "ValidatorMaxConcurrency=5 "), (19, "warning", "ValidatorMaxConcurrency=9 "), (20, "ok", ""),
])  # fmt: skip
def test_validator_leaves_executions_to_sign_in(world: World, total: int, state: str, remedy: str):
    world.answers["GetAccountSettings"] = limits(total)
    check = check_lambda(world.cloud())
    assert state_of(check) == state
    assert remedy in check.remedy
    assert ("L-B99A9384" in check.remedy) == (state == "warning")


def test_reservation_that_lambda_refuses_is_missing(world: World):
    chosen = settings(parameters={"PresignReservedConcurrency": "20", "SignInReservedConcurrency": "5"})
    world.answers["GetAccountSettings"] = limits(129)
    check = check_lambda(world.cloud(chosen))
    assert state_of(check) == "missing"
    assert "reserving 30" in check.found
    world.answers["GetAccountSettings"] = limits(130)
    assert state_of(check_lambda(world.cloud(chosen))) == "ok"


def test_addresses_in_use_count(world: World):
    ec2 = world.client("ec2")
    for _ in range(4):
        ec2.allocate_address(Domain="vpc")
    assert state_of(check_addresses(world.cloud())) == "ok"
    check = check_addresses(world.cloud(settings(nat_gateways="per_zone")))
    assert state_of(check) == "missing"
    assert check.remedy.endswith("--service-code ec2 --quota-code L-0263D0A3 --desired-value 6")
    assert state_of(check_addresses(world.cloud(settings(nat_gateways="none")))) == "ok"


def test_own_addresses_and_network_are_not_needed_again(world: World):
    world.quotas |= {"L-0263D0A3": 1, "L-F678F1CE": 1}
    ec2, tags = world.client("ec2"), [{"Key": key, "Value": value} for key, value in TAGS.items()]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    assert state_of(check_addresses(world.cloud())) == "missing"
    assert state_of(check_networks(world.cloud())) == "missing"
    ec2.create_tags(Resources=[address, vpc], Tags=tags)
    assert state_of(check_addresses(world.cloud())) == "ok"
    assert state_of(check_networks(world.cloud())) == "ok"
