"""The sizes in the cost document match Terraform's plans."""

import pytest

from tests.infra.plans import Environment
from tools.cost.inputs import assumptions
from tools.cost.sizes import TERRAFORM, read, terraform_locals

pytestmark = pytest.mark.infra


def test_locals_match_terraforms_evaluation(environment: Environment):
    found = terraform_locals(TERRAFORM / "environments" / environment.name / "locals.tf")
    assert found == environment.locals


def test_counted_resources_match_the_plan(environment: Environment):
    sizes, standing = read(environment.name), assumptions().standing
    assert len(environment.plan_of("aws_cloudwatch_metric_alarm")) == standing["terraform_alarms"]
    assert len(environment.plan_of("aws_kms_key")) == standing["keys"]
    assert len(environment.plan_of("aws_nat_gateway")) == sizes.nat_gateways
    interfaces = [e for e in environment.plan_of("aws_vpc_endpoint") if e.values["vpc_endpoint_type"] == "Interface"]
    assert len(interfaces) == len(sizes.interface_endpoints)
    assert {len(endpoint.values["subnet_ids"] or [0] * sizes.zones) for endpoint in interfaces} == {sizes.zones}
    (database,) = environment.plan_of("aws_db_instance")
    assert database.values["instance_class"] == sizes.database_class
    assert database.values["allocated_storage"] == sizes.database_gb
    assert database.values["storage_type"] == "gp3"
    tasks = {int(task.values["cpu"]) / 1024 for task in environment.plan_of("aws_ecs_task_definition")}
    assert {sizes.service.cpu, sizes.clamd.cpu} <= tasks
