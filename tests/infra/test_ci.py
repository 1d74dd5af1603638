"""GitHub's roles can deploy template.yaml, and nothing else, and nothing in the other environment."""

import json
from typing import Any

import pytest

from tests.infra.iam import Statement, as_list, is_allowed, statements
from tests.infra.plans import Environment
from tests.template import properties, read

ACCOUNT = "111122223333"
OTHER = {"dev": "prod", "prod": "dev"}
GATEWAY = "arn:aws:apigateway:us-east-1::"
# By resource type of template.yaml: actions that creating and changing it needs, and the resource. STACK stands for the
# name of the stack, NAME for a name that starts with it.
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
    "AWS::Events::Rule": (
        ["events:PutRule", "events:DescribeRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"],
        "arn:aws:events:us-east-1:ACCOUNT:rule/NAME",
    ),
    "AWS::IAM::Role": (["iam:GetRole", "iam:DeleteRole"], "arn:aws:iam::ACCOUNT:role/STACK-PresignRole-1A2B"),
    "AWS::Lambda::Alias": (
        ["lambda:CreateAlias", "lambda:UpdateAlias", "lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig"],
        "arn:aws:lambda:us-east-1:ACCOUNT:function:NAME",
    ),
    "AWS::Lambda::EventSourceMapping": ([], ""),  # limited by function, not by name: see the test below
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
    "AWS::WAFv2::WebACLAssociation": (
        ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource"],
        f"{GATEWAY}/restapis/abc/stages/v1",
    ),
}
# SAM generates these when the parameter TrafficShift makes CodeDeploy shift the traffic of an alias.
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
NAMELESS = ("apigateway", "cloudfront")  # AWS chooses the ids


def arn(pattern: str, short: str) -> str:
    stack = f"phenom-{short}"
    return pattern.replace("ACCOUNT", ACCOUNT).replace("NAME", f"{stack}-something").replace("STACK", stack)


def role(environment: Environment, name: str) -> list[Statement]:
    """Returns the statements of a role: cloudformation, administrator (the same without limits), deploy or plan."""
    if name == "administrator":
        return _policies(environment, "cloudformation", without="limits")
    return _policies(environment, name)


def _policies(environment: Environment, name: str, without: str = "none") -> list[Statement]:
    policies = [
        found
        for type_ in ("aws_iam_role_policy", "aws_iam_policy")
        for found in environment.state_of(type_)
        if found.address.startswith(f"module.ci.{type_}.{name}[") and f'["{without}"]' not in found.address
    ]
    assert policies
    return statements(*(policy.values["policy"] for policy in policies))


def boundary(environment: Environment) -> tuple[str, list[Statement]]:
    (policy,) = [r for r in environment.state_of("aws_iam_policy") if r.address == "module.ci.aws_iam_policy.boundary"]
    return policy.values["arn"], statements(policy.values["policy"])


def trust(environment: Environment, name: str) -> dict[str, Any]:
    (found,) = [r for r in environment.state_of("aws_iam_role") if r.address == f"module.ci.aws_iam_role.{name}[0]"]
    (statement,) = json.loads(found.values["assume_role_policy"])["Statement"]
    return statement


def test_only_jobs_of_this_github_environment_may_deploy(environment: Environment):
    condition = trust(environment, "deploy")["Condition"]
    assert condition["StringEquals"]["token.actions.githubusercontent.com:sub"] == (
        f"{environment.locals['ci_subject']}:environment:{environment.name}"
    )
    assert trust(environment, "cloudformation")["Principal"] == {"Service": "cloudformation.amazonaws.com"}


def test_trust_policies_name_no_example(environment: Environment):
    """Anyone could register an example's owner at GitHub and assume the role."""
    roles = environment.state_of("aws_iam_role")
    assert any("repo:" in found.values["assume_role_policy"] for found in roles)
    for found in roles:
        assert "example" not in found.values["assume_role_policy"].lower(), found.address


def test_administrators_role_may_create_every_template_resource(environment: Environment):
    """A new resource type in template.yaml needs an entry in NEEDS, and possibly a statement in modules/ci."""
    policies = role(environment, "administrator")
    types = {resource["Type"] for resource in read()["Resources"].values()}
    assert types <= NEEDS.keys()
    for type_, (actions, pattern) in NEEDS.items():
        for action in actions:
            keys = {"aws_ResourceAccount": ACCOUNT, "lambda_Principal": "events.amazonaws.com"}
            assert is_allowed(policies, action, arn(pattern, environment.short), **keys), (type_, action)


def test_bucket_can_be_created_when_the_call_names_no_account(environment: Environment):
    """AWS does not say whether s3:CreateBucket has aws:ResourceAccount."""
    bucket = arn(NEEDS["AWS::S3::Bucket"][1], environment.short)
    assert is_allowed(role(environment, "administrator"), "s3:CreateBucket", bucket)


# GitHub's role changes all of them but these: test_ci_escapes.py tries each of the attempts behind this list.
MADE_BY_ADMINISTRATORS = {
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::UsagePlan",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
    "AWS::Serverless::Api",
}


def test_cloudformation_role_may_create_all_other_resources(environment: Environment):
    policies = role(environment, "cloudformation")
    keys = {
        "aws_ResourceAccount": ACCOUNT,
        "aws_ResourceTag/environment": environment.short,
        "lambda_Principal": "events.amazonaws.com",
    }
    for type_, (actions, pattern) in NEEDS.items():
        allowed = [is_allowed(policies, action, arn(pattern, environment.short), **keys) for action in actions]
        assert all(allowed) is (type_ not in MADE_BY_ADMINISTRATORS), (type_, allowed)


