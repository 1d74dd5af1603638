"""Deployed stacks in memory: outputs and clients; for `phenom logs` also logs, ledger and buckets."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from phenom.aws.stacks import DeployedStack
from uploads.ledger import DynamoDbLedger
from uploads.record import Upload

GROUPS = {"presign": "/aws/lambda/url-generator", "validator": "/aws/lambda/judge"}
OUTPUTS = {
    "UploadsTableName": "ledger",
    "VideoStagingBucket": "staging",
    "VideoFinalBucket": "final",
    "PresignFunctionName": "url-generator",
    "ValidatorFunctionName": "judge",
}


def deployed_stack(client: Callable[[str], Any], **outputs: str) -> DeployedStack:
    """Returns a stack with these outputs whose clients come from `client`."""
    listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
    return DeployedStack(client, {"StackName": "phenom-test", "Outputs": listed})


def denied(operation: str, code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "…"}}, operation)


@dataclass
class FakeLogs:
    """Log groups whose searches return pages of two lines; a term matches anywhere in a line."""

    groups: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in GROUPS.values()})
    queries: list[dict[str, Any]] = field(default_factory=list)
    broken: BaseException | None = None

    def write(self, function: str, message: str | Mapping[str, Any], at: datetime, stream: str = "1") -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        event = {"message": text + "\n", "timestamp": int(at.timestamp() * 1000), "logStreamName": stream}
        self.groups[GROUPS[function]].append(event)

    def get_paginator(self, operation: str) -> "FakeLogs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **query: Any) -> Iterator[dict[str, Any]]:
        self.queries.append(query)
        if self.broken is not None:
            raise self.broken
        if query["logGroupName"] not in self.groups:
            raise denied("FilterLogEvents", "ResourceNotFoundException")
        term = query["filterPattern"].strip('"')
        found = [
            event
            for event in self.groups[query["logGroupName"]]
            if term in event["message"]
            and query["startTime"] <= event["timestamp"] <= query["endTime"]
            and event["logStreamName"] in query.get("logStreamNames", [event["logStreamName"]])
        ]
        for at in range(0, len(found), 2):
            yield {"events": []}
            yield {"events": found[at : at + 2]}


@dataclass
class FakeDynamoDb:
    items: dict[str, Any] = field(default_factory=dict)
    broken: Exception | None = None

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        self.items[arguments["Item"]["uploadId"]["S"]] = arguments["Item"]
        return {}

    def get_item(self, **arguments: Any) -> dict[str, Any]:
        assert arguments["TableName"] == "ledger"
        if self.broken:
            raise self.broken
        item = self.items.get(arguments["Key"]["uploadId"]["S"])
        return {"Item": item} if item else {}

    def update_item(self, **_arguments: Any) -> dict[str, Any]:
        raise AssertionError("`phenom logs` must change nothing")


@dataclass
class FakeBuckets:
    """Sizes of objects by bucket and key. `code` is S3's error for all others."""

    objects: dict[tuple[str, str], int] = field(default_factory=dict)
    code: str = "404"

    def head_object(self, **arguments: Any) -> dict[str, Any]:
        size = self.objects.get((arguments["Bucket"], arguments["Key"]))
        if size is None:
            raise denied("HeadObject", self.code)
        return {"ContentLength": size, "LastModified": datetime(2026, 11, 23, 12, 1, tzinfo=UTC)}


@dataclass
class FakeStack:
    logs: FakeLogs = field(default_factory=FakeLogs)
    dynamodb: FakeDynamoDb = field(default_factory=FakeDynamoDb)
    s3: FakeBuckets = field(default_factory=FakeBuckets)

    def record(self, upload: Upload) -> None:
        DynamoDbLedger(self.dynamodb, "ledger").issue(upload)

    @property
    def deployed(self) -> DeployedStack:
        return deployed_stack(lambda service: getattr(self, service), **OUTPUTS)
