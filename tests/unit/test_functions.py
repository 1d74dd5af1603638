"""src/functions.toml is complete: template, locks, import contracts, tests and benchmarks know the same functions."""

from phenom import event_cases
from phenom.functions import FUNCTIONS, ROOT, by_resource, main
from testkit import wiring
from tests.e2e import test_compromise
from tests.package import test_packages
from tests.template import read


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


def test_each_function_has_a_role_and_a_log_group_of_the_template():
    """Without them, SAM makes a role, and Lambda a log group that keeps its lines for ever."""
    resources = read()["Resources"]
    for function in FUNCTIONS.values():
        properties = resources[function.resource]["Properties"]
        role, logs = properties["Role"]["Fn::GetAtt"], properties["LoggingConfig"]["LogGroup"]["Ref"]
        assert resources[role.split(".")[0] if isinstance(role, str) else role[0]]["Type"] == "AWS::IAM::Role"
        assert resources[logs]["Properties"]["RetentionInDays"]


def test_benchmarks_call_each_function_with_one_of_its_events():
    for function in FUNCTIONS.values():
        if function.name != "presign":
            assert event_cases.load(function.name, function.measured)


def test_tests_know_every_function():
    assert wiring.ENVIRONMENTS.keys() == FUNCTIONS.keys()
    assert test_compromise.ALLOWED.keys() == FUNCTIONS.keys()
    assert [each.function for each in test_packages.PACKAGES] == list(FUNCTIONS.values())


def test_scripts_get_names_and_package_contents(capsys):
    assert main(["names"]) == 0
    assert capsys.readouterr().out.split() == list(FUNCTIONS)
    assert main(["pack", "UserSyncFunction"]) == 0
    assert capsys.readouterr().out == "user_sync\nuser_sync runtime\nsecretsmanager sqs\n"
    assert main([]) == 2
    assert by_resource("UploadEventsFunction").stack_key == "uploadEvents"
