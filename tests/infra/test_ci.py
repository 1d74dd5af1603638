"""GitHub's roles: enough to deploy template.yaml, nothing beyond it, nothing of the other environment."""

import json
from typing import Any

import pytest

from tests.infra.iam import Statement, as_list, may, statements
from tests.infra.plans import Environment
from tests.template import properties, read

pytestmark = pytest.mark.infra

ACCOUNT = "111122223333"
OTHER = {"dev": "prod", "prod": "dev"}
GATEWAY = "arn:aws:apigateway:us-east-1::"
# By type of resource in template.yaml: what making and changing it asks for, and on what. NAME begins as all names do.
NEEDS = {
    "AWS::ApiGateway::Account": (["apigateway:PATCH"], f"{GATEWAY}/account"),
    "AWS::ApiGateway::ApiKey": (["apigateway:POST"], f"{GATEWAY}/apikeys"),
    "AWS::ApiGateway::UsagePlan": (["apigateway:POST"], f"{GATEWAY}/usageplans"),
    "AWS::ApiGateway::UsagePlanKey": (["apigateway:POST"], f"{GATEWAY}/usageplans/abc/keys"),
    "AWS::CloudFront::Distribution": (
        ["cloudfront:CreateDistribution", "cloudfront:UpdateDistribution", "cloudfront:GetDistributionConfig"],
        "arn:aws:cloudfront::ACCOUNT:distribution/E1",
    ),
    "AWS::CloudFront::OriginAccessControl": (
        ["cloudfront:CreateOriginAccessControl", "cloudfront:GetOriginAccessControl"],
        "arn:aws:cloudfront::ACCOUNT:origin-access-control/E1",
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": (
        ["cloudfront:CreateResponseHeadersPolicy", "cloudfront:UpdateResponseHeadersPolicy"],
        "arn:aws:cloudfront::ACCOUNT:response-headers-policy/E1",
    ),
    "AWS::CloudWatch::Alarm": (["cloudwatch:PutMetricAlarm"], "arn:aws:cloudwatch:us-east-1:ACCOUNT:alarm:NAME"),
    "AWS::CloudWatch::CompositeAlarm": (
        ["cloudwatch:PutCompositeAlarm"],
        "arn:aws:cloudwatch:us-east-1:ACCOUNT:alarm:NAME",
    ),
    "AWS::CloudWatch::Dashboard": (["cloudwatch:PutDashboard"], "arn:aws:cloudwatch::ACCOUNT:dashboard/NAME"),
    "AWS::DynamoDB::Table": (
        [
            "dynamodb:CreateTable",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
            "dynamodb:UpdateContinuousBackups",
        ],
        "arn:aws:dynamodb:us-east-1:ACCOUNT:table/NAME",
    ),
    "AWS::Events::EventBus": (
        ["events:CreateEventBus", "events:DescribeEventBus", "events:UpdateEventBus", "events:DeleteEventBus"],
        "arn:aws:events:us-east-1:ACCOUNT:event-bus/STACK",
    ),
    "AWS::Events::Rule": (["events:PutRule", "events:PutTargets"], "arn:aws:events:us-east-1:ACCOUNT:rule/NAME"),
    "AWS::IAM::Role": (["iam:GetRole", "iam:DeleteRole"], "arn:aws:iam::ACCOUNT:role/STACK-PresignRole-1A2B"),
    "AWS::Lambda::Alias": (
        ["lambda:CreateAlias", "lambda:UpdateAlias", "lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig"],
        "arn:aws:lambda:us-east-1:ACCOUNT:function:NAME",
    ),
    "AWS::Lambda::Permission": (["lambda:AddPermission"], "arn:aws:lambda:us-east-1:ACCOUNT:function:NAME"),
    "AWS::Logs::LogGroup": (
        ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
        "arn:aws:logs:us-east-1:ACCOUNT:log-group:/aws/lambda/NAME",
    ),
    "AWS::Logs::MetricFilter": (
        ["logs:PutMetricFilter", "logs:DescribeMetricFilters", "logs:DeleteMetricFilter"],
        "arn:aws:logs:us-east-1:ACCOUNT:log-group:/aws/apigateway/NAME",
    ),
    "AWS::Pipes::Pipe": (["pipes:CreatePipe"], "arn:aws:pipes:us-east-1:ACCOUNT:pipe/NAME"),
    "AWS::S3::Bucket": (
        [
            "s3:CreateBucket",
            "s3:PutBucketNotification",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ],
        "arn:aws:s3:::STACK-staging-ACCOUNT",
    ),
    "AWS::S3::BucketPolicy": (["s3:PutBucketPolicy"], "arn:aws:s3:::STACK-final-ACCOUNT"),
    "AWS::SQS::Queue": (["sqs:CreateQueue", "sqs:SetQueueAttributes"], "arn:aws:sqs:us-east-1:ACCOUNT:NAME"),
    "AWS::SQS::QueuePolicy": (["sqs:SetQueueAttributes"], "arn:aws:sqs:us-east-1:ACCOUNT:NAME"),
    "AWS::SecretsManager::Secret": (
        ["secretsmanager:CreateSecret", "secretsmanager:UpdateSecret"],
        "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:STACK-video-upload-passwords-AbCdEf",
    ),
    "AWS::Serverless::Api": (["apigateway:POST"], f"{GATEWAY}/restapis"),
    "AWS::Serverless::Function": (
        [
            "lambda:CreateFunction",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "lambda:PublishVersion",
        ],
        "arn:aws:lambda:us-east-1:ACCOUNT:function:NAME",
    ),
    "AWS::WAFv2::WebACL": (["wafv2:CreateWebACL"], "arn:aws:wafv2:us-east-1:ACCOUNT:regional/webacl/NAME/1-2"),
    "AWS::WAFv2::WebACLAssociation": (["wafv2:AssociateWebACL"], f"{GATEWAY}/restapis/abc/stages/v1"),
}
# SAM makes these of a function, where TrafficShift has CodeDeploy move its alias.
NEEDS |= {
    "AWS::CodeDeploy::Application": (
        ["codedeploy:CreateApplication", "codedeploy:RegisterApplicationRevision", "codedeploy:GetApplicationRevision"],
        "arn:aws:codedeploy:us-east-1:ACCOUNT:application:NAME",
    ),
    "AWS::CodeDeploy::DeploymentGroup": (
        [
            "codedeploy:CreateDeploymentGroup",
            "codedeploy:UpdateDeploymentGroup",
            "codedeploy:CreateDeployment",
            "codedeploy:GetDeployment",
            "codedeploy:StopDeployment",
        ],
        "arn:aws:codedeploy:us-east-1:ACCOUNT:deploymentgroup:NAME/NAME",
    ),
}
NAMELESS = ("apigateway", "cloudfront")  # AWS picks the id


