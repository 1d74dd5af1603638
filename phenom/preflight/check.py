"""The result of a check, and how an error of AWS becomes one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from phenom.errors import CommandError, explain, is_denied


class State(StrEnum):
    """From good to bad."""

    OK = "ok"
    WARNING = "warning"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check. `remedy` is empty when there is nothing to do."""

    name: str
    state: State
    found: str
    remedy: str = ""


# The IAM action that each call needs. The clients refuse all other calls.
ACTIONS = {
    "GetCallerIdentity": "sts:GetCallerIdentity",  # needs no permission
    "GetResources": "tag:GetResources",
    "DescribeStacks": "cloudformation:DescribeStacks",
    "ListStackResources": "cloudformation:ListStackResources",
    "ListBuckets": "s3:ListAllMyBuckets",
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "GetServiceQuota": "servicequotas:GetServiceQuota",
    "GetAWSDefaultServiceQuota": "servicequotas:GetAWSDefaultServiceQuota",
    "GetAccountSettings": "lambda:GetAccountSettings",
    "ListFunctions": "lambda:ListFunctions",
    "DescribeAddresses": "ec2:DescribeAddresses",
    "DescribeVpcs": "ec2:DescribeVpcs",
    "ListDistributions": "cloudfront:ListDistributions",
    "GetAccount": "apigateway:GET",
    "ListOpenIDConnectProviders": "iam:ListOpenIDConnectProviders",
    "ListOpenIDConnectProviderTags": "iam:ListOpenIDConnectProviderTags",
    "ListRoles": "iam:ListRoles",
    "ListRoleTags": "iam:ListRoleTags",
    "ListPolicies": "iam:ListPolicies",
    "ListPolicyTags": "iam:ListPolicyTags",
    "ListSecrets": "secretsmanager:ListSecrets",
    "GetSecretValue": "secretsmanager:GetSecretValue",
    "ListTables": "dynamodb:ListTables",
    "ListQueues": "sqs:ListQueues",
    "DescribeLogGroups": "logs:DescribeLogGroups",
    "DescribeParameters": "ssm:DescribeParameters",
    "DescribeClusters": "ecs:DescribeClusters",
    "DescribeLoadBalancers": "elasticloadbalancing:DescribeLoadBalancers",
    "DescribeTargetGroups": "elasticloadbalancing:DescribeTargetGroups",
    "ListAliases": "kms:ListAliases",
    "DescribeRepositories": "ecr:DescribeRepositories",
    "DescribeImages": "ecr:DescribeImages",
    "DescribeUserPoolDomain": "cognito-idp:DescribeUserPoolDomain",
    "DescribeDBInstances": "rds:DescribeDBInstances",
    "DescribeDBSnapshots": "rds:DescribeDBSnapshots",
    "DescribeDBSubnetGroups": "rds:DescribeDBSubnetGroups",
    "DescribeOrderableDBInstanceOptions": "rds:DescribeOrderableDBInstanceOptions",
    "ListCertificates": "acm:ListCertificates",
    "ListCostAllocationTags": "ce:ListCostAllocationTags",
}


def refuse_unlisted(model: Any, **_: Any) -> None:
    """A botocore handler of `before-call`: raises RuntimeError for a call that ACTIONS does not list."""
    if model.name not in ACTIONS:
        raise RuntimeError(f"preflight must not call {model.name}: it is not in ACTIONS")


_TRY_AGAIN = "Correct this and run preflight again."


def ask(name: str, question: Callable[[], Check | Iterable[Check]]) -> list[Check]:
    """Returns the checks of a question; when AWS does not answer it, one in state unknown that says why."""
    try:
        answer = question()
        return [answer] if isinstance(answer, Check) else list(answer)
    except ClientError as error:
        if is_denied(error):
            action = ACTIONS.get(error.operation_name, error.operation_name)
            return [Check(name, State.UNKNOWN, f"Permission denied: {action}.", f"Use a role that may do {action}.")]
        return [Check(name, State.UNKNOWN, explain(error) or str(error), _TRY_AGAIN)]
    except (BotoCoreError, ResponseParserError, CommandError) as error:
        return [Check(name, State.UNKNOWN, explain(error) or str(error), _TRY_AGAIN)]
