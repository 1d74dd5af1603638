"""The deployed template with its firewall on and off, and in a region without a firewall for CloudFront."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import Aws
from local.paths import ROOT, SAM, SAMCONFIG, TEMPLATE
from tests.e2e.api import Application

ORIGINS = "AllowedOrigins=https://upload.acme.org,https://app.acme.org"
STACK = "phenom-dev"  # next to phenom-local in the same account; all resource names differ


@pytest.fixture(scope="module")
def deploy(application: Application) -> Callable[[str], None]:
    stack = application.stack
    aws = Aws(stack["endpointUrl"], stack["accessKeyId"], stack["secretAccessKey"])
    built = application.stack_file.parent / "sam/build/template.yaml"
    names = {
        "AlarmTopicArn": "monitoring/alarm-topic-arn",
        "ClamAvHost": "clamd/host",
        "UserPoolArn": "cognito/user-pool-arn",
        "AppSecretArn": "secrets/app-secret-arn",
        "PrivateSubnetIds": "network/private-subnet-ids",
        "LambdaSecurityGroupId": "network/lambda-security-group-id",
    }
    parameters = [f"{name}=/phenom/local/{path}" for name, path in names.items()]

    def run(waf: str) -> None:
        command = [SAM, "deploy", "--template-file", built, "--config-file", SAMCONFIG, "--config-env", "local"]
        arguments = [
            "--stack-name",
            STACK,
            "--parameter-overrides",
            "Environment=dev",
            f"Waf={waf}",
            ORIGINS,
            *parameters,
        ]
        done = subprocess.run(
            [*command, *arguments],
            cwd=ROOT, env=aws.environment(application.stack_file.parent), capture_output=True, text=True, check=False,
            timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    return run


def acls(application: Application, scope: str) -> dict[str, Any]:
    wafv2 = application.client("wafv2")
    found = wafv2.list_web_acls(Scope=scope)["WebACLs"]
    return {each["Name"]: wafv2.get_web_acl(Name=each["Name"], Scope=scope, Id=each["Id"])["WebACL"] for each in found}


def outputs(application: Application) -> dict[str, str]:
    described = application.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in described}


def page_firewall(application: Application) -> str:
    distribution = outputs(application)["ClientDistributionId"]
    config = application.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    return config.get("WebACLId", "")


def test_waf_parameter_adds_and_removes_both_firewalls(application: Application, deploy: Callable[[str], None]) -> None:
    deploy("on")
    api, client = acls(application, "REGIONAL"), acls(application, "CLOUDFRONT")
    assert [rule["Name"] for rule in api["phenom-dev-api"]["Rules"]] == [
        *("PasswordAttempts", "BodyTooLong", "CommonRules", "KnownBadInputs")
    ]
    resources = application.client("wafv2").list_resources_for_web_acl(
        WebACLArn=api["phenom-dev-api"]["ARN"], ResourceType="API_GATEWAY"
    )["ResourceArns"]
    assert resources == [f"arn:aws:apigateway:us-east-1::/restapis/{outputs(application)['ApiId']}/stages/v1"]
    assert page_firewall(application) == client["phenom-dev-client"]["ARN"]

    deploy("api")
    assert (acls(application, "REGIONAL").keys(), acls(application, "CLOUDFRONT")) == ({"phenom-dev-api"}, {})
    assert page_firewall(application) == ""

    deploy("off")
    assert (acls(application, "REGIONAL"), acls(application, "CLOUDFRONT")) == ({}, {})


def create_in_another_region(application: Application, waf: str) -> None:
    """Creates a stack with only the template's rule, in a region from which CloudFront takes no firewall."""
    rules = TEMPLATE.read_text().partition("\nRules:\n")[2].partition("\nConditions:")[0]
    rule = rules[rules.index("  PageFirewallIsInUsEast1:") :]
    body = f"Parameters:\n  Waf: {{Type: String}}\nRules:\n{rule}\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n"
    application.client("cloudformation", "eu-west-1").create_stack(
        StackName=f"firewall-{waf}", TemplateBody=body, Parameters=[{"ParameterKey": "Waf", "ParameterValue": waf}]
    )


def test_page_firewall_outside_us_east_1_is_refused_with_the_remedy(application: Application) -> None:
    with pytest.raises(ClientError, match=r"from us-east-1 only\. Elsewhere set Waf=api"):
        create_in_another_region(application, "on")


def test_api_firewall_is_allowed_in_every_region(application: Application) -> None:
    create_in_another_region(application, "api")
    application.client("cloudformation", "eu-west-1").delete_stack(StackName="firewall-api")
