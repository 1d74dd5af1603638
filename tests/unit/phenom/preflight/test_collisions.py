"""Names that are free, taken by the environment itself, or taken by something else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from phenom.preflight.check import Check
from phenom.preflight.collisions import check_names
from phenom.preflight.existing import KINDS
from phenom.preflight.names import PlannedName, plan_names
from tests.unit.phenom.preflight.world import NUMBER, TAGS, World, refusal, state_of

TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}'


def names_of(kind: str) -> list[PlannedName]:
    return [each for each in plan_names("dev", NUMBER) if each.type == kind]


def check(world: World, kind: str) -> list[Check]:
    return list(check_names(world.cloud(), kind, names_of(kind)))


def subnets(world: World) -> list[str]:
    return [each["SubnetId"] for each in world.client("ec2").describe_subnets()["Subnets"][:2]]


# How something of the name comes to exist.
CREATE: dict[str, Callable[[World, str], Any]] = {
    "aws_s3_bucket": lambda world, name: world.client("s3").create_bucket(Bucket=name),
    "aws_secretsmanager_secret": lambda world, name: world.client("secretsmanager").create_secret(Name=name),
    "aws_dynamodb_table": lambda world, name: world.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
    ),
    "aws_cloudwatch_log_group": lambda world, name: world.client("logs").create_log_group(logGroupName=name),
    "aws_sqs_queue": lambda world, name: world.client("sqs").create_queue(QueueName=name),
    "aws_lambda_function": lambda world, name: world.answers.update(
        ListFunctions={"Functions": [{"FunctionName": name, "FunctionArn": "arn:aws:lambda:x"}]}
    ),
    "aws_iam_role": lambda world, name: world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=POLICY),
    "aws_iam_policy": lambda world, name: world.client("iam").create_policy(PolicyName=name, PolicyDocument=POLICY),
    "aws_ssm_parameter": lambda world, name: world.client("ssm").put_parameter(Name=name, Value="x", Type="String"),
    "aws_ecs_cluster": lambda world, name: world.client("ecs").create_cluster(clusterName=name),
    "aws_lb": lambda world, name: world.client("elbv2").create_load_balancer(Name=name, Subnets=subnets(world)),
    "aws_lb_target_group": lambda world, name: world.client("elbv2").create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId=world.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    ),
    "aws_kms_alias": lambda world, name: world.client("kms").create_alias(
        AliasName=name, TargetKeyId=world.client("kms").create_key()["KeyMetadata"]["KeyId"]
    ),
    "aws_db_instance": lambda world, name: world.client("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.m5.large", Engine="postgres", MasterUsername="phenom",
        MasterUserPassword="password", AllocatedStorage=20,
    ),
    "aws_db_subnet_group": lambda world, name: world.client("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=subnets(world)
    ),
}  # fmt: skip
KNOWN = sorted({each.type for each in plan_names("dev", NUMBER)})


def test_every_type_of_name_is_looked_up():
    assert set(KNOWN) <= KINDS.keys()
    assert CREATE.keys() == set(KNOWN)


@pytest.mark.parametrize("kind", KNOWN)
def test_free_names_are_ok(world: World, kind: str):
    (only,) = check(world, kind)
    assert state_of(only) == "ok"
    assert only.found == f"{len(names_of(kind))} free"


@pytest.mark.parametrize("kind", KNOWN)
def test_taken_name_is_missing_and_named(world: World, kind: str):
    taken = names_of(kind)[0]
    CREATE[kind](world, taken.name)
    (only,) = check(world, kind)
    assert state_of(only) == "missing"
    assert taken.name in only.found
    assert taken.name in only.remedy or "phenom adopt development" in only.remedy


@pytest.mark.parametrize("kind", ["aws_cloudwatch_log_group", "aws_lb", "aws_db_instance", "aws_db_subnet_group"])
def test_names_that_terraform_created_are_ok(world: World, kind: str):
    """The tags of Terraform's default_tags and its state tell; both are read from AWS."""
    taken = [each for each in names_of(kind) if each.logical_id is None]
    for each in taken:
        CREATE[kind](world, each.name)
    world.apply_terraform()
    (before, *_) = check(world, kind)
    assert state_of(before) == "warning"
    world.answers["GetResources"] = {"ResourceTagMappingList": [{"ResourceARN": arn} for arn in arns(world, kind)]}
    (only,) = check(world, kind)
    assert state_of(only) == "ok"
    assert f"{len(taken)} of this environment" in only.found


