"""The specification's AWS commands, word for word, with the real AWS CLI against the emulator.

The emulator has the resources under the names in Terraform's plan. Only the endpoint differs from a real account.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import Aws
from local.emulator.process import Emulator
from local.paths import CloudPaths
from local.ports import any_free
from tests.conftest import require
from tests.infra.plans import Environment
from tests.template import deployed

DESCRIBE_SERVICE = "aws ecs describe-services --cluster phenom-dev-cluster --services phenom-dev-graphql"
TAIL_LOGS = "aws logs tail /ecs/phenom-dev --follow"
SET_PASSWORD = """\
aws secretsmanager update-secret \\
  --secret-id "phenom-dev-video-upload-passwords" \\
  --secret-string '{"passwords":["your-secure-password"]}'
"""
SECONDS = 60


def aws_cli() -> Path | None:
    """Returns the AWS CLI 2 (version 1 has no `logs tail`), or None."""
    for folder in [*os.environ["PATH"].split(os.pathsep), "/usr/bin"]:
        found = shutil.which("aws", path=folder)
        if found and "aws-cli/2" in _output_of([found, "--version"]):
            return Path(found)
    return None


def _output_of(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> CloudPaths:
    paths = CloudPaths(tmp_path_factory.mktemp("account"))
    paths.create()
    return paths


@pytest.fixture(scope="module")
def account(paths: CloudPaths, environments: dict[str, Environment]) -> Iterator[Aws]:
    """An account with the cluster, services, log group and password secret of development."""
    emulator = Emulator(paths)
    emulator.start(any_free())
    try:
        aws = emulator.aws()
        create_resources(aws, environments["development"])
        yield aws
    finally:
        emulator.stop()


def create_resources(aws: Aws, environment: Environment) -> None:
    ecs = aws.client("ecs")
    (cluster,) = environment.plan_of("aws_ecs_cluster")
    ecs.create_cluster(clusterName=cluster.values["name"])
    container: dict[str, Any] = {"name": "any", "image": "any", "memory": 128}
    ecs.register_task_definition(family="any", containerDefinitions=[container])
    for service in environment.plan_of("aws_ecs_service"):
        ecs.create_service(
            cluster=cluster.values["name"],
            serviceName=service.values["name"],
            taskDefinition="any",
            desiredCount=0,
        )
    for group in environment.plan_of("aws_cloudwatch_log_group"):
        aws.client("logs").create_log_group(logGroupName=group.values["name"])
    for secret in deployed(environment.short).of_type("AWS::SecretsManager::Secret").values():
        aws.client("secretsmanager").create_secret(Name=secret["Name"], SecretString="{}")


@pytest.fixture
def shell(account: Aws, paths: CloudPaths) -> dict[str, str]:
    """Environment variables for a shell in which `aws` is the AWS CLI 2 and calls the emulator."""
    cli = aws_cli()
    require(cli, "the AWS CLI 2 (Debian's awscli)")
    programs = paths.home / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / "aws").exists():
        (programs / "aws").symlink_to(str(cli))
    # AWS_ENDPOINT_URL needs version 2.13, and Debian 12 has 2.9. Aliases can set the endpoint in every version.
    aliases = paths.home / ".aws" / "cli" / "alias"
    aliases.parent.mkdir(parents=True, exist_ok=True)
    services = ("ecs", "logs", "secretsmanager")
    lines = [f"{service} = {service} --endpoint-url {account.endpoint}" for service in services]
    aliases.write_text("\n".join(["[toplevel]", *lines, ""]))
    variables = account.environment(paths.home)
    return variables | {"PATH": f"{programs}:{variables['PATH']}", "AWS_PAGER": "", "PYTHONUNBUFFERED": "1"}


def run(command: str, shell: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=shell, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_describe_services_finds_the_graphql_service(shell: dict[str, str]):
    answer = run(DESCRIBE_SERVICE, shell)
    assert [service["serviceName"] for service in answer["services"]] == ["phenom-dev-graphql"]
    assert not answer["failures"]


def test_update_secret_sets_the_upload_password(account: Aws, shell: dict[str, str]):
    name = "phenom-dev-video-upload-passwords"
    assert run(SET_PASSWORD, shell)["Name"] == name
    value = account.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    assert json.loads(value) == {"passwords": ["your-secure-password"]}


def test_logs_tail_follows_the_log_group(account: Aws, shell: dict[str, str]):
    logs = account.client("logs")
    stream = {"logGroupName": "/ecs/phenom-dev", "logStreamName": "graphql/graphql/1"}
    logs.create_log_stream(**stream)
    now = int(time.time() * 1000)
    logs.put_log_events(**stream, logEvents=[{"timestamp": now, "message": "Hasura is ready"}])
    process = subprocess.Popen(
        ["/bin/sh", "-c", TAIL_LOGS],
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = threading.Timer(SECONDS, os.killpg, [process.pid, signal.SIGKILL])
    deadline.start()
    try:
        assert process.stdout
        line = process.stdout.readline().strip()
    finally:
        deadline.cancel()
        os.killpg(process.pid, signal.SIGKILL)  # --follow never ends
        process.communicate()
    assert line.endswith("graphql/graphql/1 Hasura is ready"), line
