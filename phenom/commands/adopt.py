"""Gives a stack that was deleted its buckets, its table and its secret back, so that it can be deployed again.

They outlive their stack (DeletionPolicy: Retain), and a stack cannot make what is there already. So CloudFormation
takes them into a new stack as they are, content and all; the next `make deploy` adds the rest. Safe to repeat.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from phenom.aws import sam_template
from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, ROOT, Account, UnreachableError, account_of
from runtime.aws_errors import code_of

CHANGE_SET = "adopt"
# By type: where its name stands, and what CloudFormation cannot do without beside it.
_KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "AWS::S3::Bucket": ("BucketName", ()),
    "AWS::DynamoDB::Table": ("TableName", ("AttributeDefinitions", "KeySchema", "BillingMode")),
    "AWS::SecretsManager::Secret": ("Name", ()),
}
_ABSENT = {"404", "NoSuchBucket", "ResourceNotFoundException"}
_UNDEPLOYED = {None, "REVIEW_IN_PROGRESS"}


class RefusedError(Exception):
    """Nothing was changed. The message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource of the template that outlives its stack. `name` is the one that it has in this account."""

    logical_id: str
    kind: str
    name: str
    properties: Mapping[str, Any]


type _Found = tuple[Kept, dict[str, str]]  # with how CloudFormation knows it


def kept(template: Path, environment: str, account: str) -> list[Kept]:
    """What template.yaml retains under a name of its own. `environment` is as names carry it: dev."""
    found = []
    for logical_id, resource in sam_template.read(template)["Resources"].items():
        if resource.get("DeletionPolicy") != "Retain" or resource["Type"] not in _KINDS:
            continue
        named_by, needed = _KINDS[resource["Type"]]
        name = resource["Properties"][named_by]["Fn::Sub"]
        name = name.replace("${Environment}", environment).replace("${AWS::AccountId}", account)
        properties = {named_by: name} | {key: resource["Properties"][key] for key in needed}
        found.append(Kept(logical_id, resource["Type"], name, properties))
    return found


def identify(client: Callable[[str], Any], resource: Kept) -> dict[str, str] | None:
    """How CloudFormation knows it (its type's primary identifier); None when it is not there. Raises ClientError."""
    try:
        match resource.kind:
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
    return {_KINDS[resource.kind][0]: resource.name}


def run(account: Account, *, dry_run: bool) -> int:
    """Exit status 0 when the stack has all that there is. Raises RefusedError, WaiterError, ClientError."""
    status = account.status()
    if status not in _UNDEPLOYED:
        remedy = (
            f"It never came to be: delete it first (aws cloudformation delete-stack --stack-name {account.stack_name})."
            if status == "ROLLBACK_COMPLETE"
            else "Only a stack that is no more can be given its own back."
        )
        raise RefusedError(f"Stack {account.stack_name} is there, in {status}. {remedy}")
    found = list(_found(account))
    if not found:
        raise RefusedError("Nothing of an earlier stack is there: deploy it as the first one.")
    if dry_run:
        print("Nothing was changed (DRY_RUN).")
        return 0
    _import(account, found)
    print(f"Stack {account.stack_name} has them. Now: make deploy ENV={account.environment}")
    return 0


def _found(account: Account) -> Iterator[_Found]:
    number = account.client("sts").get_caller_identity()["Account"]
    for resource in kept(ROOT / "template.yaml", account.short_name, number):
        identifier = identify(account.client, resource)
        print(f"  {resource.name}: {'not there' if identifier is None else 'is taken over'}")
        if identifier:
            yield resource, identifier


def _import(account: Account, found: Sequence[_Found]) -> None:
    cloudformation = account.client("cloudformation")
    name = {"StackName": account.stack_name, "ChangeSetName": CHANGE_SET}
    resources = [
        {"ResourceType": each.kind, "LogicalResourceId": each.logical_id, "ResourceIdentifier": identifier}
        for each, identifier in found
    ]
    if account.status() is not None:  # left by a run that was interrupted
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
    """These alone, and no more of each than their type demands: `make deploy` brings the rest."""
    retained = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    resources = {each.logical_id: {"Type": each.kind, **retained, "Properties": each.properties} for each, _ in found}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return run(account_of(options.env, options.stack), dry_run=options.dry_run)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1
    except WaiterError as error:
        print(f"CloudFormation could not take them over: {error}", file=sys.stderr)
        return 1
    except (UnreachableError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is lost; run it again.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="phenom.commands.adopt", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--dry-run", action="store_true", help="only say what is there")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    return parser


if __name__ == "__main__":
    sys.exit(main())