def arn(pattern: str, short: str) -> str:
    stack = f"phenom-{short}"
    return pattern.replace("ACCOUNT", ACCOUNT).replace("NAME", f"{stack}-something").replace("STACK", stack)


def role(environment: Environment, name: str) -> list[Statement]:
    policies = [
        r for r in environment.state_of("aws_iam_role_policy") if f"module.ci.aws_iam_role_policy.{name}" in r.address
    ]
    assert policies
    return statements(*(policy.values["policy"] for policy in policies))


def boundary(environment: Environment) -> tuple[str, list[Statement]]:
    (policy,) = environment.state_of("aws_iam_policy")
    return policy.values["arn"], statements(policy.values["policy"])


def trust(environment: Environment, name: str) -> dict[str, Any]:
    (found,) = [r for r in environment.state_of("aws_iam_role") if r.address == f"module.ci.aws_iam_role.{name}"]
    (statement,) = json.loads(found.values["assume_role_policy"])["Statement"]
    return statement


def test_only_the_environment_of_this_name_deploys(environment: Environment):
    condition = trust(environment, "deploy")["Condition"]
    assert condition["StringEquals"]["token.actions.githubusercontent.com:sub"] == (
        f"{environment.locals['ci_subject']}:environment:{environment.name}"
    )
    assert trust(environment, "cloudformation")["Principal"] == {"Service": "cloudformation.amazonaws.com"}


def test_what_the_template_makes_the_role_may_make(environment: Environment):
    """A new type of resource in template.yaml needs a line in NEEDS, and perhaps one in modules/ci."""
    policies = role(environment, "cloudformation")
    types = {resource["Type"] for resource in read()["Resources"].values()}
    assert types <= NEEDS.keys()
    for type_, (actions, pattern) in NEEDS.items():
        for action in actions:
            assert may(policies, action, arn(pattern, environment.short)), (type_, action)


def test_nothing_of_the_other_environment_is_touched(environment: Environment):
    other = OTHER[environment.short]
    for name in ("cloudformation", "deploy"):
        policies = role(environment, name)
        for actions, pattern in NEEDS.values():
            for action in actions:
                tag = {"aws_ResourceTag/environment": other} if pattern.split(":")[2] in NAMELESS else {}
                assert not may(policies, action, arn(pattern, other), **tag), action


