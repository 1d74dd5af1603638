"""The names that an environment's resources will have, of the types whose creation fails when a name is taken.

Terraform's come from terraform_names.json, which `python -m tests.infra.documents` writes from Terraform's plans;
those of the SAM stack come from template.yaml.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phenom.aws import sam_template

TERRAFORM_NAMES = Path(__file__).with_name("terraform_names.json")
# The attribute with the name, by type of Terraform's resources. A name that AWS completes (name_prefix) is never taken.
TERRAFORM_TYPES = {
    "aws_cloudwatch_log_group": "name",
    "aws_db_instance": "identifier",
    "aws_db_subnet_group": "name",
    "aws_dynamodb_table": "name",
    "aws_ecs_cluster": "name",
    "aws_iam_policy": "name",
    "aws_iam_role": "name",
    "aws_kms_alias": "name",
    "aws_lb": "name",
    "aws_lb_target_group": "name",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name",
    "aws_ssm_parameter": "name",
}
# Named types that are not checked, by the reason.
UNCHECKED_TERRAFORM_TYPES = {
    "creating it again overwrites or returns the existing one": (
        "aws_cloudwatch_dashboard", "aws_cloudwatch_metric_alarm", "aws_ecs_task_definition", "aws_sns_topic",
    ),
    "the name is unique only within something that Terraform creates": (
        "aws_appautoscaling_policy", "aws_cloudwatch_log_metric_filter", "aws_ecs_service", "aws_iam_role_policy",
        "aws_security_group", "aws_service_discovery_private_dns_namespace", "aws_service_discovery_service",
    ),
    "the name need not be unique": ("aws_cognito_user_pool", "aws_cognito_user_pool_client"),
    "only another deployment of this environment would use the name": ("aws_budgets_budget", "aws_scheduler_schedule"),
    "an existing one is adopted (docs/chat.md)": ("aws_lb_trust_store", "aws_wafv2_web_acl"),
}  # fmt: skip
# Type of Terraform and the property with the name, by type of CloudFormation.
SAM_TYPES = {
    "AWS::DynamoDB::Table": ("aws_dynamodb_table", "TableName"),
    "AWS::Logs::LogGroup": ("aws_cloudwatch_log_group", "LogGroupName"),
    "AWS::S3::Bucket": ("aws_s3_bucket", "BucketName"),
    "AWS::SecretsManager::Secret": ("aws_secretsmanager_secret", "Name"),
    "AWS::SQS::Queue": ("aws_sqs_queue", "QueueName"),
    "AWS::Serverless::Function": ("aws_lambda_function", "FunctionName"),
}


@dataclass(frozen=True, slots=True)
class PlannedName:
    """A name of type `type` (Terraform's word). `logical_id` is None when Terraform creates it.

    `retained` means that it survives the deletion of the SAM stack.
    """

    type: str
    name: str
    logical_id: str | None = None
    retained: bool = False


def plan_names(environment: str, account: str) -> list[PlannedName]:
    """Returns all names. `environment` is the short name: dev."""
    return [*_terraform_names(environment, account), *_sam_names(environment, account)]


def extract_terraform_names(plan: Iterator[tuple[str, Mapping[str, Any]]], environment: str) -> dict[str, list[str]]:
    """Returns names with placeholders by type, as terraform_names.json has them.

    `plan` yields type and values of each planned resource, of account 123456789012.
    """
    found: dict[str, set[str]] = {}
    for kind, values in plan:
        name = values.get(TERRAFORM_TYPES.get(kind, ""))
        if name:
            found.setdefault(kind, set()).add(_with_placeholders(str(name), environment))
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def _with_placeholders(name: str, environment: str) -> str:
    for separator in "-/":
        name = name.replace(f"phenom{separator}{environment}", f"phenom{separator}{{environment}}")
    return name.replace("123456789012", "{account}")


def _terraform_names(environment: str, account: str) -> Iterator[PlannedName]:
    for kind, names in json.loads(TERRAFORM_NAMES.read_text(encoding="utf-8")).items():
        for name in names:
            yield PlannedName(kind, name.format(environment=environment, account=account))


def _sam_names(environment: str, account: str) -> Iterator[PlannedName]:
    template = sam_template.read()
    values = {"Environment": environment, "AWS::AccountId": account}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] not in SAM_TYPES:
            continue
        kind, property_ = SAM_TYPES[resource["Type"]]
        name = resource.get("Properties", {}).get(property_)
        if name is not None:
            resolved = sam_template.resolve(name, template["Conditions"], values)
            yield PlannedName(kind, resolved, logical_id, "DeletionPolicy" in resource)
