"""`phenom invoke` and `phenom start-api` in Docker containers, next to a local cloud.

INVOKE_IMAGE replaces AWS's image for Lambda functions; SKIP_PULL_IMAGE=1 uses it without a pull.
"""

import base64
import re
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import psycopg
import pytest
import urllib3
from botocore.exceptions import ClientError

from local.aws import Aws
from local.ports import any_free
from local.progress import TroubleError
from local.sam_local import docker_engine, roles
from local.sam_local.docker_engine import DockerEngine
from phenom import event_cases
from tests.commands import PHENOM, ROOT
from tests.e2e import local_cloud
from tests.e2e.api import Application, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.slow]  # neither CI nor `make check` needs Docker

UNUSABLE_IMAGE = "`sam local invoke` does not work here"


@pytest.fixture(scope="session")
def docker() -> DockerEngine:
    try:
        return docker_engine.find()
    except TroubleError as trouble:
        pytest.skip(" ".join(f"needs Docker: {trouble}".split()))


@pytest.fixture(scope="module")
def application(docker: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A new local cloud, which builds the functions itself: a test below expects empty tables."""
    with local_cloud.running(tmp_path_factory.mktemp("cloud")) as application:
        yield application


def phenom(application: Application, command: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PHENOM, command, "--dir", str(application.stack_file.parent), *arguments],
        cwd=ROOT, env=local_cloud.ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def assert_everything_is_removed(application: Application, docker: DockerEngine) -> None:
    directory = application.stack_file.parent
    for name in ("invoke", "start-api"):
        network = docker_engine.network_name(directory / name / "containers")
        assert network not in docker.run("network", "ls", "--format", "{{.Name}}")
        assert docker.run("ps", "--all", "--quiet", "--filter", f"network={network}") == ""
    roles = application.client("iam").list_roles()["Roles"]
    assert [role["RoleName"] for role in roles if role["RoleName"].endswith(("-in-invoke", "-in-start-api"))] == []
    mappings = application.functions.list_event_source_mappings()["EventSourceMappings"]
    assert {mapping["State"] for mapping in mappings} == {"Enabled"}


def test_invoke_gives_the_expected_results_and_removes_its_data(application, docker):
    """One case presigns, one scans and promotes, one calls Hasura over TLS and dead-letters users."""
    cases = ["generate_url_ok", "one_upload", "retry_mixed"]
    invoke = phenom(application, "invoke", *(f"--case={case}" for case in cases))
    said, _ = invoke.communicate(timeout=600)
    if UNUSABLE_IMAGE in said:
        pytest.skip(f"needs an image for Lambda functions: {said[said.index(UNUSABLE_IMAGE) :][:500]}")
    assert invoke.returncode == 0, said
    assert set(re.findall(r"^(\w+) +(\w+) +as expected +\d+\.\d$", said, re.MULTILINE)) == {
        ("presign", "generate_url_ok"), ("validator", "one_upload"), ("user_sync", "retry_mixed"),
    }  # fmt: skip
    assert "all                 3 events, no mismatches" in said
    assert application.client("dynamodb").scan(TableName=application.stack["uploadsTable"])["Items"] == []
    with psycopg.connect(application.stack["databaseUrl"]) as database:
        assert database.execute("SELECT count(*) FROM users").fetchone() == (0,)
    assert_everything_is_removed(application, docker)


def test_container_gets_the_permissions_of_the_deployed_role(application):
    stack = application.stack
    root = Aws(stack["endpointUrl"], stack["accessKeyId"], stack["secretAccessKey"])
    role = application.functions.get_function_configuration(FunctionName=stack["functions"]["validator"])["Role"]
    with roles.copied(root, role, "copy-of-the-validator", {}) as credentials:
        settings = {
            "endpoint_url": stack["endpointUrl"], "region_name": stack["region"],
            "aws_access_key_id": credentials["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": credentials["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": credentials["AWS_SESSION_TOKEN"],
        }  # fmt: skip
        with pytest.raises(ClientError, match="NoSuchKey"):
            boto3.client("s3", **settings).get_object(Bucket=stack["stagingBucket"], Key="uploads/none.png")
        with pytest.raises(ClientError, match="AccessDenied"):
            boto3.client("secretsmanager", **settings).get_secret_value(SecretId="phenom-local-app-secrets")


def test_interrupted_invoke_removes_containers_and_data(application, docker):
    invoke = phenom(application, "invoke", "presign", "validator")
    network = docker_engine.network_name(application.stack_file.parent / "invoke" / "containers")
    wait_for(lambda: docker.run("ps", "--quiet", "--filter", f"network={network}"), 300, "a container")
    invoke.send_signal(signal.SIGINT)
    said, _ = invoke.communicate(timeout=120)
    assert invoke.returncode == 130, said
    assert "Interrupted" in said
    assert_everything_is_removed(application, docker)


def test_upload_to_the_api_of_start_api_is_accepted(application, docker):
    port = any_free()
    served = phenom(application, "start-api", "--port", str(port))
    try:
        wait_for(lambda: served.poll() is not None or "Ctrl-C stops it" in _line(served), 300, "the API")
        issued = _call(port, "POST", "/upload/generate-url", _upload_request(application))
        assert _call(port, "GET", issued["statusUrl"])["status"] == "issued"
        put = urllib3.request(issued["method"], issued["uploadUrl"], body=_photo(), headers=issued["headers"])
        assert put.status == 200
        wait_for(lambda: _call(port, "GET", issued["statusUrl"])["status"] == "accepted", 120, "the verdict")
    finally:
        served.send_signal(signal.SIGINT)
        said, _ = served.communicate(timeout=120)
    assert served.returncode == 130, said
    assert_everything_is_removed(application, docker)


def _line(served: "subprocess.Popen[str]") -> str:
    assert served.stdout is not None
    return served.stdout.readline()


def _upload_request(application: Application) -> dict[str, Any]:
    return {
        "password": application.stack["password"], "fileName": "photo.png", "contentType": "image/png",
        "fileSize": len(_photo()),
    }  # fmt: skip


def _photo() -> bytes:
    (each,) = event_cases.load("validator", "one_upload")[1]["given"]["objects"]
    return base64.b64decode(each["body"])


def _call(port: int, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    response = urllib3.request(method, f"http://127.0.0.1:{port}{path}", json=content, timeout=60, retries=False)
    assert response.status == 200, response.data
    parsed: dict[str, Any] = response.json()
    return parsed
