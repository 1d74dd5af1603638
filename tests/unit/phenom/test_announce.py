"""What an operator has told again, and what they see of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from phenom import event_cases
from phenom.aws.stacks import DeployedStack
from phenom.commands import announce
from tests.unit.upload_events.fakes import FakeEvents
from upload_events.publisher import UploadEventPublisher

SINCE = datetime(2026, 11, 23, 11, tzinfo=UTC)
OUTPUTS = {"EventBusName": "phenom-test", "UploadsTableName": "uploads", "FinalBucketName": "final"}


def item(case: str) -> dict[str, Any]:
    event, _ = event_cases.load("upload_events", case)
    image: dict[str, Any] = event["Records"][0]["dynamodb"]["NewImage"]
    return image


class FakeDynamoDb:
    """A table whose scan comes in pages; it keeps what was asked."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages, self.asked = pages, dict[str, Any]()

    def get_paginator(self, operation: str) -> "FakeDynamoDb":
        assert operation == "scan"
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        self.asked = arguments
        return [{"Items": items} for items in self.pages]


def stack(dynamodb: FakeDynamoDb, events: FakeEvents) -> DeployedStack:
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()]
    clients = {"dynamodb": dynamodb, "events": events}
    return DeployedStack(lambda service: clients[service], {"StackName": "phenom-test", "Outputs": outputs})


@pytest.fixture
def dynamodb() -> FakeDynamoDb:
    return FakeDynamoDb([item("rejected"), item("accepted")], [], [item("held")])


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(announce.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


def test_all_that_was_settled_since_is_sent_and_counted(dynamodb, capsys):
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
    assert "3 were sent, 0 were not." in printed


def test_the_ledger_is_asked_for_the_three_statuses_and_the_moment(dynamodb):
    announce.run(stack(dynamodb, FakeEvents()), SINCE, dry_run=True)
    asked = dynamodb.asked
    assert asked["TableName"] == "uploads"
    assert asked["FilterExpression"] == "#status IN (:accepted, :rejected, :held) AND updatedAt >= :since"
    assert asked["ExpressionAttributeValues"][":since"] == {"S": "2026-11-23T11:00:00.000Z"}


def test_a_dry_run_sends_nothing(dynamodb):
    events = FakeEvents()
    assert announce.run(stack(dynamodb, events), SINCE, dry_run=True) == 0
    assert events.calls == []


def test_what_stays_refused_is_named_and_the_others_are_sent(dynamodb, capsys):
    lost = item("held")["uploadId"]["S"]
    events = FakeEvents(refused={lost: "InternalFailure"})
    assert announce.run(stack(dynamodb, events), SINCE, dry_run=False) == 1
    assert len(events.taken) == 2
    assert len(events.calls) == announce.ATTEMPTS
    assert f"{lost}  Upload Held: InternalFailure" in capsys.readouterr().out


def test_what_is_refused_at_first_is_sent_later():
    events = FakeEvents(broken=NoCredentialsError())
    waits: list[float] = []

    def heal(seconds: float) -> None:
        waits.append(seconds)
        events.broken = None if len(waits) == 2 else events.broken

    found = list(announce.settled(FakeDynamoDb([item("accepted")]), "uploads", "final", SINCE))
    assert announce.send(UploadEventPublisher(events, "bus"), found, heal) == []
    assert (len(events.taken), waits) == (1, [1.0, 2.0])


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_item_that_is_none_of_ours_is_named_and_keeps_no_other_from_being_sent(dry_run, capsys):
    broken = {name: value for name, value in item("accepted").items() if name != "fileSize"}
    events = FakeEvents()
    assert announce.run(stack(FakeDynamoDb([broken, item("held")]), events), SINCE, dry_run=dry_run) == 1
    assert len(events.taken) == (0 if dry_run else 1)
    printed = capsys.readouterr().out
    assert f"Item {broken['uploadId']} of uploads is not one of ours (KeyError 'fileSize')" in printed


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T11:00Z", SINCE),
        ("2026-11-23T11:00", SINCE),
        ("2026-11-23T12:00+01:00", SINCE),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_a_moment_may_be_written_as_people_do(text, moment):
    assert announce.moment(text) == moment


def test_what_is_no_moment_is_refused_with_an_example(capsys):
    with pytest.raises(SystemExit):
        announce.main(["--env", "local", "--since", "yesterday"])
    assert "'yesterday' is no moment such as 2026-11-28T01:30Z" in capsys.readouterr().err


def test_a_stack_that_is_not_there_is_told(monkeypatch, capsys, tmp_path):
    assert announce.main(["--env", "local", "--since", "2026-11-23", "--stack", str(tmp_path / "none.json")]) == 2
    assert "make run" in capsys.readouterr().err


def test_an_interrupted_run_may_be_repeated(monkeypatch, capsys):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(announce, "stack_of", interrupted)
    assert announce.main(["--env", "local", "--since", "2026-11-23"]) == 130
    assert "Run it again" in capsys.readouterr().err
