"""Escapes from a compromised deployment: policies deny each attempt, and allow the deployment that it imitates.

An attacker in a job decides what is in the template, so CloudFormation's role is the attacker here. For calls with the
job's own credentials it is the role `deploy`. Each attempt is a call and the keys that AWS sends with it.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.infra.iam import is_allowed
from tests.infra.plans import Environment
from tests.infra.test_ci import GATEWAY, OTHER, arn, boundary, role
from tests.template import read

FINAL = "arn:aws:s3:::STACK-final-ACCOUNT"
LEDGER = "arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-uploads"
PASSWORDS = "arn:aws:secretsmanager:us-east-1:ACCOUNT:secret:STACK-video-upload-passwords-AbCdEf"
ROLE = "arn:aws:iam::ACCOUNT:role/STACK-PresignRole-1A2B"
LOGS_ROLE = "arn:aws:iam::ACCOUNT:role/STACK-ApiGatewayLogsRole-1A2B"
FUNCTION = "arn:aws:lambda:us-east-1:ACCOUNT:function:STACK-file-validator"
PACKAGE = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-0123/STACK/0123"
STAGING = "arn:aws:s3:::STACK-staging-ACCOUNT"
DISTRIBUTION = "arn:aws:cloudfront::ACCOUNT:distribution/E1"
RULE = "arn:aws:events:us-east-1:ACCOUNT:rule/STACK-keep-warm"
CHANGE = "arn:aws:cloudformation:us-east-1:ACCOUNT:stack/STACK/1-2"
OWN_ACCOUNT, ANOTHER_ACCOUNT = "111122223333", "444455556666"


@dataclass(frozen=True)
class Call:
    """One call to AWS. `keys` are condition keys, with `_` for the first colon."""

    action: str
    resource: str
    keys: dict[str, Any] = field(default_factory=dict)


def bucket(action: str, resource: str, account: str = OWN_ACCOUNT) -> Call:
    return Call(action, resource, {"aws_ResourceAccount": account})


ESCAPES = {
    # The library is deleted, or read by others.
    "expire every file and version by a lifecycle rule": bucket("s3:PutLifecycleConfiguration", FINAL),
    "give the library to another account": bucket("s3:PutBucketPolicy", FINAL),
    "allow public policies": bucket("s3:PutBucketPublicAccessBlock", FINAL),
    "let writers own files": bucket("s3:PutBucketOwnershipControls", FINAL),
    "make the library public by an ACL": bucket("s3:PutBucketAcl", FINAL),
    "stop keeping versions": bucket("s3:PutBucketVersioning", FINAL),
    "copy the library to another account": bucket("s3:PutReplicationConfiguration", FINAL),
    "drop the policy that demands TLS": bucket("s3:DeleteBucketPolicy", FINAL),
    "delete the library": bucket("s3:DeleteBucket", FINAL),
    "expire files that wait for a verdict": bucket("s3:PutLifecycleConfiguration", STAGING),
    "announce uploads to another account": bucket("s3:PutBucketNotification", STAGING),
    # Ledger and passwords.
    "expire the ledger": Call("dynamodb:UpdateTimeToLive", LEDGER),
    "drop the ledger's backups": Call("dynamodb:UpdateContinuousBackups", LEDGER),
    "unprotect the ledger": Call("dynamodb:UpdateTable", LEDGER),
    "delete the ledger": Call("dynamodb:DeleteTable", LEDGER),
    "give the ledger to another account": Call("dynamodb:PutResourcePolicy", LEDGER),
    "set an upload password": Call("secretsmanager:UpdateSecret", PASSWORDS),
    "give the passwords to another account": Call("secretsmanager:PutResourcePolicy", PASSWORDS),
    # Roles.
    "give a stack role to another account": Call("iam:UpdateAssumeRolePolicy", ROLE),
    "create a role for another account": Call("iam:CreateRole", ROLE, {"iam_PermissionsBoundary": "BOUNDARY"}),
    "let Lambda assume the API Gateway log role": Call("iam:UpdateAssumeRolePolicy", LOGS_ROLE),
    "run a function with the API Gateway log role": Call(
        "iam:PassRole", LOGS_ROLE, {"iam_PassedToService": "lambda.amazonaws.com"}
    ),
    "extend the API Gateway log role": Call("iam:PutRolePolicy", LOGS_ROLE),
    "attach logs of the account to another role": Call(
        "iam:AttachRolePolicy",
        LOGS_ROLE,
        {"iam_PolicyARN": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"},
    ),
    "delete the API Gateway log role": Call("iam:DeleteRole", LOGS_ROLE),
    "choose API Gateway's log role for the account": Call("apigateway:PATCH", f"{GATEWAY}/account"),
    # Networks and functions.
    "place a function in the other environment's subnets": Call(
        "lambda:CreateFunction",
        FUNCTION,
        {"lambda_SubnetIds": ["FOREIGN-SUBNET"], "lambda_SecurityGroupIds": ["OWN-GROUP"]},
    ),
    "move a function into a foreign subnet": Call(
        "lambda:UpdateFunctionConfiguration",
        FUNCTION,
        {"lambda_SubnetIds": ["OWN-SUBNET", "FOREIGN-SUBNET"], "lambda_SecurityGroupIds": ["OWN-GROUP"]},
    ),
    "give a function the database's security group": Call(
        "lambda:CreateFunction",
        FUNCTION,
        {"lambda_SubnetIds": ["OWN-SUBNET"], "lambda_SecurityGroupIds": ["OWN-GROUP", "sg-database"]},
    ),
    "let another account call a function": Call(
        "lambda:AddPermission", FUNCTION, {"lambda_Principal": ANOTHER_ACCOUNT}
    ),
    "let all accounts call a function": Call("lambda:AddPermission", FUNCTION, {"lambda_Principal": "*"}),
    "send events to another account": Call(
        "events:PutTargets", RULE, {"events_TargetArn": [f"arn:aws:events:us-east-1:{ANOTHER_ACCOUNT}:event-bus/b"]}
    ),
    # Resources without a tag belong to others.
    "change an untagged API": Call("apigateway:PATCH", f"{GATEWAY}/restapis/foreign"),
    "replace the routes of an untagged API": Call("apigateway:PUT", f"{GATEWAY}/restapis/foreign"),
    "delete a stage of an untagged API": Call("apigateway:DELETE", f"{GATEWAY}/restapis/foreign/stages/prod"),
    "deploy an untagged API": Call("apigateway:POST", f"{GATEWAY}/restapis/foreign/deployments"),
    "read an untagged API key": Call("apigateway:GET", f"{GATEWAY}/apikeys/foreign"),
    "raise an untagged usage plan": Call("apigateway:PATCH", f"{GATEWAY}/usageplans/foreign"),
    "tag an API as ours": Call(
        "apigateway:PUT", f"{GATEWAY}/tags/arn%3Aaws%3Aapigateway", {"aws_RequestTag/environment": "OWN"}
    ),
    "put a firewall on an untagged API": Call("apigateway:SetWebACL", f"{GATEWAY}/restapis/foreign/stages/prod"),
    "change an untagged distribution": Call("cloudfront:UpdateDistribution", DISTRIBUTION),
    "delete the page's distribution": Call(
        "cloudfront:DeleteDistribution", DISTRIBUTION, {"aws_ResourceTag/environment": "OWN"}
    ),
    "delete an untagged distribution": Call("cloudfront:DeleteDistribution", DISTRIBUTION),
    "tag a distribution as ours": Call("cloudfront:TagResource", DISTRIBUTION, {"aws_RequestTag/environment": "OWN"}),
    "change the headers of any page": Call(
        "cloudfront:UpdateResponseHeadersPolicy", "arn:aws:cloudfront::ACCOUNT:response-headers-policy/1"
    ),
    "change any distribution's access to its bucket": Call(
        "cloudfront:UpdateOriginAccessControl", "arn:aws:cloudfront::ACCOUNT:origin-access-control/1"
    ),
    # Buckets that another account owns under a name that matches.
    "take code from another account": bucket("s3:GetObject", PACKAGE, ANOTHER_ACCOUNT),
}

# Calls of an ordinary deployment, which must not be denied with the attempts.
DEPLOYMENT = {
    "take code from the package bucket": bucket("s3:GetObject", PACKAGE),
    "read a bucket's settings": bucket("s3:GetBucketPolicy", FINAL),
    "read the ledger's settings": Call("dynamodb:DescribeTable", LEDGER),
    "read the secret's settings": Call("secretsmanager:DescribeSecret", PASSWORDS),
    "change a role's policy": Call("iam:PutRolePolicy", ROLE, {"iam_PermissionsBoundary": "BOUNDARY"}),
    "run a function with its role": Call("iam:PassRole", ROLE, {"iam_PassedToService": "lambda.amazonaws.com"}),
    "create a function without VPC": Call("lambda:CreateFunction", FUNCTION),
    "create a function in our subnets": Call(
        "lambda:CreateFunction",
        FUNCTION,
        {"lambda_SubnetIds": ["OWN-SUBNET"], "lambda_SecurityGroupIds": ["OWN-GROUP"]},
    ),
    "let Cognito call a function": Call(
        "lambda:AddPermission", FUNCTION, {"lambda_Principal": "cognito-idp.amazonaws.com"}
    ),
    "call our functions on a schedule": Call(
        "events:PutTargets",
        RULE,
        {"events_TargetArn": ["arn:aws:lambda:us-east-1:111122223333:function:phenom-ENVIRONMENT-file-validator:live"]},
    ),
    "change our API": Call("apigateway:PATCH", f"{GATEWAY}/restapis/own", {"aws_ResourceTag/environment": "OWN"}),
    "deploy our API": Call(
        "apigateway:POST", f"{GATEWAY}/restapis/own/deployments", {"aws_ResourceTag/environment": "OWN"}
    ),
    "change our usage plan": Call(
        "apigateway:PATCH", f"{GATEWAY}/usageplans/own", {"aws_ResourceTag/environment": "OWN"}
    ),
    "change our distribution": Call(
        "cloudfront:UpdateDistribution", DISTRIBUTION, {"aws_ResourceTag/environment": "OWN"}
    ),
    "read the headers of the page": Call(
        "cloudfront:GetResponseHeadersPolicy", "arn:aws:cloudfront::ACCOUNT:response-headers-policy/1"
    ),
    "change a table that is not retained": Call(
        "dynamodb:UpdateTable", "arn:aws:dynamodb:us-east-1:ACCOUNT:table/STACK-wrong-passwords"
    ),
}

JOB_ESCAPES = {
    "store packages in another account": bucket("s3:PutObject", PACKAGE, ANOTHER_ACCOUNT),
    "deploy a template of another account": bucket("s3:GetObject", PACKAGE, ANOTHER_ACCOUNT),
    "publish the page in another account's bucket": bucket(
        "s3:PutObject", "arn:aws:s3:::STACK-client-ACCOUNT/index.html", ANOTHER_ACCOUNT
    ),
    "read an untagged API key": Call("apigateway:GET", f"{GATEWAY}/apikeys/foreign"),
    "read the other environment's API key": Call(
        "apigateway:GET", f"{GATEWAY}/apikeys/foreign", {"aws_ResourceTag/environment": "OTHER"}
    ),
    "empty the cache of an untagged distribution": Call("cloudfront:CreateInvalidation", DISTRIBUTION),
    "import a foreign resource into the stack": Call(
        "cloudformation:CreateChangeSet",
        CHANGE,
        {"cloudformation_RoleArn": "GIVEN", "cloudformation_ImportResourceTypes": "AWS::ApiGateway::RestApi"},
    ),
    "deploy with the administrator's role": Call(
        "iam:PassRole",
        "arn:aws:iam::ACCOUNT:role/STACK-cloudformation-administrator",
        {"iam_PassedToService": "cloudformation.amazonaws.com"},
    ),
    "deploy without a role": Call("cloudformation:CreateChangeSet", CHANGE),
}

JOB = {
    "store packages": bucket("s3:PutObject", PACKAGE),
    "publish the page": bucket("s3:PutObject", "arn:aws:s3:::STACK-client-ACCOUNT/index.html"),
    "read our API key": Call("apigateway:GET", f"{GATEWAY}/apikeys/own", {"aws_ResourceTag/environment": "OWN"}),
    "empty our distribution's cache": Call(
        "cloudfront:CreateInvalidation", DISTRIBUTION, {"aws_ResourceTag/environment": "OWN"}
    ),
    "create a change set": Call("cloudformation:CreateChangeSet", CHANGE, {"cloudformation_RoleArn": "GIVEN"}),
}


def network(environment: Environment) -> dict[str, list[str]]:
    """Returns the private subnets and the functions' security group, by condition key."""
    return {
        "lambda:SubnetIds": [r.values["id"] for r in environment.state_of("aws_subnet") if '"private-' in r.address],
        "lambda:SecurityGroupIds": [
            r.values["id"] for r in environment.state_of("aws_security_group") if '["lambda"]' in r.address
        ],
    }


