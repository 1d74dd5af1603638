"""Which names are taken in the account, by type of resource."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from phenom.preflight.cloud import Cloud
from runtime.aws_errors import code_of


@dataclass(frozen=True, slots=True)
class Existing:
    """A resource that has a name. `own` means that it carries the tags that Terraform gives this environment.

    `blocked` says why not even the environment can use the name.
    """

    own: bool
    blocked: str = ""


type Found = Mapping[str, Existing]
type Lookup = Callable[[Cloud, Iterable[str]], Found]


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of resource: what a check calls it, how to find it, and the command that deletes it."""

    title: str
    look_up: Lookup
    delete: str


def _by_arn(cloud: Cloud, arns: Mapping[str, str], names: Iterable[str]) -> Found:
    """Returns the resources of these names. `arns` are ARNs by name."""
    taken = {name: arns[name] for name in names if name in arns}
    return {name: Existing(arn in cloud.tagged) for name, arn in taken.items()}


def _listed(service: str, operation: str, items: str, name: str, arn: str, **parameters: Any) -> Lookup:
    """Returns a lookup that lists everything of one type. `items`, `name` and `arn` are keys of the answer."""

    def look_up(cloud: Cloud, names: Iterable[str]) -> Found:
        pages = cloud.pages(service, operation, **parameters)
        return _by_arn(cloud, {each[name]: each[arn] for page in pages for each in page[items]}, names)

    return look_up


def _buckets(cloud: Cloud, names: Iterable[str]) -> Found:
    names = list(names)
    own = {name: f"arn:aws:s3:::{name}" for name in names if name in cloud.buckets}
    elsewhere = {
        name: Existing(
            own=False, blocked="another AWS account has it (names are unique worldwide), or you lack s3:ListBucket"
        )
        for name in names
        if name not in own and _bucket_exists(cloud, name)
    }
    return {**_by_arn(cloud, own, names), **elsewhere}


def _bucket_exists(cloud: Cloud, name: str) -> bool:
    """Asks for a bucket that this account does not have: S3 then answers 403 or, in another region, 301."""
    try:
        cloud.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        return code_of(error) not in {"404", "NoSuchBucket"}
    return True


def _secrets(cloud: Cloud, names: Iterable[str]) -> Found:
    filters = [{"Key": "name", "Values": [cloud.prefix]}]
    pages = cloud.pages("secretsmanager", "list_secrets", IncludePlannedDeletion=True, Filters=filters)
    listed = {each["Name"]: each for page in pages for each in page["SecretList"]}
    return {
        name: Existing(cloud.has_own_tags(listed[name].get("Tags", [])), _pending_deletion(listed[name]))
        for name in names
        if name in listed
    }


def _pending_deletion(secret: Mapping[str, Any]) -> str:
    if "DeletedDate" not in secret:
        return ""
    return f"it was deleted on {secret['DeletedDate']:%Y-%m-%d} and keeps its name until its recovery window ends"


def _tables(cloud: Cloud, names: Iterable[str]) -> Found:
    pages = cloud.pages("dynamodb", "list_tables")
    listed = {name: cloud.arn("dynamodb", f"table/{name}") for page in pages for name in page["TableNames"]}
    return _by_arn(cloud, listed, names)


def _log_groups(cloud: Cloud, names: Iterable[str]) -> Found:
    names = list(names)
    listed = {}
    for prefix in sorted({_up_to_prefix(name, cloud.prefix) for name in names}):
        for page in cloud.pages("logs", "describe_log_groups", logGroupNamePrefix=prefix):
            for each in page["logGroups"]:
                listed[each["logGroupName"]] = cloud.arn("logs", f"log-group:{each['logGroupName']}")
    return _by_arn(cloud, listed, names)


def _up_to_prefix(name: str, prefix: str) -> str:
    """/aws/lambda/phenom-dev-file-validator → /aws/lambda/phenom-dev."""
    return name[: name.index(prefix) + len(prefix)]


def _clusters(cloud: Cloud, names: Iterable[str]) -> Found:
    described = cloud.client("ecs").describe_clusters(clusters=list(names))["clusters"]
    active = {each["clusterName"]: each["clusterArn"] for each in described if each["status"] != "INACTIVE"}
    return _by_arn(cloud, active, names)


