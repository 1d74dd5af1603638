"""The real AWS CLI packs the template as CloudFormation needs it; S3 is moto's."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from phenom.aws import sam_template
from phenom.deployment import aws_cli, stack
from phenom.functions import FUNCTIONS
from tests.aws_cli import AWS_CLI, require_aws_cli
from tests.template import read

BUCKET = "packages"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    require_aws_cli()
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    account = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "HOME": str(tmp_path), "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (
        AWS_CLI | account | dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "any")
    ).items():
        monkeypatch.setenv(name, value)
    yield account["AWS_ENDPOINT_URL"]
    server.stop()


def package(directory: Path) -> dict[str, object]:
    """Returns the packed template, with functions in their long form, as tests.template reads the original."""
    (directory / "template.yaml").write_text(stack.add_packages(stack.TEMPLATE.read_text()))
    aws_cli.run(
        *("cloudformation", "package", "--template-file", str(directory / "template.yaml")),
        *(
            "--output-template-file",
            str(directory / "packaged.yaml"),
            "--s3-bucket",
            BUCKET,
            "--s3-prefix",
            "phenom-dev",
        ),
    )
    return sam_template.read(directory / "packaged.yaml")


def test_packed_template_differs_only_in_the_code(endpoint: str, tmp_path: Path):
    """The loops, conditions and quoted words of YAML survive, and aliases are resolved."""
    s3 = boto3.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket=BUCKET)
    for function in FUNCTIONS.values():
        with zipfile.ZipFile(tmp_path / f"{function.resource}.zip", "w") as archive:
            archive.writestr("handler.py", function.name)
    packed = package(tmp_path)
    locations = {name: packed["Resources"][name]["Properties"].pop("CodeUri") for name in _resources()}
    assert packed == read()
    for resource, location in locations.items():
        assert location.startswith(f"s3://{BUCKET}/phenom-dev/")
        stored = s3.get_object(Bucket=BUCKET, Key=location.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
        assert stored == (tmp_path / f"{resource}.zip").read_bytes(), resource
    events = yaml.parse((tmp_path / "packaged.yaml").read_text())
    assert not [event for event in events if isinstance(event, yaml.AliasEvent)]
    again = package(tmp_path)
    assert {name: again["Resources"][name]["Properties"]["CodeUri"] for name in _resources()} == locations


def _resources() -> list[str]:
    return [function.resource for function in FUNCTIONS.values()]


def test_missing_package_is_an_error(endpoint: str, tmp_path: Path):
    assert os.environ["AWS_ENDPOINT_URL"] == endpoint
    with pytest.raises(aws_cli.AwsCliError, match=r"cloudformation package.*Function\.zip"):
        package(tmp_path)
