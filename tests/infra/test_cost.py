"""The cost model uses the sizes that Terraform plans."""

import json

from tests.infra.plans import PLANS, Environment
from tools.cost.sizes import COMMITTED, planned_sizes


def test_committed_sizes_match_the_plan(environment: Environment):
    plan = json.loads((PLANS / f"{environment.name}.plan.json").read_text())
    committed = json.loads(COMMITTED.read_text())
    assert committed[environment.name] == planned_sizes(plan), "tools/cost/sizes.json is out of date: make cost"


def test_database_storage_has_the_priced_type(environment: Environment):
    (database,) = environment.plan_of("aws_db_instance")
    assert database.values["storage_type"] == "gp3"


def test_interface_endpoints_are_in_every_counted_zone(environment: Environment):
    zones = json.loads(COMMITTED.read_text())[environment.name]["zones"]
    interfaces = [e for e in environment.plan_of("aws_vpc_endpoint") if e.values["vpc_endpoint_type"] == "Interface"]
    assert {len(endpoint.values["subnet_ids"] or [0] * zones) for endpoint in interfaces} == {zones}
