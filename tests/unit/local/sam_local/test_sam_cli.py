"""Files and arguments that SAM CLI receives."""

import json
from ipaddress import IPv4Network

import pytest
import yaml

from local.sam_local import sam_cli
from local.sam_local.docker_engine import Network
from local.sam_local.sam_cli import Files, Image, Sam

BUILT = {
    "Resources": {
        "PresignFunction": {
            "Properties": {
                "CodeUri": "PresignFunction",
                "Timeout": 30,
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
            }
        },
        "Table": {"Type": "AWS::DynamoDB::Table"},
    }
}
VARIABLES = {"TABLE": "uploads", "AWS_ENDPOINT_URL": "http://172.18.0.1:4566"}


@pytest.fixture
def files(tmp_path) -> Files:
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump(BUILT))
    return Files.write(
        tmp_path, built, {"PresignFunction": tmp_path / "package"}, {"PresignFunction": VARIABLES}
    )  # fmt: skip


def test_template_declares_every_variable(files, tmp_path):
    function = json.loads(files.template.read_text())["Resources"]["PresignFunction"]["Properties"]
    assert function["Environment"]["Variables"].keys() == VARIABLES.keys()
    assert function["CodeUri"] == str(tmp_path / "package")
    assert json.loads(files.variables.read_text()) == {"PresignFunction": VARIABLES}


def test_start_time_is_added_to_the_timeout(files):
    resources = json.loads(files.template.read_text())["Resources"]
    assert resources["PresignFunction"]["Properties"]["Timeout"] == 30 + sam_cli.START_SECONDS
    assert resources["Table"] == BUILT["Resources"]["Table"]


def test_files_are_readable_by_the_owner_only(files):
    assert {path.stat().st_mode & 0o777 for path in (files.template, files.variables)} == {0o600}


@pytest.mark.parametrize(
    ("image", "pull", "there", "missing"),
    [
        (Image(), True, [], ["--skip-pull-image", "--invoke-image"]),
        (Image(), False, ["--skip-pull-image"], ["--invoke-image"]),
        (Image("mine:1"), True, ["--invoke-image", "mine:1"], ["--skip-pull-image"]),
        (Image("mine:1", pull=False), True, ["--invoke-image", "mine:1", "--skip-pull-image"], []),
    ],
)
def test_image_is_pulled_only_when_allowed(files, image, pull, there, missing):
    network = Network("phenom-x", "172.18.0.1", IPv4Network("172.18.0.0/16"))
    command = Sam(files, network, image, {}, {}).command("invoke", "PresignFunction", pull=pull)
    assert command[1:4] == ["local", "invoke", "PresignFunction"]
    assert command[command.index("--docker-network") + 1] == "phenom-x"
    assert set(there) <= set(command)
    assert not set(missing) & set(command)


def test_each_function_gets_its_own_credentials_and_none_is_printed(files):
    network = Network("phenom-x", "172.18.0.1", IPv4Network("172.18.0.0/16"))
    called = Sam(files, network, Image(), {"A": "1"}, {"One": {"KEY": "first"}, "Two": {"KEY": "second"}})
    assert called.environment("Two") == {"A": "1", "KEY": "second"}
    assert "second" not in repr(called)
