"""Reads the published versions of a stack's functions, and moves the alias `live`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from phenom.aws.stacks import LIVE, DeployedStack

ONE_DEPLOYMENT = timedelta(hours=1)
"""Versions published within this time belong together, where CloudFormation forgot the deployment (after 90 days)."""
ROLLED_BACK_TAG = "phenom:rolled-back"
"""Tag of a function: numbers of the versions that an operator rolled back from, separated by spaces."""
_TAGGED_VERSIONS = 40  # a tag value has at most 256 characters
_STARTED = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
_FAILED = {"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}
_CLEANUP = "_CLEANUP_IN_PROGRESS"  # the new versions already serve
_STACK = "AWS::CloudFormation::Stack"
_ALIAS = "AWS::Lambda::Alias"
_APPLICATION = "AWS::CodeDeploy::Application"
_GROUP = "AWS::CodeDeploy::DeploymentGroup"
_UNFINISHED = ["Created", "Queued", "InProgress", "Baking", "Ready"]


@dataclass(frozen=True, slots=True)
class Version:
    """One published version.

    `deployed_at` is the start of the deployment that published it; `failed` means that CloudFormation rolled that
    deployment back. `state` is Lambda's, such as Active.
    """

    number: int
    published_at: datetime
    deployed_at: datetime
    failed: bool = False
    state: str = "Active"


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """`key` is the short name (cognito_trigger), `revision` is the alias's; `versions` are sorted by number.

    `rolled_back` are the versions that an operator has rolled back from.
    """

    key: str
    name: str
    live: int
    revision: str
    versions: tuple[Version, ...]
    arn: str = ""
    rolled_back: tuple[int, ...] = ()

    def version(self, number: int) -> Version | None:
        return next((each for each in self.versions if each.number == number), None)


@dataclass(frozen=True, slots=True)
class DeploymentHistory:
    """When deployments began, oldest first, and from when to when each failed one lasted."""

    began: tuple[datetime, ...] = ()
    failed: tuple[tuple[datetime, datetime], ...] = ()

    def version(self, number: int, published_at: datetime, state: str = "Active") -> Version:
        """Returns the version with the facts about its deployment."""
        failed = any(begin <= published_at <= end for begin, end in self.failed)
        before = [begin for begin in self.began if begin <= published_at]
        return Version(number, published_at, max(before, default=published_at - ONE_DEPLOYMENT), failed, state)


def list_functions(stack: DeployedStack) -> list[DeployedFunction]:
    """Returns the functions that have the alias `live`, sorted by key."""
    client, history = stack.client("lambda"), _read_history(stack)
    aliases = [each for each in _list_resources(stack) if each["ResourceType"] == _ALIAS]
    return sorted((_read_function(client, each, history) for each in aliases), key=lambda each: each.key)


def find_running_deployment(stack: DeployedStack) -> str | None:
    """Describes the deployment that must end before an alias may be moved by hand; None when no deployment runs."""
    status = str(stack.description["StackStatus"])
    if status.endswith("_IN_PROGRESS") and not status.endswith(_CLEANUP):
        return f"stack {stack.name} is in {status}"
    resources = _list_resources(stack)
    for application in (each for each in resources if each["ResourceType"] == _APPLICATION):
        for group in (each for each in resources if each["ResourceType"] == _GROUP):
            found = stack.client("codedeploy").list_deployments(
                applicationName=application["PhysicalResourceId"],
                deploymentGroupName=group["PhysicalResourceId"],
                includeOnlyStatuses=_UNFINISHED,
            )["deployments"]
            if found:
                return f"CodeDeploy deployment {found[0]} is shifting traffic"
    return None


def move_alias(stack: DeployedStack, function: DeployedFunction, target: int) -> None:
    """Sends all calls to one version.

    Tags the function first when it moves backwards, so that later rollbacks skip the version it leaves. Raises
    ClientError; PreconditionFailedException means that the alias was moved meanwhile.
    """
    client = stack.client("lambda")
    if target < function.live and function.live not in function.rolled_back:
        numbers = (*function.rolled_back, function.live)[-_TAGGED_VERSIONS:]
        client.tag_resource(Resource=function.arn, Tags={ROLLED_BACK_TAG: " ".join(map(str, numbers))})
    client.update_alias(
        FunctionName=function.name,
        Name=LIVE,
        FunctionVersion=str(target),
        RoutingConfig={"AdditionalVersionWeights": {}},
        RevisionId=function.revision,
    )


def _read_history(stack: DeployedStack) -> DeploymentHistory:
    """Reads the stack's events, as far as CloudFormation keeps them."""
    pages = stack.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=_id(stack))
    events = [event for page in pages for event in page["StackEvents"] if _is_about_the_stack(event)]
    began: list[datetime] = []
    failed: list[tuple[datetime, datetime]] = []
    for event in sorted(events, key=lambda each: each["Timestamp"]):
        if event["ResourceStatus"] in _STARTED:
            began.append(event["Timestamp"])
        elif event["ResourceStatus"] in _FAILED and began:
            failed.append((began.pop(), event["Timestamp"]))
    return DeploymentHistory(tuple(began), tuple(failed))


def _read_function(client: Any, resource: Mapping[str, Any], history: DeploymentHistory) -> DeployedFunction:
    arn = str(resource["PhysicalResourceId"]).rpartition(":")[0]
    name = arn.split(":")[6]
    alias = client.get_alias(FunctionName=name, Name=LIVE)
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return DeployedFunction(
        key=_key(resource["LogicalResourceId"]),
        name=name,
        live=int(alias["FunctionVersion"]),
        revision=alias["RevisionId"],
        versions=_parse_versions((each for page in pages for each in page["Versions"]), history),
        arn=arn,
        rolled_back=_parse_tag(client.list_tags(Resource=arn).get("Tags", {}).get(ROLLED_BACK_TAG, "")),
    )


def _parse_tag(value: str) -> tuple[int, ...]:
    return tuple(int(word) for word in value.split() if word.isdecimal())


def _parse_versions(listed: Iterable[Mapping[str, Any]], history: DeploymentHistory) -> tuple[Version, ...]:
    found = (
        history.version(int(each["Version"]), datetime.fromisoformat(each["LastModified"]), each.get("State", "Active"))
        for each in listed
        if each["Version"] != "$LATEST"
    )
    return tuple(sorted(found, key=lambda each: each.number))


def _key(logical_id: str) -> str:
    """CognitoTriggerFunctionAliaslive → cognito_trigger."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix(f"FunctionAlias{LIVE}")).lower()


def _list_resources(stack: DeployedStack) -> list[dict[str, Any]]:
    paginate: Callable[..., Any] = stack.client("cloudformation").get_paginator("list_stack_resources").paginate
    return [each for page in paginate(StackName=_id(stack)) for each in page["StackResourceSummaries"]]


def _id(stack: DeployedStack) -> str:
    return str(stack.description["StackId"])


def _is_about_the_stack(event: Mapping[str, Any]) -> bool:
    return bool(event["ResourceType"] == _STACK and event["PhysicalResourceId"] == event["StackId"])