def _aliases(cloud: Cloud, names: Iterable[str]) -> Found:
    """Aliases have no tags, so their keys' tags count."""
    listed = {
        each["AliasName"]: cloud.arn("kms", f"key/{each.get('TargetKeyId')}")
        for page in cloud.pages("kms", "list_aliases")
        for each in page["Aliases"]
    }
    return _by_arn(cloud, listed, names)


def _queues(cloud: Cloud, names: Iterable[str]) -> Found:
    pages = cloud.pages("sqs", "list_queues", QueueNamePrefix=cloud.prefix)
    urls = (url for page in pages for url in page.get("QueueUrls", []))
    return _by_arn(cloud, {name: cloud.arn("sqs", name) for name in map(_last_part, urls)}, names)


def _last_part(url: str) -> str:
    return PurePosixPath(url).name


def _parameters(cloud: Cloud, names: Iterable[str]) -> Found:
    below = f"/phenom/{cloud.settings.short_name}/"
    filters = [{"Key": "Name", "Option": "BeginsWith", "Values": [below]}]
    pages = cloud.pages("ssm", "describe_parameters", ParameterFilters=filters)
    listed = {
        each["Name"]: cloud.arn("ssm", f"parameter{each['Name']}") for page in pages for each in page["Parameters"]
    }
    return _by_arn(cloud, listed, names)


def _roles(cloud: Cloud, names: Iterable[str]) -> Found:
    pages = cloud.pages("iam", "list_roles", PaginationConfig={"PageSize": 1000})
    listed = {each["RoleName"] for page in pages for each in page["Roles"]}
    tags = cloud.client("iam").list_role_tags
    return {name: Existing(cloud.has_own_tags(tags(RoleName=name)["Tags"])) for name in names if name in listed}


def _policies(cloud: Cloud, names: Iterable[str]) -> Found:
    pages = cloud.pages("iam", "list_policies", Scope="Local", PaginationConfig={"PageSize": 1000})
    arns = {each["PolicyName"]: each["Arn"] for page in pages for each in page["Policies"]}
    tags = cloud.client("iam").list_policy_tags
    return {name: Existing(cloud.has_own_tags(tags(PolicyArn=arns[name])["Tags"])) for name in names if name in arns}


KINDS: Mapping[str, Kind] = {
    "aws_s3_bucket": Kind("S3 buckets", _buckets, "aws s3 rb s3://{name}"),
    "aws_secretsmanager_secret": Kind("secrets", _secrets, "aws secretsmanager delete-secret --secret-id {name}"),
    "aws_dynamodb_table": Kind("DynamoDB tables", _tables, "aws dynamodb delete-table --table-name {name}"),
    "aws_cloudwatch_log_group": Kind("log groups", _log_groups, "aws logs delete-log-group --log-group-name {name}"),
    "aws_sqs_queue": Kind(
        "SQS queues",
        _queues,
        "aws sqs delete-queue --queue-url $(aws sqs get-queue-url --queue-name {name} --output text)",
    ),
    "aws_lambda_function": Kind(
        "Lambda functions",
        _listed("lambda", "list_functions", "Functions", "FunctionName", "FunctionArn"),
        "aws lambda delete-function --function-name {name}",
    ),
    "aws_iam_role": Kind("IAM roles", _roles, "IAM console, Roles, {name}, Delete"),
    "aws_iam_policy": Kind("IAM policies", _policies, "IAM console, Policies, {name}, Delete"),
    "aws_ssm_parameter": Kind("SSM parameters", _parameters, "aws ssm delete-parameter --name {name}"),
    "aws_ecs_cluster": Kind("ECS cluster", _clusters, "aws ecs delete-cluster --cluster {name}"),
    "aws_lb": Kind(
        "load balancer",
        _listed("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName", "LoadBalancerArn"),
        "EC2 console, Load Balancers, {name}, Delete",
    ),
    "aws_lb_target_group": Kind(
        "target groups",
        _listed("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", "TargetGroupArn"),
        "EC2 console, Target Groups, {name}, Delete",
    ),
    "aws_kms_alias": Kind("KMS alias", _aliases, "aws kms delete-alias --alias-name {name}"),
    "aws_db_instance": Kind(
        "database instance",
        _listed("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier", "DBInstanceArn"),
        "RDS console, Databases, {name}, Delete",
    ),
    "aws_db_subnet_group": Kind(
        "database subnet group",
        _listed("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", "DBSubnetGroupArn"),
        "aws rds delete-db-subnet-group --db-subnet-group-name {name}",
    ),
}