def arns(world: World, kind: str) -> list[str]:
    match kind:
        case "aws_cloudwatch_log_group":
            groups = world.client("logs").describe_log_groups()["logGroups"]
            return [each["arn"].removesuffix(":*") for each in groups]
        case "aws_lb":
            return [
                each["LoadBalancerArn"] for each in world.client("elbv2").describe_load_balancers()["LoadBalancers"]
            ]
        case "aws_db_instance":
            return [each["DBInstanceArn"] for each in world.client("rds").describe_db_instances()["DBInstances"]]
    return [each["DBSubnetGroupArn"] for each in world.client("rds").describe_db_subnet_groups()["DBSubnetGroups"]]


def test_tagged_bucket_is_found_by_the_tagging_api(world: World):
    name = f"phenom-dev-storage-{NUMBER}"
    world.client("s3").create_bucket(Bucket=name)
    world.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAG_LIST})
    world.apply_terraform()
    (only,) = check(world, "aws_s3_bucket")
    assert only.found == f"{len(names_of('aws_s3_bucket')) - 1} free, 1 of this environment"


@pytest.mark.parametrize("kind", ["aws_iam_role", "aws_iam_policy"])
def test_tagged_role_and_policy_are_the_environments_own(world: World, kind: str):
    name, iam = names_of(kind)[0].name, world.client("iam")
    if kind == "aws_iam_role":
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=POLICY, Tags=TAG_LIST)
    else:
        iam.create_policy(PolicyName=name, PolicyDocument=POLICY, Tags=TAG_LIST)
    world.apply_terraform()
    (only,) = check(world, kind)
    assert state_of(only) == "ok"
    assert "1 of this environment" in only.found


def test_resource_without_state_is_left_from_an_earlier_deployment(world: World):
    name = names_of("aws_iam_role")[0].name
    world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=POLICY, Tags=TAG_LIST)
    (only,) = check(world, "aws_iam_role")
    assert state_of(only) == "missing"
    assert "no Terraform state" in only.found
    assert "Import" in only.remedy


def test_resources_of_the_deployed_stack_are_ok(world: World):
    tables = names_of("aws_dynamodb_table")
    for each in tables:
        CREATE["aws_dynamodb_table"](world, each.name)
    world.deploy_stack(*(str(each.logical_id) for each in tables))
    (only,) = check(world, "aws_dynamodb_table")
    assert only.found == "3 of this environment"


@pytest.mark.parametrize(("status", "remedy"), [
    (None, "phenom adopt development"), ("DELETE_FAILED", "When the SAM stack is deleted: phenom adopt development"),
])  # fmt: skip
def test_retained_resource_is_adopted_not_deleted(world: World, status: str | None, remedy: str):
    CREATE["aws_dynamodb_table"](world, "phenom-dev-uploads")
    if status:
        world.deploy_stack(status=status)
    (only,) = check(world, "aws_dynamodb_table")
    assert state_of(only) == "missing"
    assert only.remedy == remedy


def test_bucket_of_another_account_is_missing(world: World):
    world.answers["HeadBucket"] = lambda asked: refusal("403" if "final" in asked["Bucket"] else "404")
    (only,) = check(world, "aws_s3_bucket")
    assert state_of(only) == "missing"
    assert f"phenom-dev-final-{NUMBER}: another AWS account has it" in only.found


def test_secret_in_its_recovery_window_is_missing(world: World):
    """Its name is taken although it was deleted, also when it was the environment's own."""
    secrets = world.client("secretsmanager")
    secrets.create_secret(Name="phenom-dev-app-secrets", Tags=TAG_LIST)
    secrets.delete_secret(SecretId="phenom-dev-app-secrets", RecoveryWindowInDays=30)
    world.apply_terraform()
    (only,) = check(world, "aws_secretsmanager_secret")
    assert state_of(only) == "missing"
    assert "recovery window" in only.found
    assert "restore-secret --secret-id phenom-dev-app-secrets" in only.remedy


def test_deletion_date_of_a_secret_is_shown(world: World):
    secret = {"Name": "phenom-dev-app-secrets", "DeletedDate": datetime(2026, 11, 1, tzinfo=UTC)}
    world.answers["ListSecrets"] = {"SecretList": [secret]}
    (only,) = check(world, "aws_secretsmanager_secret")
    assert "deleted on 2026-11-01" in only.found


def test_deleted_cluster_is_free(world: World):
    """ECS keeps describing it as INACTIVE for a while."""
    world.client("ecs").create_cluster(clusterName="phenom-dev-cluster")
    world.client("ecs").delete_cluster(cluster="phenom-dev-cluster")
    (only,) = check(world, "aws_ecs_cluster")
    assert state_of(only) == "ok"
