"""The account that preflight asks, with the answers that several checks need."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from phenom.preflight.check import refuse_unlisted
from phenom.preflight.settings import Settings
from runtime.aws_errors import code_of

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=10)
_NEVER_DEPLOYED = {"REVIEW_IN_PROGRESS"}
_GONE = "DELETE_COMPLETE"


@dataclass(frozen=True)
class Cloud:
    """The AWS account `number` in one region. `client` creates clients by service name."""

    client: Callable[[str], Any]
    settings: Settings
    number: str
    caller: str

    @property
    def prefix(self) -> str:
        """Begins the names of the environment's resources: phenom-dev."""
        return self.settings.stack_name

    @property
    def state_bucket(self) -> str:
        return f"{self.prefix}-terraform-state-{self.number}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.settings.region}:{self.number}:{resource}"

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Any]:
        """Yields the pages of an answer. Raises ClientError."""
        yield from self.client(service).get_paginator(operation).paginate(**parameters)

    @cached_property
    def buckets(self) -> set[str]:
        """Names of this account's buckets that begin with the prefix."""
        pages = self.pages("s3", "list_buckets", Prefix=self.prefix, PaginationConfig={"PageSize": 1000})
        return {bucket["Name"] for page in pages for bucket in page["Buckets"]}

    @cached_property
    def has_terraform_state(self) -> bool:
        """True when Terraform was applied with the backend of this environment."""
        if self.state_bucket not in self.buckets:
            return False
        found = self.client("s3").list_objects_v2(Bucket=self.state_bucket, Prefix=f"{self.prefix}.tfstate")
        return any(each["Key"] == f"{self.prefix}.tfstate" for each in found.get("Contents", []))

    @cached_property
    def tagged(self) -> set[str]:
        """ARNs of resources with the tags that Terraform gives everything in this environment, except IAM's."""
        tags = {"application": "phenom", "environment": self.settings.short_name}
        filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
        pages = self.pages("resourcegroupstaggingapi", "get_resources", TagFilters=filters)
        return {each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]}

    def has_own_tags(self, tags: list[Mapping[str, str]]) -> bool:
        """Returns True for the tags that Terraform gives everything in this environment."""
        values = {each["Key"]: each["Value"] for each in tags}
        return (values.get("application"), values.get("environment")) == ("phenom", self.settings.short_name)

    @cached_property
    def _stack(self) -> Mapping[str, Any]:
        """CloudFormation's description of the SAM stack; empty when it was never deployed."""
        try:
            found: Mapping[str, Any] = self.client("cloudformation").describe_stacks(
                StackName=self.settings.stack_name
            )["Stacks"][0]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return {}
            raise
        return {} if found["StackStatus"] in _NEVER_DEPLOYED else found

    @property
    def stack_status(self) -> str | None:
        """CloudFormation's status of the SAM stack; None when it was never deployed."""
        return self._stack.get("StackStatus")

    @property
    def stack_outputs(self) -> dict[str, str]:
        """The outputs of the SAM stack; none before it is deployed."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._stack.get("Outputs", [])}

    @cached_property
    def stack_resources(self) -> dict[str, str]:
        """Physical ids of the SAM stack's resources by logical id."""
        if self.stack_status is None:
            return {}
        pages = self.pages("cloudformation", "list_stack_resources", StackName=self.settings.stack_name)
        return {
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] != _GONE
        }


def connect(create_client: Callable[..., Any], settings: Settings) -> Cloud:
    """Returns the account of the operator's credentials. Raises ClientError and BotoCoreError without valid ones."""

    @cache
    def client(service: str) -> Any:
        created = create_client(service, config=_CONFIG)
        created.meta.events.register("before-call", refuse_unlisted)
        return created

    caller = client("sts").get_caller_identity()
    return Cloud(client, settings, caller["Account"], caller["Arn"])
