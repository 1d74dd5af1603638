"""`sam local` for real: containers of Docker, the local cloud, and some of the events.

The image is INVOKE_IMAGE, with SKIP_PULL_IMAGE=1 where it cannot be pulled; AWS's own where nothing is said.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
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
from local.sam_local.docker_engine import Engine
from phenom import event_cases
from tests.commands import PHENOM
from tests.e2e.api import Application, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.slow]  # CI has no Docker, and `make check` is to need none

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
CANNOT = "`sam local invoke` does not work here"


@pytest.fixture(scope="session")
def docker() -> Engine:
    try:
        return docker_engine.find()
    except TroubleError as trouble:
        pytest.skip(" ".join(f"needs Docker: {trouble}".split()))


@pytest.fixture(scope="session")
def application(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    directory = tmp_path_factory.mktemp("cloud")
    command = [sys.executable, "-m", "local.cloud"]
    up = subprocess.run(
        [*command, "up", "--dir", str(directory), "--port", str(any_free())],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert up.returncode == 0, up.stdout[-4000:] + up.stderr[-4000:]
    stack_file = directory / "stack.json"
    yield Application(json.loads(stack_file.read_text()), stack_file)
    subprocess.run([*command, "down", "--dir", str(directory)], cwd=ROOT, env=ENVIRONMENT, check=True, timeout=120)


def phenom(application: Application, command: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PHENOM, command, "--dir", str(application.stack_file.parent), *arguments],
        cwd=ROOT, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def assert_nothing_is_left(application: Application, docker: Engine) -> None:
    directory = application.stack_file.parent
    for name in ("invoke", "start-api"):
        network = docker_engine.name_of(directory / name / "containers")
        assert network not in docker.run("network", "ls", "--format", "{{.Name}}")
        assert docker.run("ps", "--all", "--quiet", "--filter", f"network={network}") == ""
    roles = application.client("iam").list_roles()["Roles"]
    assert [role["RoleName"] for role in roles if role["RoleName"].endswith(("-in-invoke", "-in-start-api"))] == []
    mappings = application.functions.list_event_source_mappings()["EventSourceMappings"]
    assert {mapping["State"] for mapping in mappings} == {"Enabled"}


def test_events_come_to_what_is_expected_of_them_and_leave_nothing_behind(application, docker):
    """One that presigns, one that scans and promotes, and one that reaches Hasura by TLS and gives users up."""
    cases = ["generate_url_ok", "one_upload", "retry_mixed"]
    ran = phenom(application, "invoke", *(f"--case={case}" for case in cases))
    said, _ = ran.communicate(timeout=600)
    if CANNOT in said:
        pytest.skip(f"needs an image for Lambda functions: {said[said.index(CANNOT) :][:500]}")
    assert ran.returncode == 0, said
    assert set(re.findall(r"^(\w+) +(\w+) +as expected +\d+\.\d$", said, re.MULTILINE)) == {
        ("presign", "generate_url_ok"), ("validator", "one_upload"), ("user_sync", "retry_mixed"),
    }  # fmt: skip
    assert "all                 3 events, no mismatches" in said
    assert application.client("dynamodb").scan(TableName=application.stack["uploadsTable"])["Items"] == []
    with psycopg.connect(application.stack["databaseUrl"]) as database:
        assert database.execute("SELECT count(*) FROM users").fetchone() == (0,)
    assert_nothing_is_left(application, docker)


def test_a_function_may_in_a_container_what_it_may_in_the_cloud_and_no_more(application):
    stack = application.stack
    root = Aws(stack["endpointUrl"], stack["accessKeyId"], stack["secretAccessKey"])
    role = application.functions.get_function_configuration(FunctionName=stack["functions"]["validator"])["Role"]
    with roles.copied(root, role, "copy-of-the-validators", {}) as credentials:
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


def test_ctrl_c_takes_containers_and_all_else_away(application, docker):
    ran = phenom(application, "invoke", "presign", "validator")
    network = docker_engine.name_of(application.stack_file.parent / "invoke" / "containers")
    wait_for(lambda: docker.run("ps", "--quiet", "--filter", f"network={network}"), 300, "a container")
    ran.send_signal(signal.SIGINT)
    said, _ = ran.communicate(timeout=120)
    assert ran.returncode == 130, said
    assert "Interrupted" in said
    assert_nothing_is_left(application, docker)


def test_the_api_served_by_sam_takes_an_upload_that_is_accepted(application, docker):
    port = any_free()
    served = phenom(application, "start-api", "--port", str(port))
    try:
        wait_for(lambda: served.poll() is not None or "Ctrl-C stops it" in _line(served), 300, "the API")
        issued = _ask(port, "POST", "/upload/generate-url", _order(application))
        assert _ask(port, "GET", issued["statusUrl"])["status"] == "issued"
        put = urllib3.request(issued["method"], issued["uploadUrl"], body=_photo(), headers=issued["headers"])
        assert put.status == 200
        wait_for(lambda: _ask(port, "GET", issued["statusUrl"])["status"] == "accepted", 120, "the verdict")
    finally:
        served.send_signal(signal.SIGINT)
        said, _ = served.communicate(timeout=120)
    assert served.returncode == 130, said
    assert_nothing_is_left(application, docker)


def _line(served: "subprocess.Popen[str]") -> str:
    assert served.stdout is not None
    return served.stdout.readline()


def _order(application: Application) -> dict[str, Any]:
    return {
        "password": application.stack["password"], "fileName": "photo.png", "contentType": "image/png",
        "fileSize": len(_photo()),
    }  # fmt: skip


def _photo() -> bytes:
    (each,) = event_cases.load("validator", "one_upload")[1]["given"]["objects"]
    return base64.b64decode(each["body"])


def _ask(port: int, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = urllib3.request(method, f"http://127.0.0.1:{port}{path}", json=content, timeout=60, retries=False)
    assert answer.status == 200, answer.data
    parsed: dict[str, Any] = answer.json()
    return parsed
