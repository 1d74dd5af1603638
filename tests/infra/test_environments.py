"""The two environments share only modules, and differ only in locals.tf."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import require
from tests.infra import documents
from tests.infra.plans import ENVIRONMENTS, ROOT, TERRAFORM, Environment

PATHS = {name: TERRAFORM / "environments" / name for name in ENVIRONMENTS}
LOCK = ".terraform.lock.hcl"
CALL = re.compile(r'^module "(\w+)" \{\n  source = "([^"]+)"', re.MULTILINE)
OUTPUTS = {
    "alb_dns_name",
    "service_endpoints",
    "database_endpoint",
    "cognito_user_pool_id",
    "cognito_user_pool_arn",
    "cognito_app_client_id",
    "s3_bucket_name",
    "s3_access_key_id",
}
MODULE_OUTPUTS = {
    "networking": {
        "vpc_id",
        "public_subnet_ids",
        "private_subnet_ids",
        "database_subnet_ids",
        "security_group_ids",
    },
    "alb": {"dns_name", "target_group_arns"},
    "ecs": {"cluster", "service_arns", "task_definition_arns"},
    "rds": {"endpoint", "port", "database_name", "master_secret_arn"},
    "s3": {"bucket_name", "bucket_arn", "access_key_id"},
    "cognito": {"user_pool_id", "user_pool_arn", "client_id"},
}


def test_environments_call_the_same_modules():
    calls = [CALL.findall((path / "main.tf").read_text()) for path in PATHS.values()]
    assert calls[0] == calls[1]
    assert len(calls[0]) == len(re.findall(r'^module "', (PATHS["development"] / "main.tf").read_text(), re.MULTILINE))
    assert all(source.startswith("../../modules/") for _, source in calls[0])


@pytest.mark.parametrize("name", ["main.tf", "outputs.tf", "versions.tf"])
def test_files_other_than_locals_are_identical(name: str):
    """A difference in any other file would be accidental drift."""
    one, other = ((path / name).read_text() for path in PATHS.values())
    assert one == other


def test_environments_have_the_same_files_and_locals():
    names = [{path.name for path in directory.glob("*.tf")} for directory in PATHS.values()]
    assert names[0] == names[1] == {"main.tf", "locals.tf", "versions.tf", "backend.tf", "outputs.tf"}
    found = [re.findall(r"^  (\w+) +=", (path / "locals.tf").read_text(), re.MULTILINE) for path in PATHS.values()]
    assert found[0] == found[1]


def test_environments_do_not_reference_each_other():
    for name, other in (("development", "prod"), ("production", "dev")):
        for path in PATHS[name].rglob("*"):
            if path.suffix in {".tf", ".hcl"} and ".terraform" not in path.parts:
                assert not re.search(rf"\b{other}", path.read_text()), path


def test_each_environment_has_its_own_locked_state():
    texts = {name: (path / "backend.tf").read_text() for name, path in PATHS.items()}
    keys = {name: re.search(r'key += "([^"]+)"', text) for name, text in texts.items()}
    assert [keys[name] and keys[name][1] for name in texts] == ["phenom-dev.tfstate", "phenom-prod.tfstate"]
    for text in texts.values():
        assert re.search(r"use_lockfile += true", text)
        assert re.search(r"encrypt += true", text)
        assert "remote_state" not in text


def test_bootstrap_can_write_the_bucket_into_backend():
    """Its regular expression expects this line (bootstrap/backend.tf)."""
    for path in PATHS.values():
        assert (path / "backend.tf").read_text().count('backend "s3" {\n') == 1


def test_no_example_name_is_in_development():
    """Development is created as it stands. In production, module `settings` stops the plan."""
    assert "example" not in (PATHS["development"] / "locals.tf").read_text()


def test_configuration_contains_no_account_id():
    """Account ids have 12 digits; the one in tests is AWS's example. Bootstrap writes the owner's into backend.tf."""
    for path in TERRAFORM.rglob("*"):
        if path.is_file() and path.name != "backend.tf" and not {".terraform", ".terraform.lock.hcl"} & set(path.parts):
            assert set(re.findall(r"(?<![0-9a-f-])[0-9]{12}(?![0-9])", path.read_text())) <= {"111122223333"}, path


@pytest.mark.parametrize("name", ["dev.tfvars", "dev.auto.tfvars", "dev.tfvars.json", "terraform.tfstate", "plan"])
def test_git_ignores_files_that_may_contain_secrets(name: str):
    path = f"infra/terraform/environments/development/{name}"
    assert subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False).returncode == 0


def test_git_does_not_ignore_the_lock_file():
    """It is committed after the first `terraform init`, so that all users get the same provider."""
    path = f"infra/terraform/environments/development/{LOCK}"
    assert subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False).returncode == 1


def test_prove_uses_the_lock_file_and_a_local_state(tmp_path: Path):
    """Also when the owner's backend.tf names a bucket, and when there is another override."""
    terraform = tmp_path / "infra/terraform"
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*")
    shutil.copytree(TERRAFORM, terraform, ignore=ignored)
    (tmp_path / "local/clamav").mkdir(parents=True)
    (tmp_path / "images").mkdir()
    lock, override = (terraform / "environments/development" / name for name in (LOCK, "backend_override.tf"))
    lock.write_text("# the owner's\n")
    override.write_text('terraform {\n  backend "s3" {}\n}\n')
    require(shutil.which("terraform"), "terraform 1.11 or later")
    subprocess.run([terraform / "prove.sh", "format"], check=True, capture_output=True)
    copy = tmp_path / ".cache/infra/infra/terraform/environments/development"
    assert (copy / LOCK).read_text() == "# the owner's\n"
    assert 'backend "local" {}' in (copy / "backend_override.tf").read_text()
    assert 'backend "s3" {}' in override.read_text()


