"""CloudFormation's role for administrators in modules/ci has the permissions that CloudFormation's own handlers list.

cfn-lint carries AWS's schemas of all resource types, each with the actions that its handlers call. Handlers list the
actions for every property; ACCEPTED names those that template.yaml does not need, and the reason. GitHub's role has the
same permissions with limits, which test_ci_escapes.py tests.
"""

import json
from functools import cache

from local.paths import SAM
from tests.infra.iam import as_list, matches
from tests.infra.plans import Environment
from tests.infra.test_ci import role
from tests.template import read

# Resource types that SAM generates from its own types, and for the parameter TrafficShift.
GENERATED = {
    "AWS::Serverless::Api": ["AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"],
    "AWS::Serverless::Function": [
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
    ],
}
ACCEPTED = {
    "the firewall protects only API Gateway": [
        "amplify:*",
        "apprunner:*",
        "appsync:*",
        "bedrock-agentcore:*",
        "cognito-idp:*",
        "ec2:*VerifiedAccess*",
        "elasticloadbalancing:*",
        "payments:*",
    ],
    "there is no customer managed KMS key": ["kms:*", "logs:*associateKmsKey"],
    "deployments may not read or write data": [
        "dynamodb:*Item",
        "dynamodb:Query",
        "dynamodb:Scan",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:DeleteObject",
        "s3:GetObject?*",
        "s3:PutObjectAcl",
        "s3:REST.PUT.OBJECT",
        "secretsmanager:GetSecretValue",
    ],
    "the template retains these resources": ["s3:DeleteBucket", "secretsmanager:DeleteSecret"],
    "roles keep their boundary": ["iam:DeleteRolePermissionsBoundary"],
    "tables have no replica, stream to Kinesis, import or policy": [
        "dynamodb:*KinesisStreamingDestination",
        "dynamodb:*ResourcePolicy",
        "dynamodb:*TableReplica",
        "dynamodb:ImportTable",
        "dynamodb:UpdateContributorInsights",
        "iam:CreateServiceLinkedRole",
        "kinesis:*",
        "logs:DescribeLogStreams",
    ],
    "buckets only have encryption, lifecycle, notifications and a policy": [
        "s3:*BucketMetadata*",
        "s3:DeleteBucket?*",
        "s3:Put*Configuration",
        "s3tables:*",
    ],
    "functions use none of these features": [
        "elasticfilesystem:*",
        "lambda:*CodeSigningConfig",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:GetLayerVersion",
        "lambda:PassCapacityProvider",
        "lambda:PutFunctionScalingConfig",
        "lambda:PutProvisionedConcurrencyConfig",
        "s3files:*",
    ],
    "log groups have no policy, index or delivery": [
        "firehose:*",
        "logs:CreateLogDelivery",
        "logs:Delete*Policy",
        "logs:Put*Policy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutLogGroupDeletionProtection",
    ],
    "the secret has no generated value or replica": [
        "secretsmanager:*Region*",
        "secretsmanager:GetRandomPassword",
    ],
    "no other account uses the event bus or the API": ["apigateway:UpdateRestApiPolicy", "events:*Permission"],
    "the distribution has no staging, tenants or VPC origin": [
        "cloudfront:*ConnectionGroup",
        "cloudfront:GetVpcOrigin",
        "cloudfront:UpdateDistributionWithStagingConfig",
    ],
    "functions are not deployed on premises": ["codedeploy:RegisterOnPremisesInstance"],
}


def template_types() -> set[str]:
    types = {resource["Type"] for resource in read()["Resources"].values()}
    return {each for type_ in types for each in GENERATED.get(type_, [type_])}


@cache
def handler_actions() -> dict[str, set[str]]:
    """Returns the actions of the create, read, update and delete handlers, by resource type of the template."""
    (schemas,) = SAM.parents[1].glob("lib/python3*/site-packages/cfnlint/data/schemas/resources")
    wanted, found = template_types(), {}
    for path in schemas.glob("*.json"):
        text = path.read_text()
        if not any(f'"{type_}"' in text for type_ in wanted):
            continue  # parsing all schemas takes several seconds
        schema = json.loads(text)
        if schema.get("typeName") in wanted:
            handlers = schema.get("handlers", {})
            found[schema["typeName"]] = {
                action for name, one in handlers.items() if name != "list" for action in one.get("permissions", [])
            }
    return found


def missing(environment: Environment) -> set[str]:
    """Returns the actions that handlers list and no statement of the role allows on any resource."""
    allowed = {
        action
        for statement in role(environment, "administrator")
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }
    listed = set().union(*handler_actions().values())
    return {action for action in listed if not any(matches(each, action, ignore_case=True) for each in allowed)}


def test_schemas_of_all_template_types_are_found():
    """Otherwise the tests below would prove nothing."""
    assert handler_actions().keys() == template_types()
    assert "wafv2:GetWebACLForResource" in handler_actions()["AWS::WAFv2::WebACLAssociation"]


def test_role_has_all_handler_permissions_or_accepts_their_absence(environment: Environment):
    """A new resource type or cfn-lint may list a new action: allow it in modules/ci, or accept it with a reason."""
    accepted = [pattern for patterns in ACCEPTED.values() for pattern in patterns]
    left = {a for a in missing(environment) if not any(matches(each, a, ignore_case=True) for each in accepted)}
    assert left == set()


def test_every_accepted_action_is_listed_and_missing(environment: Environment):
    absent = missing(environment)
    for reason, patterns in ACCEPTED.items():
        for pattern in patterns:
            assert any(matches(pattern, action, ignore_case=True) for action in absent), (reason, pattern)
