"""Planned values comply with AWS's rules that the provider's schema does not contain."""

import json
import re

import pytest
from botocore.validate import ParamValidator

from tests.infra.plans import Environment
from tests.infra.service_models import CALLS, PATTERNS, member, problems, service, values_at


@pytest.mark.parametrize("type_", CALLS)
def test_planned_values_are_valid_for_the_aws_api(environment: Environment, type_: str):
    service_name, operation, attributes = CALLS[type_]
    shape = service(service_name).operation_model(operation).input_shape
    resources = environment.plan_of(type_)
    assert resources
    rejected = [
        f"{resource.address}.{attribute}: {problem}"
        for resource in resources
        for attribute, path in attributes.items()
        for value in values_at(resource.values, attribute.split("."))
        for problem in problems(member(shape, path), value)
    ]
    assert not rejected


@pytest.mark.parametrize(("type_", "attribute"), PATTERNS)
def test_names_match_the_documented_patterns(environment: Environment, type_: str, attribute: str):
    for resource in environment.plan_of(type_):
        value = resource.values[attribute]
        assert re.fullmatch(PATTERNS[type_, attribute], value), f"{resource.address}.{attribute}: {value!r}"


def test_invalid_enum_length_range_and_pattern_are_reported():
    pool = service("cognito-idp").operation_model("CreateUserPool").input_shape
    assert list(problems(member(pool, "UserPoolTier"), "FREE"))
    assert list(problems(member(pool, "PoolName"), "x" * 129))
    assert list(problems(member(pool, "PoolName"), "phenom/dev"))
    assert list(problems(member(pool, "Policies.PasswordPolicy.MinimumLength"), 5))
    assert not list(problems(member(pool, "PoolName"), "phenom-dev"))


def test_container_definitions_are_valid_for_ecs(environment: Environment):
    """Terraform treats them as text, so it checks neither keys nor types."""
    shape = service("ecs").operation_model("RegisterTaskDefinition").input_shape.members["containerDefinitions"]
    for task in environment.state_of("aws_ecs_task_definition"):
        definitions = json.loads(task.values["container_definitions"])
        report = ParamValidator().validate(definitions, shape)
        assert not report.has_errors(), f"{task.address}: {report.generate_report()}"
        for container in definitions:
            assert container["logConfiguration"]["logDriver"] in member(shape, "logConfiguration.logDriver").enum
            if check := container.get("healthCheck"):
                assert 5 <= check["interval"] <= 300
                assert check["startPeriod"] <= 300
                assert check["retries"] <= 10


def test_database_version_family_and_windows_are_consistent(environment: Environment):
    """The parameter group has the family of the version; the backup window ends before maintenance starts."""
    (database,), (group,) = environment.plan_of("aws_db_instance"), environment.plan_of("aws_db_parameter_group")
    assert group.values["family"] == f"postgres{database.values['engine_version'].partition('.')[0]}"
    assert database.values["backup_window"].partition("-")[2] <= database.values["maintenance_window"][4:9]


def test_task_size_is_supported_by_fargate(environment: Environment):
    allowed = {256: {512, 1024, 2048}, 512: set(range(1024, 4097, 1024)), 1024: set(range(2048, 8193, 1024))}
    for task in environment.plan_of("aws_ecs_task_definition"):
        assert int(task.values["memory"]) in allowed[int(task.values["cpu"])], task.address


def test_log_retention_is_supported_by_cloudwatch(environment: Environment):
    allowed = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
    for group in environment.plan_of("aws_cloudwatch_log_group"):
        assert group.values["retention_in_days"] in allowed, group.address


def test_listener_has_at_most_100_rules_with_unique_priorities(environment: Environment):
    found: dict[str, list[int]] = {}  # by module: each load balancer has one listener with rules
    for rule in environment.plan_of("aws_lb_listener_rule"):
        found.setdefault(rule.address.partition(".aws_lb")[0], []).append(rule.values["priority"])
    for priorities in found.values():
        assert len(set(priorities)) == len(priorities) <= 100