def test_every_directory_requires_a_provider_that_can_rewrite_urls():
    """`transform` in a listener rule (module alb) needs version 6.19."""
    versions = [path for path in TERRAFORM.rglob("versions.tf") if ".terraform" not in path.parts]
    constraints = {path: re.findall(r'hashicorp/aws"\s+version = "([^"]+)"', path.read_text()) for path in versions}
    without = [path for path, found in constraints.items() if not found]
    without_aws = {"applications", "cloudflare_chat", "settings"}
    assert {path.parent.name for path in without} == without_aws
    assert {each for found in constraints.values() for each in found} == {"~> 6.19"}


def test_every_directory_requires_the_same_cloudflare_provider():
    versions = [path for path in TERRAFORM.rglob("versions.tf") if ".terraform" not in path.parts]
    found = {
        path.parent.name: re.findall(r'cloudflare/cloudflare"\s+version = "([^"]+)"', path.read_text())
        for path in versions
    }
    constraints = {name: constraint for name, constraint in found.items() if constraint}
    assert constraints == {name: ["~> 5.20"] for name in ("development", "production", "cloudflare_chat")}


def test_specified_outputs_exist_and_have_descriptions(environment: Environment):
    assert environment.configuration["outputs"].keys() >= OUTPUTS
    assert all(output.get("description") for output in environment.configuration["outputs"].values())


def test_modules_have_the_specified_outputs(environment: Environment):
    modules = documents.modules(environment)
    assert {name: outputs - modules[name]["outputs"].keys() for name, outputs in MODULE_OUTPUTS.items()} == {
        name: set() for name in MODULE_OUTPUTS
    }


def test_resources_have_the_specified_names(environment: Environment):
    prefix = f"phenom-{environment.short}"
    (cluster,), (database,), (pool,) = (
        environment.plan_of(type_) for type_ in ("aws_ecs_cluster", "aws_db_instance", "aws_cognito_user_pool")
    )
    assert cluster.values["name"] == f"{prefix}-cluster"
    assert database.values["identifier"] == f"{prefix}-postgres"
    assert pool.values["name"] == prefix
    services = {service.values["name"] for service in environment.plan_of("aws_ecs_service")}
    of_chat = ["synapse"] if environment.locals["synapse"] else []
    names = ("graphql", "auth", "storage", "functions", "clamd", *of_chat)
    assert services == {f"{prefix}-{name}" for name in names}
    assert f"/ecs/{prefix}" in {group.values["name"] for group in environment.plan_of("aws_cloudwatch_log_group")}
    secrets = {secret.values["name"] for secret in environment.plan_of("aws_secretsmanager_secret")}
    of_chat = ["synapse", "synapse-signing-key", "synapse-sign-in"] if of_chat else []
    assert secrets == {f"{prefix}-{name}" for name in ("app-secrets", "chat-database", *of_chat)}


