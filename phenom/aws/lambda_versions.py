"""Which versions of a stack's functions there are, which one `live` serves, and what came of the deployments."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from phenom.aws.stacks import LIVE, DeployedStack

# Where CloudFormation has forgotten when a deployment began (after 90 days): its versions are that close together.
ONE_DEPLOYMENT = timedelta(hours=1)
_BEGINS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
_FAILS = {"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}
_TIDIES_UP = "_CLEANUP_IN_PROGRESS"  # all is decided then
_STACK = "AWS::CloudFormation::Stack"
_ALIAS = "AWS::Lambda::Alias"
_APPLICATION = "AWS::CodeDeploy::Application"
_GROUP = "AWS::CodeDeploy::DeploymentGroup"
ROLLED_BACK = "phenom:rolled-back"
"""A function's tag: the numbers of the versions that somebody rolled back from, with spaces between."""
_REMEMBERED = 40  # a tag's value has 256 characters
_UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]


@dataclass(frozen=True, slots=True)
class Version:
    """One published version. `state` is Lambda's, such as Active."""

    number: int
    published_at: datetime
    state: str = "Active"


@dataclass(frozen=True, slots=True)
class Function:
    """`key` is what people call it (presign, cognito_trigger), `revision` the alias's, `versions` are in order.

    `rolled_back` are those that somebody has rolled back from: nobody wants to go back to one of them.
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
class Deployments:
    """When deployments began, oldest first; and from when to when those took that CloudFormation took back."""

    began: tuple[datetime, ...]
    failed: tuple[tuple[datetime, datetime], ...]

    def took_back(self, version: Version) -> bool:
        """Whether the version is of a deployment that failed: it is there, and was never to stay."""
        return any(begin <= version.published_at <= end for begin, end in self.failed)

    def beginning_of(self, version: Version) -> datetime:
        """When the deployment began that published it."""
        before = [begin for begin in self.began if begin <= version.published_at]
        return max(before, default=version.published_at - ONE_DEPLOYMENT)


def functions_of(stack: DeployedStack) -> list[Function]:
    """Those with the alias `live`, by their keys."""
    lambda_ = stack.client("lambda")
    aliases = [each for each in _resources(stack) if each["ResourceType"] == _ALIAS]
    return sorted((_function(lambda_, each) for each in aliases), key=lambda each: each.key)


def deployments_of(stack: DeployedStack) -> Deployments:
    """As far as the stack's events go back."""
    pages = stack.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=_id(stack))
    events = [event for page in pages for event in page["StackEvents"] if _is_of_the_stack(event)]
    began: list[datetime] = []
    failed: list[tuple[datetime, datetime]] = []
    for event in sorted(events, key=lambda each: each["Timestamp"]):
        if event["ResourceStatus"] in _BEGINS:
            began.append(event["Timestamp"])
        elif event["ResourceStatus"] in _FAILS and began:
            failed.append((began.pop(), event["Timestamp"]))
    return Deployments(tuple(began), tuple(failed))


def under_way(stack: DeployedStack) -> str | None:
    """What must end before an alias may be moved by hand, in words; None when nothing is going on."""
    status = str(stack.description["StackStatus"])
    if status.endswith("_IN_PROGRESS") and not status.endswith(_TIDIES_UP):
        return f"stack {stack.description['StackName']} is in {status}"
    resources = _resources(stack)
    for application in (each for each in resources if each["ResourceType"] == _APPLICATION):
        for group in (each for each in resources if each["ResourceType"] == _GROUP):
            found = stack.client("codedeploy").list_deployments(
                applicationName=application["PhysicalResourceId"],
                deploymentGroupName=group["PhysicalResourceId"],
                includeOnlyStatuses=_UNDER_WAY,
            )["deployments"]
            if found:
                return f"CodeDeploy's deployment {found[0]} is shifting calls"
    return None


def move(stack: DeployedStack, function: Function, target: int) -> None:
    """All calls to one version. Raises ClientError; PreconditionFailedException is that somebody was faster.

    What is left for an earlier version is remembered first: it is not to be gone back to, come what may.
    """
    client = stack.client("lambda")
    if target < function.live and function.live not in function.rolled_back:
        remembered = (*function.rolled_back, function.live)[-_REMEMBERED:]
        client.tag_resource(Resource=function.arn, Tags={ROLLED_BACK: " ".join(map(str, remembered))})
    client.update_alias(
        FunctionName=function.name,
        Name=LIVE,
        FunctionVersion=str(target),
        RoutingConfig={"AdditionalVersionWeights": {}},
        RevisionId=function.revision,
    )


def _function(lambda_: Any, resource: Mapping[str, Any]) -> Function:
    arn = str(resource["PhysicalResourceId"]).rpartition(":")[0]
    name = arn.split(":")[6]
    alias = lambda_.get_alias(FunctionName=name, Name=LIVE)
    pages = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return Function(
        key=_key(resource["LogicalResourceId"]),
        name=name,
        live=int(alias["FunctionVersion"]),
        revision=alias["RevisionId"],
        versions=_versions(each for page in pages for each in page["Versions"]),
        arn=arn,
        rolled_back=_numbers(lambda_.list_tags(Resource=arn).get("Tags", {}).get(ROLLED_BACK, "")),
    )


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(int(word) for word in tag.split() if word.isdecimal())


def _versions(listed: Iterable[Mapping[str, Any]]) -> tuple[Version, ...]:
    found = (
        Version(int(each["Version"]), datetime.fromisoformat(each["LastModified"]), each.get("State", "Active"))
        for each in listed
        if each["Version"] != "$LATEST"
    )
    return tuple(sorted(found, key=lambda each: each.number))


def _key(logical_id: str) -> str:
    """CognitoTriggerFunctionAliaslive → cognito_trigger."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix(f"FunctionAlias{LIVE}")).lower()


def _resources(stack: DeployedStack) -> list[dict[str, Any]]:
    paginate: Callable[..., Any] = stack.client("cloudformation").get_paginator("list_stack_resources").paginate
    return [each for page in paginate(StackName=_id(stack)) for each in page["StackResourceSummaries"]]


def _id(stack: DeployedStack) -> str:
    return str(stack.description["StackId"])


def _is_of_the_stack(event: Mapping[str, Any]) -> bool:
    return bool(event["ResourceType"] == _STACK and event["PhysicalResourceId"] == event["StackId"])
