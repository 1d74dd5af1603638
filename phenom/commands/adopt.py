"""Imports the buckets, table and secret of a deleted stack into a new stack, so that it can be deployed again.

These resources survive the deletion of their stack (DeletionPolicy: Retain), and a stack cannot create what already
exists. CloudFormation imports them with their content; the next deployment adds the rest. Safe to repeat.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from phenom.aws import sam_template
from phenom.aws.stacks import Account
from phenom.errors import DONE, CommandRefusedError, IncompleteError
from runtime.aws_errors import code_of

CHANGE_SET = "adopt"
# By type: the property with the name, and the properties that an import requires in addition.
_TYPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "AWS::S3::Bucket": ("BucketName", ()),
    "AWS::DynamoDB::Table": ("TableName", ("AttributeDefinitions", "KeySchema", "BillingMode")),
    "AWS::SecretsManager::Secret": ("Name", ()),
}
_ABSENT = {"404", "NoSuchBucket", "ResourceNotFoundException"}
_UNDEPLOYED = {None, "REVIEW_IN_PROGRESS"}


@dataclass(frozen=True, slots=True)
class RetainedResource:
    """A resource of the template that survives its stack. `name` is its name in this account."""

    logical_id: str
    type: str
    name: str
    properties: Mapping[str, Any]


type _Found = tuple[RetainedResource, dict[str, str]]  # with its CloudFormation identifier


def read_retained(environment: str, account: str) -> list[RetainedResource]:
    """Returns the resources that template.yaml retains under a fixed name. `environment` is the short name: dev."""
    found = []
    for logical_id, resource in sam_template.read()["Resources"].items():
        if resource.get("DeletionPolicy") != "Retain" or resource["Type"] not in _TYPES:
            continue
        name_property, required = _TYPES[resource["Type"]]
        name = resource["Properties"][name_property]["Fn::Sub"]
        name = name.replace("${Environment}", environment).replace("${AWS::AccountId}", account)
        properties = {name_property: name} | {key: resource["Properties"][key] for key in required}
        found.append(RetainedResource(logical_id, resource["Type"], name, properties))
    return found


def identify(client: Callable[[str], Any], resource: RetainedResource) -> dict[str, str] | None:
    """Returns CloudFormation's primary identifier; None when the resource does not exist. Raises ClientError."""
    try:
        match resource.type:
            case "AWS::S3::Bucket":
                client("s3").head_bucket(Bucket=resource.name)
            case "AWS::DynamoDB::Table":
                client("dynamodb").describe_table(TableName=resource.name)
            case _:
                return {"Id": client("secretsmanager").describe_secret(SecretId=resource.name)["ARN"]}
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return None
        raise
    return {_TYPES[resource.type][0]: resource.name}


def run(account: Account, *, dry_run: bool) -> int:
    """Returns the exit code. Raises CommandRefusedError, IncompleteError, ClientError."""
    status = account.stack_status()
    if status not in _UNDEPLOYED:
        remedy = (
            f"Its creation failed: delete it first (aws cloudformation delete-stack --stack-name {account.stack_name})."
            if status == "ROLLBACK_COMPLETE"
            else "Resources can be imported again only after the stack was deleted."
        )
        raise CommandRefusedError(f"Stack {account.stack_name} exists, in {status}. {remedy}")
    found = list(_find_retained(account))
    if not found:
        raise CommandRefusedError("There is nothing to import: deploy the stack as for the first time.")
    if dry_run:
        print("Nothing was changed (dry run).")
        return DONE
    try:
        _import(account, found)
    except WaiterError as error:
        raise IncompleteError(f"CloudFormation did not import the resources: {error}") from error
    print(f"Stack {account.stack_name} has them. Next: {_next_step(account)}")
    return DONE


def _next_step(account: Account) -> str:
    return "make run" if account.environment == "local" else f"make deploy ENV={account.environment}"


def _find_retained(account: Account) -> Iterator[_Found]:
    number = account.client("sts").get_caller_identity()["Account"]
    for resource in read_retained(account.short_name, number):
        identifier = identify(account.client, resource)
        print(f"  {resource.name}: {'not found' if identifier is None else 'will be imported'}")
        if identifier:
            yield resource, identifier


def _import(account: Account, found: Sequence[_Found]) -> None:
    cloudformation = account.client("cloudformation")
    name = {"StackName": account.stack_name, "ChangeSetName": CHANGE_SET}
    resources = [
        {"ResourceType": each.type, "LogicalResourceId": each.logical_id, "ResourceIdentifier": identifier}
        for each, identifier in found
    ]
    if account.stack_status() is not None:  # left by an interrupted run
        cloudformation.delete_change_set(**name)
    cloudformation.create_change_set(
        **name, ChangeSetType="IMPORT", TemplateBody=_template(found), ResourcesToImport=resources
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**name, WaiterConfig={"Delay": 2})
    cloudformation.execute_change_set(**name)
    cloudformation.get_waiter("stack_import_complete").wait(
        StackName=account.stack_name, WaiterConfig={"Delay": 5, "MaxAttempts": 120}
    )


def _template(found: Sequence[_Found]) -> str:
    """Returns a template of these resources with the properties that an import requires; a deployment adds the rest."""
    retained = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    resources = {each.logical_id: {"Type": each.type, **retained, "Properties": each.properties} for each, _ in found}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
