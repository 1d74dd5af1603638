"""Deploys as GitHub's job does, with the AWS CLI, on the emulator, which enforces the roles' policies on each call.

The emulator ignores the condition cloudformation:RoleArn, the boundary of roles that CloudFormation creates, and the
permissions of CloudFormation's role, and has no aws:ResourceAccount and few tags. test_ci.py and test_ci_escapes.py
cover these; a test below sets the boundary itself. The emulator has no TLS, which the bucket policies require, so the
fixture deletes these policies.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.aws import REGION, Aws
from local.emulator.process import Emulator
from local.paths import ROOT, SAM, SAMCONFIG, CloudPaths
from local.ports import any_free
from phenom.deployment.bundle import unpack, write_bundle
from phenom.functions import FUNCTIONS
from tests.aws_cli import AWS_CLI, BARE_PYTHON, require_aws_cli
from tests.e2e.environment_stack import write_terraform_parameters
from tests.infra.plans import Environment

BUILT = ROOT / ".aws-sam" / "build" / "template.yaml"
STACK = "phenom-dev"
UNKNOWN_TO_THE_EMULATOR = {"DenyBucketsOfOtherAccounts", "DenyWithoutTagOfThisEnvironment"}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> CloudPaths:
    paths = CloudPaths(tmp_path_factory.mktemp("account"))
    paths.create()
    return paths


@pytest.fixture(scope="module")
def account(paths: CloudPaths, build: Path, environments: dict[str, Environment]) -> Iterator[Aws]:
    """An account in which Terraform was applied and an administrator has deployed once."""
    assert BUILT.is_relative_to(build)
    emulator = Emulator(paths)
    emulator.start(any_free())
    try:
        aws = emulator.aws()
        write_terraform_parameters(aws, "development")
        create_roles(aws, environments["development"])
        done = deploy(aws.environment(paths.home))
        assert done.returncode == 0, done.stderr[-2000:]
        for bucket in aws.client("s3").list_buckets()["Buckets"]:
            aws.client("s3").delete_bucket_policy(Bucket=bucket["Name"])  # it requires TLS
        yield aws
    finally:
        emulator.stop()


def account_id(aws: Aws) -> str:
    return str(aws.client("sts").get_caller_identity()["Account"])


def create_roles(aws: Aws, environment: Environment) -> None:
    """Creates the roles of modules/ci with their policies; the root user can assume them instead of GitHub."""
    iam, own = aws.client("iam"), account_id(aws)

    def document(policy: str) -> str:
        """Returns the policy for this account, with real names instead of the mocked provider's `mock`."""
        statements = [each for each in json.loads(policy)["Statement"] if each["Sid"] not in UNKNOWN_TO_THE_EMULATOR]
        for statement in statements:
            if "cloudformation:RoleArn" in str(statement.get("Condition")):
                del statement["Condition"]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements}).replace("111122223333", own)
        return text.replace(":role/mock", f":role/{STACK}-cloudformation").replace(
            ":policy/mock", f":policy/{STACK}-functions"
        )

    principal = {"AWS": f"arn:aws:iam::{own}:root", "Service": "cloudformation.amazonaws.com"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    for name in ("deploy", "cloudformation"):
        iam.create_role(
            RoleName=f"{STACK}-{name}",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        for policy in environment.state_of("aws_iam_role_policy"):
            if policy.address.startswith(f"module.ci.aws_iam_role_policy.{name}["):
                iam.put_role_policy(
                    RoleName=f"{STACK}-{name}",
                    PolicyName=policy.values["name"],
                    PolicyDocument=document(policy.values["policy"]),
                )
        for policy in environment.state_of("aws_iam_policy"):
            if policy.address.startswith(f"module.ci.aws_iam_policy.{name}["):
                created = iam.create_policy(
                    PolicyName=policy.values["name"], PolicyDocument=document(policy.values["policy"])
                )
                iam.attach_role_policy(RoleName=f"{STACK}-{name}", PolicyArn=created["Policy"]["Arn"])
    (boundary,) = [p for p in environment.state_of("aws_iam_policy") if p.address.endswith(".boundary")]
    iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{own}:policy/{STACK}-functions",
        PolicyDocument=document(boundary.values["policy"]),
        SetAsDefault=True,
    )


def deploy(environment: dict[str, str], template: Path = BUILT, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of `make deploy ENV=development CONFIRM=no`."""
    command: list[str | Path] = [SAM, "deploy", "--template-file", template, "--config-file", SAMCONFIG]
    return subprocess.run(
        [*command, "--config-env", "development", "--no-confirm-changeset", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture
def github(account: Aws, paths: CloudPaths) -> dict[str, str]:
    """Environment variables of a GitHub job: the deploy role's credentials for an hour."""
    given = account.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account_id(account)}:role/{STACK}-deploy", RoleSessionName="github-1"
    )["Credentials"]
    return account.environment(paths.home) | {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def client_of(job: dict[str, str], service: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=job["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id=job["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=job["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=job["AWS_SESSION_TOKEN"],
    )


@pytest.fixture(scope="module")
def bundle(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive that the job without credentials hands over."""
    require_aws_cli()
    directory = tmp_path_factory.mktemp("bundle")
    page = directory / "built page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html>")
    packages = {function.resource: build / function.resource for function in FUNCTIONS.values()}
    write_bundle(directory / "deployment.tar", packages, page)
    unpack(directory / "deployment.tar", directory / "unpacked")
    return directory / "unpacked"


def step(job: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A step of deploy.yml: no installed package can be imported."""
    return subprocess.run(
        [BARE_PYTHON, "-S", "-m", "phenom.deployment", *arguments],
        cwd=ROOT, env=job | AWS_CLI | {"PYTHONPATH": "src"}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def role_arn(account: Aws) -> str:
    return f"arn:aws:iam::{account_id(account)}:role/{STACK}-cloudformation"


def package_location(account: Aws) -> str:
    function = account.client("lambda").get_function(FunctionName=f"{STACK}-presigned-url-generator")
    return str(function["Configuration"]["CodeSha256"])


def test_github_job_deploys_the_bundle(account: Aws, github: dict[str, str], bundle: Path):
    before = package_location(account)
    done = step(github, "stack", "development", bundle, role_arn(account))
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    (stack,) = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert parameters["LogRetentionDays"] == "7"
    assert parameters["ValidatorInVpc"] == "true"
    assert {"Key": "environment", "Value": "dev"} in stack["Tags"]
    assert package_location(account) != before, "the archive of the bundle is not the one of sam deploy"
    again = step(github, "stack", "development", bundle, role_arn(account))
    assert again.returncode == 0, again.stderr[-2000:]


def test_function_works_within_the_boundary(account: Aws):
    event = json.loads((ROOT / "events/presign/generate_url_ok.json").read_text())
    for headers in (event["headers"], event["multiValueHeaders"]):
        del headers["Origin"]  # another one than that of development's page: calls from there are refused
    password = json.loads(event["body"])["password"]
    secret = json.dumps({"passwords": [password]})
    account.client("secretsmanager").put_secret_value(SecretId=f"{STACK}-video-upload-passwords", SecretString=secret)
    function = f"{STACK}-presigned-url-generator"
    role = account.client("lambda").get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
    iam, answers = account.client("iam"), []
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    iam.create_policy(PolicyName="nothing", PolicyDocument=json.dumps(nothing))
    for boundary in (f"{STACK}-functions", "nothing"):
        arn = f"arn:aws:iam::{account_id(account)}:policy/{boundary}"
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
        answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        answers.append(json.loads(answer["Payload"].read())["statusCode"])
    assert answers == [200, 503], "the second answer shows that the emulator enforces the boundary"


def test_github_job_publishes_the_upload_page(account: Aws, github: dict[str, str], bundle: Path):
    done = step(github, "page", "development", bundle)
    assert done.returncode == 0, done.stderr[-2000:]
    bucket = f"{STACK}-client-{account_id(account)}"
    stored = {each["Key"] for each in account.client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
    assert stored == {"config.json", "index.html"}
    index = account.client("s3").head_object(Bucket=bucket, Key="index.html")
    assert index["ContentType"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("lambda", "invoke", {"FunctionName": f"{STACK}-presigned-url-generator"}),
        ("lambda", "update_function_configuration", {"FunctionName": f"{STACK}-file-validator", "MemorySize": 128}),
        ("secretsmanager", "get_secret_value", {"SecretId": f"{STACK}-video-upload-passwords"}),
        ("dynamodb", "scan", {"TableName": f"{STACK}-uploads"}),
        ("iam", "create_user", {"UserName": "new-user"}),
        ("cloudformation", "delete_stack", {"StackName": STACK}),
    ],
)
@pytest.mark.usefixtures("account")
def test_github_job_is_denied_all_other_calls(github: dict[str, str], service: str, call: str, arguments: dict):
    client = client_of(github, service)
    with pytest.raises(client.exceptions.ClientError, match="not authorized"):
        getattr(client, call)(**arguments)
