"""What `phenom preflight` knows of Terraform's configuration is what Terraform plans."""

import json
from typing import Any

import pytest

from phenom.preflight import names
from phenom.preflight.literals import parse_locals
from phenom.preflight.quotas import CLAMD_VCPU, fargate_needs
from phenom.preflight.terraform import STORAGE_TYPE
from tests.infra.documents import preflight_names
from tests.infra.plans import TERRAFORM, Environment

_KEYS = ("name", "identifier", "bucket", "family", "alarm_name", "dashboard_name")


def only(environment: Environment, type_: str) -> dict[str, Any]:
    (found,) = environment.plan_of(type_)
    return found.values


def test_terraform_names_are_current(environments: dict[str, Environment]):
    """Update with `python -m tests.infra.documents`."""
    assert json.loads(names.TERRAFORM_NAMES.read_text(encoding="utf-8")) == preflight_names(environments)


def test_every_type_with_a_fixed_name_is_checked_or_need_not_be(environment: Environment):
    """Add a new type to TERRAFORM_TYPES and to KINDS, or with its reason to UNCHECKED_TERRAFORM_TYPES."""
    prefix = f"phenom-{environment.short}"
    named = {
        each.type
        for each in environment.planned
        for key in _KEYS
        if (value := each.values.get(key)) and (prefix in value or each.type == "aws_ssm_parameter")
    }
    unchecked = {each for types in names.UNCHECKED_TERRAFORM_TYPES.values() for each in types}
    assert named - unchecked - names.TERRAFORM_TYPES.keys() == set()


def test_final_snapshot_has_the_name_that_is_checked(environment: Environment):
    assert only(environment, "aws_db_instance")["final_snapshot_identifier"] == f"phenom-{environment.short}-final"


def test_database_has_the_storage_that_is_checked(environment: Environment):
    database = only(environment, "aws_db_instance")
    assert (database["engine"], database["storage_type"]) == ("postgres", STORAGE_TYPE)


def test_settings_are_read_as_terraform_reads_them(environment: Environment):
    source = (TERRAFORM / "environments" / environment.name / "locals.tf").read_text(encoding="utf-8")
    read = parse_locals(source)
    overridden = {"ci_subject", *parse_locals((TERRAFORM / "testing/names_override.tf").read_text(encoding="utf-8"))}
    assert {name: environment.locals[name] for name in read if name not in overridden} == {
        name: value for name, value in read.items() if name not in overridden
    }
    assert environment.locals.keys() == read.keys(), "preflight reads plain values only"


def test_fargate_needs_are_those_of_the_planned_services(environment: Environment):
    on_demand, spot = fargate_needs(environment.locals)
    tasks = {
        each.address.rpartition(".aws_ecs")[0]: each.values for each in environment.plan_of("aws_ecs_task_definition")
    }
    services = {each.address.rpartition(".aws_ecs")[0]: each.values for each in environment.plan_of("aws_ecs_service")}
    planned = sum(service["desired_count"] * int(tasks[name]["cpu"]) / 1024 for name, service in services.items())
    assert on_demand.least + spot.least == planned
    (clamd,) = [tasks[name] for name in services if "clamd" in name]
    assert int(clamd["cpu"]) / 1024 == CLAMD_VCPU


@pytest.mark.parametrize("resource", ["aws_eip", "aws_vpc"])
def test_addresses_and_networks_carry_the_tags_by_which_they_are_recognised(environment: Environment, resource: str):
    for each in environment.plan_of(resource):
        tags = each.values["tags_all"]
        assert (tags["application"], tags["environment"]) == ("phenom", environment.short)


def test_each_nat_gateway_has_an_address(environment: Environment):
    expected = {"none": 0, "one": 1, "per_zone": 2}[environment.locals["nat_gateways"]]
    assert len(environment.plan_of("aws_eip")) == expected
