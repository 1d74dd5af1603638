"""`phenom announce`: which events are published again, and what is printed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from phenom import event_cases
from phenom.aws.stacks import DeployedStack
from phenom.commands import announce
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.fake_deployment import deployed_stack
from tests.unit.upload_events.fakes import FakeEvents
from upload_events.publisher import UploadEventPublisher

SINCE = datetime(2026, 11, 23, 11, tzinfo=UTC)
OUTPUTS = {"EventBusName": "phenom-test", "UploadsTableName": "uploads", "VideoFinalBucket": "final"}


def item(case: str) -> dict[str, Any]:
    event, _ = event_cases.load("upload_events", case)
    image: dict[str, Any] = event["Records"][0]["dynamodb"]["NewImage"]
    return image


class FakeDynamoDb:
    """A table whose scan returns pages; keeps the arguments of the scan."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages, self.asked = pages, dict[str, Any]()

    def get_paginator(self, operation: str) -> "FakeDynamoDb":
        assert operation == "scan"
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        self.asked = arguments
        return [{"Items": items} for items in self.pages]


def stack(dynamodb: FakeDynamoDb, events: FakeEvents) -> DeployedStack:
    clients = {"dynamodb": dynamodb, "events": events}
    return deployed_stack(lambda service: clients[service], **OUTPUTS)


@pytest.fixture
def dynamodb() -> FakeDynamoDb:
    return FakeDynamoDb([item("rejected"), item("accepted")], [], [item("held")])


def test_events_since_the_time_are_sent_and_counted(dynamodb, capsys):
    events = FakeEvents()
    assert announce.run(stack(dynamodb, events), SINCE, dry_run=False) == 0
    assert sorted(entry["DetailType"] for entry in events.taken) == [
        "Upload Accepted",
        "Upload Held",
        "Upload Rejected",
    ]
    assert {entry["EventBusName"] for entry in events.taken} == {"phenom-test"}
    printed = capsys.readouterr().out
    assert printed.count("       1  Upload") == 3
    assert "3 sent, 0 not sent." in printed


def test_scan_filters_by_status_and_time(dynamodb):
    announce.run(stack(dynamodb, FakeEvents()), SINCE, dry_run=True)
    asked = dynamodb.asked
    assert asked["TableName"] == "uploads"
    assert asked["FilterExpression"] == "#status IN (:accepted, :rejected, :held) AND updatedAt >= :since"
    assert asked["ExpressionAttributeValues"][":since"] == {"S": "2026-11-23T11:00:00.000Z"}


def test_dry_run_sends_nothing(dynamodb):
    events = FakeEvents()
    assert announce.run(stack(dynamodb, events), SINCE, dry_run=True) == 0
    assert events.calls == []


def test_refused_event_is_named_and_the_others_are_sent(dynamodb, capsys):
    lost = item("held")["uploadId"]["S"]
    events = FakeEvents(refused={lost: "InternalFailure"})
    pauses: list[float] = []
    assert announce.run(stack(dynamodb, events), SINCE, dry_run=False, pause=pauses.append) == 1
    assert len(events.taken) == 2
    assert (len(events.calls), len(pauses)) == (announce.ATTEMPTS, announce.ATTEMPTS - 1)
    assert f"{lost}  Upload Held: InternalFailure" in capsys.readouterr().out


def test_event_refused_at_first_is_retried():
    events = FakeEvents(broken=NoCredentialsError())
    waits: list[float] = []

    def heal(seconds: float) -> None:
        waits.append(seconds)
        events.broken = None if len(waits) == 2 else events.broken

    decided = announce.read_decided(FakeDynamoDb([item("accepted")]), "uploads", "final", SINCE)
    assert announce.publish(UploadEventPublisher(events, "bus"), decided.events, heal) == []
    assert (len(events.taken), waits) == (1, [1.0, 2.0])


@pytest.mark.parametrize("dry_run", [True, False])
def test_malformed_item_is_named_and_the_others_are_sent(dry_run, capsys):
    broken = {name: value for name, value in item("accepted").items() if name != "fileSize"}
    events = FakeEvents()
    assert announce.run(stack(FakeDynamoDb([broken, item("held")]), events), SINCE, dry_run=dry_run) == 1
    assert len(events.taken) == (0 if dry_run else 1)
    printed = capsys.readouterr().out
    assert f"Item {broken['uploadId']} of uploads is malformed (KeyError 'fileSize')" in printed


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-23T11:00Z", SINCE),
        ("2026-11-23T11:00", SINCE),
        ("2026-11-23T12:00+01:00", SINCE),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_time_may_be_a_date_or_without_a_zone(text, time):
    assert announce.parse_time(text) == time


def test_invalid_time_is_a_usage_error_with_an_example(phenom: Phenom):
    ran = phenom("announce", "local", "--since", "yesterday")
    assert ran.code == 2
    assert "'yesterday' is no time such as 2026-11-28T01:30Z" in ran.err


def test_command_runs_on_the_stack_of_the_environment(phenom: Phenom, dynamodb, monkeypatch):
    events = FakeEvents()
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: stack(dynamodb, events))
    assert phenom("announce", "production", "--since", "2026-11-23").code == 0
    assert len(events.taken) == 3