def test_roles_have_no_access_to_the_other_environment(environment: Environment):
    other = OTHER[environment.short]
    for name in ("cloudformation", "administrator", "deploy"):
        policies = role(environment, name)
        for actions, pattern in NEEDS.values():
            for action in actions:
                keys = {"aws_ResourceAccount": ACCOUNT}
                if pattern.split(":")[2] in NAMELESS:
                    keys["aws_ResourceTag/environment"] = other
                assert not is_allowed(policies, action, arn(pattern, other), **keys), action


def test_event_sources_may_only_invoke_this_environments_functions(environment: Environment):
    policies = role(environment, "cloudformation")
    mapping = arn("arn:aws:lambda:us-east-1:ACCOUNT:event-source-mapping:1-2", environment.short)
    for action in ("CreateEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"):
        for short in (environment.short, OTHER[environment.short]):
            function = arn("arn:aws:lambda:us-east-1:ACCOUNT:function:NAME", short)
            allowed = is_allowed(policies, f"lambda:{action}", mapping, lambda_FunctionArn=function)
            assert allowed == (short == environment.short), (action, function)
    for action in ("GetEventSourceMapping", "TagResource"):
        assert is_allowed(policies, f"lambda:{action}", mapping), action


def test_roles_are_only_created_with_the_boundary(environment: Environment):
    policies = role(environment, "administrator")
    wanted, _ = boundary(environment)
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    made = arn("arn:aws:iam::ACCOUNT:role/STACK-PresignRole-1A2B", environment.short)
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        assert is_allowed(policies, action, made, iam_PermissionsBoundary=wanted)
        assert not is_allowed(policies, action, made, iam_PermissionsBoundary=administrator)
        assert not is_allowed(policies, action, made)
    assert not is_allowed(policies, "iam:DeleteRolePermissionsBoundary", made, iam_PermissionsBoundary=wanted)
    shifts = arn("arn:aws:iam::ACCOUNT:role/STACK-CodeDeployRole-1A2B", environment.short)
    assert is_allowed(policies, "iam:PassRole", shifts, iam_PassedToService="codedeploy.amazonaws.com")
    logs = arn("arn:aws:iam::ACCOUNT:role/STACK-ApiGatewayLogsRole-1A2B", environment.short)
    assert not is_allowed(policies, "iam:AttachRolePolicy", logs, iam_PolicyARN=administrator)
    assert not is_allowed(policies, "iam:PutRolePolicy", logs)


def test_terraform_roles_cannot_be_changed_or_passed(environment: Environment):
    """Includes GitHub's roles: a deployment cannot extend its own permissions."""
    wanted, _ = boundary(environment)
    for found in environment.planned:
        if found.type == "aws_iam_role":
            target = f"arn:aws:iam::{ACCOUNT}:role/{found.values['name']}"
            for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:CreateRole"):
                context = {"iam_PermissionsBoundary": wanted, "iam_PassedToService": "lambda.amazonaws.com"}
                for name in ("cloudformation", "administrator"):
                    assert not is_allowed(role(environment, name), action, target, **context), (action, target)


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
def test_uploads_secrets_and_messages_are_inaccessible(environment: Environment, action: str, pattern: str):
    for name in ("cloudformation", "administrator", "deploy", "plan"):
        keys = {"aws_ResourceAccount": ACCOUNT}
        assert not is_allowed(role(environment, name), action, arn(pattern, environment.short), **keys), name


@pytest.mark.parametrize("counters", ["wrong-passwords", "daily-quotas"])
def test_tables_of_counters_may_be_deleted_with_the_stack(environment: Environment, counters: str):
    """The only tables that the template does not retain."""
    table = arn(f"arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-{counters}", environment.short)
    assert is_allowed(role(environment, "cloudformation"), "dynamodb:DeleteTable", table)


def test_global_firewall_of_the_upload_page_may_be_managed(environment: Environment):
    acl = arn("arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/1-2", environment.short)
    for action in ("wafv2:CreateWebACL", "wafv2:UpdateWebACL", "wafv2:GetWebACL", "wafv2:DeleteWebACL"):
        assert is_allowed(role(environment, "cloudformation"), action, acl)


def test_deploy_role_may_only_use_the_cloudformation_role(environment: Environment):
    policies = role(environment, "deploy")
    stack = arn("arn:aws:cloudformation:us-east-1:ACCOUNT:stack/STACK/1-2", environment.short)
    given = arn("arn:aws:iam::ACCOUNT:role/mock", environment.short)
    assert is_allowed(policies, "cloudformation:CreateChangeSet", stack, cloudformation_RoleArn=given)
    assert not is_allowed(policies, "cloudformation:CreateChangeSet", stack)
    assert not is_allowed(policies, "cloudformation:DeleteStack", stack)


def test_deploy_role_may_use_every_transform_of_the_template(environment: Environment):
    for name in as_list(read()["Transform"]):
        transform = f"arn:aws:cloudformation:us-east-1:aws:transform/{name.removeprefix('AWS::')}"
        assert is_allowed(role(environment, "deploy"), "cloudformation:CreateChangeSet", transform), name


def test_template_roles_have_the_boundary_and_stay_within_it(environment: Environment):
    """Except the role for API Gateway's logs, which belongs to the whole account."""
    _, most = boundary(environment)
    roles = [name for name, found in read()["Resources"].items() if found["Type"] == "AWS::IAM::Role"]
    assert all(name.endswith("Role") for name in roles), "modules/ci matches the stack's roles by this suffix"
    for name in set(roles) - {"ApiGatewayLogsRole"}:
        described = properties(name)
        assert "PermissionsBoundary" in described, name
        allowed = {action for statement in most for action in as_list(statement["Action"])}
        for policy in described["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert set(as_list(statement["Action"])) <= allowed, (name, statement["Sid"])