def is_permitted(environment: Environment, name: str, call: Call) -> bool:
    own = network(environment)
    values = {
        "OWN": environment.short,
        "OTHER": OTHER[environment.short],
        "BOUNDARY": boundary(environment)[0],
        "GIVEN": f"arn:aws:iam::{OWN_ACCOUNT}:role/mock",
        "OWN-SUBNET": own["lambda:SubnetIds"][0],
        "FOREIGN-SUBNET": "subnet-of-others",
        "OWN-GROUP": own["lambda:SecurityGroupIds"][0],
    }
    keys = {
        key: [values.get(each, each).replace("ENVIRONMENT", environment.short) for each in value]
        if isinstance(value, list)
        else values.get(value, value)
        for key, value in call.keys.items()
    }
    return is_allowed(role(environment, name), call.action, arn(call.resource, environment.short), **keys)


@pytest.mark.parametrize("attempt", ESCAPES)
def test_cloudformation_for_github_cannot(environment: Environment, attempt: str):
    assert not is_permitted(environment, "cloudformation", ESCAPES[attempt])


@pytest.mark.parametrize("step", DEPLOYMENT)
def test_cloudformation_for_github_can(environment: Environment, step: str):
    assert is_permitted(environment, "cloudformation", DEPLOYMENT[step])


