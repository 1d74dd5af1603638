"""Holds the planned services to the needs of their images (image_needs.toml)."""

import json
import re
from typing import Any

import pytest

from tests.infra.image_needs import NEEDS, Needs
from tests.infra.plans import ROOT, Environment, Resource


@pytest.fixture(params=NEEDS)
def service(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def needs(service: str) -> Needs:
    return NEEDS[service]


@pytest.fixture
def container(environment: Environment, service: str) -> dict[str, Any]:
    family = f"phenom-{environment.short}-{service}"
    (task,) = [t for t in environment.state_of("aws_ecs_task_definition") if t.values["family"] == family]
    (found,) = json.loads(task.values["container_definitions"])
    return found


def rule(environment: Environment, name: str) -> Resource:
    (found,) = [r for r in environment.plan_of("aws_lb_listener_rule") if r.address.endswith(f'this["{name}"]')]
    return found


def test_every_service_behind_the_load_balancer_has_its_needs_listed(environment: Environment):
    groups = [g for g in environment.plan_of("aws_lb_target_group") if g.address.startswith("module.alb.")]
    assert {group.values["name"] for group in groups} == {f"phenom-{environment.short}-{name}" for name in NEEDS}


def test_needs_are_those_of_the_listed_tag(service: str, needs: Needs):
    images = json.loads((ROOT / "images" / "images.json").read_text(encoding="utf-8"))
    entry = images[service]
    assert (entry if "source" in entry else images[entry["base"]])["source"] == needs.image


def test_port_and_health_check_are_those_of_the_image(
    environment: Environment, service: str, needs: Needs, container: dict
):
    assert [mapping["containerPort"] for mapping in container["portMappings"]] == [needs.port]
    name = f"phenom-{environment.short}-{service}"
    (group,) = [g for g in environment.plan_of("aws_lb_target_group") if g.values["name"] == name]
    assert group.values["health_check"][0]["path"] == needs.health


def test_environment_has_every_variable_that_the_image_needs(needs: Needs, container: dict):
    variables = {variable["name"]: variable["value"] for variable in container["environment"]}
    fixed = {name: value for name, value in needs.environment.items() if value}
    assert {name: variables.get(name) for name in fixed} == fixed
    assert not [name for name in needs.environment if not variables.get(name)]
    assert not set(needs.forbidden) & {*variables, *(secret["name"] for secret in container["secrets"])}


def test_secrets_come_whole_from_the_app_secret(needs: Needs, container: dict):
    found = {secret["name"]: secret["valueFrom"] for secret in container["secrets"]}
    assert set(found) == set(needs.secrets)
    assert all(re.fullmatch(r"arn:aws:secretsmanager:.+:\w+::", value) for value in found.values())
    assert not set(needs.secrets) & {variable["name"] for variable in container["environment"]}


def test_directories_that_the_image_writes_to_are_writable(needs: Needs, container: dict):
    mounted = {mount["containerPath"] for mount in container["mountPoints"] if not mount["readOnly"]}
    assert not container["readonlyRootFilesystem"] or set(needs.writable) <= mounted


def test_presigned_urls_of_storage_reach_it_through_the_load_balancer(environment: Environment):
    """PUBLIC_URL and API_ROOT_PREFIX start these URLs; the query is the signature of S3."""
    below = rule(environment, "storage-below")
    (pattern,) = below.values["condition"][0]["path_pattern"][0]["values"]
    prefix = NEEDS["storage"].environment["API_ROOT_PREFIX"]
    assert pattern == f"{prefix}/*"
    assert not below.values["transform"], "a rewritten query could change the signature"


def test_only_the_migrations_of_auth_skip_the_verification_of_the_certificate(environment: Environment):
    users = [
        (task.values["family"].rpartition("-")[2], secret["name"])
        for task in environment.state_of("aws_ecs_task_definition")
        for container in json.loads(task.values["container_definitions"])
        for secret in container.get("secrets", [])
        if ":authMigrationsUrl:" in secret["valueFrom"]
    ]
    assert users == [("auth", "POSTGRES_MIGRATIONS_CONNECTION")]


@pytest.mark.parametrize("document", ["hasura/README.md", "docs/environments.md"])
def test_metadata_is_never_applied_without_restarting_the_services_that_track_tables(document: str):
    """`hasura metadata apply` drops the tables of auth and storage, which track them again only when they start."""
    blocks = re.findall(r"(?:^ {4,}.*\n|^\n(?= {4}))+", (ROOT / document).read_text(), re.MULTILINE)
    applying = [block for block in blocks if "hasura metadata apply" in block]
    assert applying
    for block in applying:
        _, _, after = block.partition("hasura metadata apply")
        assert "for service in auth storage" in after
        assert "--force-new-deployment" in after