def test_roles_are_made_with_the_boundary_alone(environment: Environment):
    policies = role(environment, "cloudformation")
    wanted, _ = boundary(environment)
    made = arn("arn:aws:iam::ACCOUNT:role/STACK-PresignRole-1A2B", environment.short)
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        assert may(policies, action, made, iam_PermissionsBoundary=wanted)
        assert not may(policies, action, made, iam_PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")
        assert not may(policies, action, made)
    assert not may(policies, "iam:DeleteRolePermissionsBoundary", made, iam_PermissionsBoundary=wanted)
    shifts = arn("arn:aws:iam::ACCOUNT:role/STACK-CodeDeployRole-1A2B", environment.short)
    assert may(policies, "iam:PassRole", shifts, iam_PassedToService="codedeploy.amazonaws.com")
    logs = arn("arn:aws:iam::ACCOUNT:role/STACK-ApiGatewayLogsRole-1A2B", environment.short)
    assert not may(policies, "iam:AttachRolePolicy", logs, iam_PolicyARN="arn:aws:iam::aws:policy/AdministratorAccess")
    assert not may(policies, "iam:PutRolePolicy", logs)


def test_no_role_of_terraforms_is_changed_or_handed_on(environment: Environment):
    """Those of GitHub themselves among them: a deployment cannot give itself more."""
    wanted, _ = boundary(environment)
    for found in environment.planned:
        if found.type == "aws_iam_role":
            target = f"arn:aws:iam::{ACCOUNT}:role/{found.values['name']}"
            for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:CreateRole"):
                context = {"iam_PermissionsBoundary": wanted, "iam_PassedToService": "lambda.amazonaws.com"}
                assert not may(role(environment, "cloudformation"), action, target, **context), (action, target)


@pytest.mark.parametrize(
    ("action", "pattern"),
    [
        ("s3:GetObject", "arn:aws:s3:::STACK-final-ACCOUNT/images/1.jpg"),
        ("s3:DeleteObject", "arn:aws:s3:::STACK-final-ACCOUNT/images/1.jpg"),
        ("s3:DeleteBucket", "arn:aws:s3:::STACK-final-ACCOUNT"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::STACK-terraform-state-ACCOUNT"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-uploads"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-uploads"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:STACK-app-secrets-AbCdEf"),
        ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:ACCOUNT:STACK-validator"),
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:ACCOUNT:function:STACK-file-validator"),
        ("iam:CreateUser", "arn:aws:iam::ACCOUNT:user/STACK-PresignRole-x"),
        ("sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/STACK-PresignRole-x"),
    ],
)
def test_what_people_uploaded_and_secrets_are_out_of_reach(environment: Environment, action: str, pattern: str):
    for name in ("cloudformation", "deploy", "plan"):
        assert not may(role(environment, name), action, arn(pattern, environment.short)), name


def test_counts_of_wrong_passwords_may_go_with_the_stack(environment: Environment):
    """The one table that is not retained; the ledger is out of reach, above."""
    table = arn("arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-wrong-passwords", environment.short)
    assert may(role(environment, "cloudformation"), "dynamodb:DeleteTable", table)


def test_the_pages_firewall_is_global(environment: Environment):
    acl = arn("arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/1-2", environment.short)
    for action in ("wafv2:CreateWebACL", "wafv2:UpdateWebACL", "wafv2:GetWebACL", "wafv2:DeleteWebACL"):
        assert may(role(environment, "cloudformation"), action, acl)


def test_changes_go_through_cloudformations_role(environment: Environment):
    policies = role(environment, "deploy")
    stack = arn("arn:aws:cloudformation:us-east-1:ACCOUNT:stack/STACK/1-2", environment.short)
    given = arn("arn:aws:iam::ACCOUNT:role/mock", environment.short)
    assert may(policies, "cloudformation:CreateChangeSet", stack, cloudformation_RoleArn=given)
    assert not may(policies, "cloudformation:CreateChangeSet", stack)
    assert not may(policies, "cloudformation:DeleteStack", stack)
    assert may(policies, "s3:PutObject", arn("arn:aws:s3:::STACK-client-ACCOUNT/index.html", environment.short))


def test_every_role_of_the_template_has_the_boundary_and_fits_into_it(environment: Environment):
    """But the one of API Gateway's logs, which is the whole account's."""
    _, most = boundary(environment)
    roles = [name for name, found in read()["Resources"].items() if found["Type"] == "AWS::IAM::Role"]
    assert all(name.endswith("Role") for name in roles), "modules/ci knows the stack's roles by their names"
    for name in set(roles) - {"ApiGatewayLogsRole"}:
        described = properties(name)
        assert "PermissionsBoundary" in described, name
        allowed = {action for statement in most for action in as_list(statement["Action"])}
        for policy in described["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert set(as_list(statement["Action"])) <= allowed, (name, statement["Sid"])