@pytest.mark.parametrize("attempt", JOB_ESCAPES)
def test_job_cannot(environment: Environment, attempt: str):
    assert not is_permitted(environment, "deploy", JOB_ESCAPES[attempt])


@pytest.mark.parametrize("step", JOB)
def test_job_can(environment: Environment, step: str):
    assert is_permitted(environment, "deploy", JOB[step])


def test_functions_may_only_be_in_the_subnets_of_this_environment(environment: Environment):
    own = network(environment)
    limited = [
        statement["Condition"]["ForAnyValue:StringNotEquals"]
        for statement in role(environment, "cloudformation")
        if "ForAnyValue:StringNotEquals" in statement.get("Condition", {})
    ]
    assert [{key: sorted(ids) for key, ids in each.items()} for each in limited] == [
        {key: sorted(ids)} for key, ids in own.items()
    ]
    assert all(own.values())


# The resources that the template retains, as the policies name them.
RETAINED = {
    "StagingBucket": [(STAGING, "s3:PutBucketCORS"), (STAGING, "s3:PutEncryptionConfiguration")],
    "FinalBucket": [(FINAL, "s3:PutLifecycleConfiguration"), (FINAL, "s3:PutBucketTagging")],
    "ClientBucket": [("arn:aws:s3:::STACK-client-ACCOUNT", "s3:PutBucketPolicy")],
    "UploadsTable": [(LEDGER, "dynamodb:UpdateTable"), (LEDGER, "dynamodb:TagResource")],
    "UploadPasswords": [(PASSWORDS, "secretsmanager:UpdateSecret"), (PASSWORDS, "secretsmanager:TagResource")],
    "ApiGatewayLogsRole": [(LOGS_ROLE, "iam:UpdateRole"), (LOGS_ROLE, "iam:TagRole")],
    "ApiGatewayAccount": [(f"{GATEWAY}/account", "apigateway:PATCH")],
}


