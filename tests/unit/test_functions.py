"""src/functions.toml is complete: template, locks, import contracts, tests and benchmarks know the same functions."""

import tomllib

from benchmarks import contestants
from phenom.functions import FUNCTIONS, ROOT, by_resource, main
from testkit import wiring
from tests.e2e import test_compromise
from tests.package import test_packages
from tests.template import read

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_table_lists_the_functions_of_the_template():
    resources = read()["Resources"]
    deployed = {name for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
    assert {each.resource for each in FUNCTIONS.values()} == deployed


def test_each_function_has_its_package_lock_and_events():
    for function in FUNCTIONS.values():
        assert (ROOT / "src" / function.name / "handler.py").exists()
        assert function.lock.exists()
        assert (ROOT / "events" / function.name).is_dir()
        assert all((ROOT / "src" / each / "__init__.py").exists() for each in function.shares)


def test_import_contracts_cover_every_package():
    packages = {*FUNCTIONS, *(shared for each in FUNCTIONS.values() for shared in each.shares)}
    assert set(PYPROJECT["importlinter"]["root_packages"]) == packages
    contracts = {each["name"]: each for each in PYPROJECT["importlinter"]["contracts"]}
    assert set(contracts["functions never import each other"]["modules"]) == set(FUNCTIONS)
    assert set(contracts["shared packages import no function"]["forbidden_modules"]) == set(FUNCTIONS)


def test_tests_and_benchmarks_know_every_function():
    assert wiring.ENVIRONMENTS.keys() == FUNCTIONS.keys()
    assert test_compromise.ALLOWED.keys() == FUNCTIONS.keys()
    assert [each.function for each in test_packages.PACKAGES] == list(FUNCTIONS.values())
    assert {"presign", *contestants.CASES} == FUNCTIONS.keys()


def test_scripts_get_names_and_package_contents(capsys):
    assert main(["names"]) == 0
    assert capsys.readouterr().out.split() == list(FUNCTIONS)
    assert main(["pack", "UserSyncFunction"]) == 0
    assert capsys.readouterr().out == "user_sync\nuser_sync runtime\nsecretsmanager sqs\n"
    assert main([]) == 2
    assert by_resource("UploadEventsFunction").stack_key == "uploadEvents"
