"""Two environments that share modules and nothing else, and differ where locals.tf says so."""

import re

import pytest

from tests.infra import documents
from tests.infra.plans import ENVIRONMENTS, TERRAFORM, Environment

PATHS = {name: TERRAFORM / "environments" / name for name in ENVIRONMENTS}
CALL = re.compile(r'^module "(\w+)" \{\n  source = "([^"]+)"', re.MULTILINE)
ISSUE_OUTPUTS = {
    "alb_dns_name",
    "service_endpoints",
    "database_endpoint",
    "cognito_user_pool_id",
    "cognito_user_pool_arn",
    "cognito_app_client_id",
    "s3_bucket_name",
    "s3_access_key_id",
}


def test_both_call_the_same_modules():
    calls = [CALL.findall((path / "main.tf").read_text()) for path in PATHS.values()]
    assert calls[0] == calls[1]
    assert len(calls[0]) == len(re.findall(r'^module "', (PATHS["development"] / "main.tf").read_text(), re.MULTILINE))
    assert all(source.startswith("../../modules/") for _, source in calls[0])


@pytest.mark.parametrize("name", ["main.tf", "outputs.tf", "versions.tf"])
def test_what_differs_stands_in_the_locals_alone(name: str):
    """Equal to the byte: a difference anywhere else would be drift that nobody decided on."""
    one, other = ((path / name).read_text() for path in PATHS.values())
    assert one == other


def test_both_have_the_same_files_and_the_same_locals():
    names = [{path.name for path in directory.glob("*.tf")} for directory in PATHS.values()]
    assert names[0] == names[1] == {"main.tf", "locals.tf", "versions.tf", "backend.tf", "outputs.tf"}
    found = [re.findall(r"^  (\w+) +=", (path / "locals.tf").read_text(), re.MULTILINE) for path in PATHS.values()]
    assert found[0] == found[1]


def test_neither_names_the_other():
    for name, other in (("development", "prod"), ("production", "dev")):
        for path in PATHS[name].rglob("*"):
            if path.suffix in {".tf", ".hcl"} and ".terraform" not in path.parts:
                assert not re.search(rf"\b{other}", path.read_text()), path


def test_each_keeps_its_state_apart_and_locked():
    texts = {name: (path / "backend.tf").read_text() for name, path in PATHS.items()}
    keys = {name: re.search(r'key += "([^"]+)"', text) for name, text in texts.items()}
    assert [keys[name] and keys[name][1] for name in texts] == ["phenom-dev.tfstate", "phenom-prod.tfstate"]
    for text in texts.values():
        assert re.search(r"use_lockfile += true", text)
        assert re.search(r"encrypt += true", text)
        assert "remote_state" not in text


def test_no_account_is_named():
    """Account ids are 12 digits; the one in tests is AWS's own example."""
    for path in TERRAFORM.rglob("*"):
        if path.is_file() and ".terraform" not in path.parts:
            assert set(re.findall(r"(?<![0-9a-f-])[0-9]{12}(?![0-9])", path.read_text())) <= {"111122223333"}, path


@pytest.mark.infra
def test_outputs_are_there(environment: Environment):
    assert environment.configuration["outputs"].keys() >= ISSUE_OUTPUTS
    assert all(output.get("description") for output in environment.configuration["outputs"].values())


@pytest.mark.infra
def test_every_variable_and_output_is_described(environment: Environment):
    for name, module in documents.modules(environment).items():
        described = [*module["variables"].values(), *module.get("outputs", {}).values()]
        assert all(found.get("description") for found in described), name
        assert len(module["variables"]) <= 12, name


@pytest.mark.infra
def test_every_module_is_used_and_complete(environment: Environment):
    directories = {path.name: path for path in (TERRAFORM / "modules").iterdir()}
    assert documents.modules(environment).keys() == directories.keys()
    for path in directories.values():
        assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= {f.name for f in path.iterdir()}
        assert list((path / "tests").glob("*.tftest.hcl")), path


@pytest.mark.parametrize("path", sorted((TERRAFORM / "modules").iterdir()), ids=lambda path: path.name)
def test_every_validation_is_seen_to_fail(path):
    """For each variable with a validation there is a test that breaks it."""
    parts = re.split(r'^variable "', (path / "variables.tf").read_text(), flags=re.MULTILINE)[1:]
    validated = {part.partition('"')[0] for part in parts if "validation {" in part}
    tests = "\n".join(test.read_text() for test in (path / "tests").glob("*.tftest.hcl"))
    assert validated == set(re.findall(r"expect_failures += \[var\.(\w+)\]", tests))
    unvalidated = [part for part in parts if "validation {" not in part]
    assert all(re.search(r"type +(= bool|= bool\n)", part) for part in unvalidated)


@pytest.mark.infra
def test_documents_say_what_the_configuration_says(environments: dict[str, Environment]):
    for path, content in documents.wanted(environments).items():
        text = path.read_text()
        assert documents.filled(text, content) == text, f"{path} is old: python -m tests.infra.documents"


@pytest.mark.infra
def test_production_is_no_weaker_than_development(environments: dict[str, Environment]):
    production = environments["production"].locals
    assert production["deletion_protection"] is True
    assert production["database_multi_az"] is True
    assert production["cognito_self_registration"] is False
    assert production["service_scaling"]["spot_percent"] == 0
    assert environments["development"].locals["cognito_mfa"] == "OFF"


@pytest.mark.infra
def test_deletion_protection_arrives_everywhere(environment: Environment):
    wanted = environment.locals["deletion_protection"]
    (balancer,), (database,) = environment.plan_of("aws_lb"), environment.plan_of("aws_db_instance")
    (pool,) = environment.plan_of("aws_cognito_user_pool")
    assert balancer.values["enable_deletion_protection"] is wanted
    assert database.values["deletion_protection"] is wanted
    assert (pool.values["deletion_protection"] == "ACTIVE") is wanted