def test_nothing_that_the_template_retains_can_be_changed(environment: Environment):
    """Only reading is left. A new resource with a DeletionPolicy needs a statement in statements_limits.tf."""
    kept = {name for name, found in read()["Resources"].items() if "DeletionPolicy" in found}
    assert kept == RETAINED.keys()
    for calls in RETAINED.values():
        for resource, action in calls:
            assert not is_permitted(environment, "cloudformation", bucket(action, resource)), (resource, action)


def test_administrators_can_make_the_changes_that_github_cannot(environment: Environment):
    own = {"aws_ResourceAccount": OWN_ACCOUNT, "iam_PermissionsBoundary": boundary(environment)[0]}
    for resource, action in [
        (FINAL, "s3:PutLifecycleConfiguration"),
        (FINAL, "s3:PutBucketPolicy"),
        (FINAL, "s3:CreateBucket"),
        (LEDGER, "dynamodb:UpdateTable"),
        (PASSWORDS, "secretsmanager:CreateSecret"),
        (ROLE, "iam:CreateRole"),
        (ROLE, "iam:UpdateAssumeRolePolicy"),
        (f"{GATEWAY}/restapis", "apigateway:POST"),
        (f"{GATEWAY}/account", "apigateway:PATCH"),
        (f"{GATEWAY}/tags/arn", "apigateway:PUT"),
        (DISTRIBUTION, "cloudfront:CreateDistribution"),
        ("arn:aws:cloudfront::ACCOUNT:response-headers-policy/1", "cloudfront:UpdateResponseHeadersPolicy"),
    ]:
        assert is_permitted(environment, "administrator", Call(action, resource, own)), (action, resource)


def test_administrators_role_stays_within_the_environment(environment: Environment):
    other = OTHER[environment.short]
    for call in (
        bucket("s3:PutBucketPolicy", f"arn:aws:s3:::phenom-{other}-final-ACCOUNT"),
        Call("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:ACCOUNT:function:phenom-{other}-file-validator"),
        Call("apigateway:PATCH", f"{GATEWAY}/restapis/foreign", {"aws_ResourceTag/environment": "OTHER"}),
        Call("iam:CreateRole", ROLE),
        bucket("s3:GetObject", f"{FINAL}/images/1.jpg"),
        Call("secretsmanager:GetSecretValue", PASSWORDS),
    ):
        assert not is_permitted(environment, "administrator", call), call