def test_services_are_monitored_and_scaled_under_their_names(environment: Environment):
    prefix = f"phenom-{environment.short}"
    services = {service.values["name"] for service in environment.state_of("aws_ecs_service")}
    scaled = {target.values["resource_id"] for target in environment.state_of("aws_appautoscaling_target")}
    assert scaled == {f"service/{prefix}-cluster/{name}" for name in services - {f"{prefix}-synapse"}}
    alarms = [alarm.values["dimensions"] or {} for alarm in environment.state_of("aws_cloudwatch_metric_alarm")]
    assert {alarm["ServiceName"] for alarm in alarms if "ServiceName" in alarm} == services
    assert {alarm["ClusterName"] for alarm in alarms if "ClusterName" in alarm} == {f"{prefix}-cluster"}
    assert {alarm["DBInstanceIdentifier"] for alarm in alarms if "DBInstanceIdentifier" in alarm} == {
        f"{prefix}-postgres"
    }
    (dashboard,) = environment.state_of("aws_cloudwatch_dashboard")
    shown = json.dumps(json.loads(dashboard.values["dashboard_body"]))
    assert all(f'"{name}"' in shown for name in [*services, f"{prefix}-cluster", f"{prefix}-postgres"])


def test_every_variable_and_output_has_a_description(environment: Environment):
    for name, module in documents.modules(environment).items():
        described = [*module["variables"].values(), *module.get("outputs", {}).values()]
        assert all(found.get("description") for found in described), name
        assert len(module["variables"]) <= 12, name


def test_every_module_is_used_and_has_all_files(environment: Environment):
    directories = {path.name: path for path in (TERRAFORM / "modules").iterdir()}
    assert documents.modules(environment).keys() == directories.keys()
    for path in directories.values():
        assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= {f.name for f in path.iterdir()}
        assert list((path / "tests").glob("*.tftest.hcl")), path


@pytest.mark.parametrize("path", sorted((TERRAFORM / "modules").iterdir()), ids=lambda path: path.name)
def test_every_validation_has_a_failing_example(path):
    """Each variable with a validation has a test with an invalid value."""
    parts = re.split(r'^variable "', (path / "variables.tf").read_text(), flags=re.MULTILINE)[1:]
    validated = {part.partition('"')[0] for part in parts if "validation {" in part}
    tests = "\n".join(test.read_text() for test in (path / "tests").glob("*.tftest.hcl"))
    assert validated == set(re.findall(r"expect_failures += \[var\.(\w+)\]", tests))
    unvalidated = [part for part in parts if "validation {" not in part]
    assert all(re.search(r"type +(= bool|= bool\n)", part) for part in unvalidated)


def test_generated_tables_are_current(environments: dict[str, Environment]):
    for path, content in documents.generate(environments).items():
        text = path.read_text()
        assert documents.fill(text, content) == text, f"{path} is out of date: python -m tests.infra.documents"


def test_production_is_at_least_as_strict_as_development(environments: dict[str, Environment]):
    production = environments["production"].locals
    assert production["log_retention_days"] >= environments["development"].locals["log_retention_days"] == 7
    assert production["deletion_protection"] is True
    assert production["database_multi_az"] is True
    assert production["cognito_self_registration"] is False
    assert production["service_scaling"]["spot_percent"] == 0
    assert environments["development"].locals["cognito_mfa"] == "OFF"


def test_implicit_flow_is_allowed_in_development_only(environments: dict[str, Environment]):
    flows = {
        name: set(client.values["allowed_oauth_flows"])
        for name, environment in environments.items()
        for client in environment.plan_of("aws_cognito_user_pool_client")
    }
    assert flows == {"development": {"code", "implicit"}, "production": {"code"}}


def test_user_pool_client_has_exactly_the_listed_urls(environment: Environment):
    (client,) = environment.plan_of("aws_cognito_user_pool_client")
    for kind in ("callback_urls", "logout_urls"):
        assert sorted(client.values[kind]) == sorted(environment.locals[f"cognito_{kind}"])
        if environment.name == "development":
            assert environment.locals[f"cognito_{kind}"][0] == "http://localhost:3000"
        else:
            assert all(url.startswith("https://") for url in client.values[kind])


def test_deletion_protection_is_applied_to_all_resources(environment: Environment):
    wanted = environment.locals["deletion_protection"]
    (database,), (pool,) = environment.plan_of("aws_db_instance"), environment.plan_of("aws_cognito_user_pool")
    for balancer in environment.plan_of("aws_lb"):
        assert balancer.values["enable_deletion_protection"] is wanted, balancer.address
    assert database.values["deletion_protection"] is wanted
    assert (pool.values["deletion_protection"] == "ACTIVE") is wanted
