"""Upload events reach the consumer of docs/events.md through the deployed function and its permissions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phenom import event_cases
from tests.commands import ROOT, run_phenom
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import ChangeSettings
from tests.e2e.samples import image
from tests.upload_events import load_schema, strict_validator

PNG = image("image/png")
STACK = "consumer-of-upload-events"
SECONDS = 60


def documented_template() -> str:
    """Returns the consumer's template in docs/events.md."""
    _, _, text = (ROOT / "docs" / "events.md").read_text().partition("tests/e2e/test_events.py -->\n```yaml\n")
    return text.partition("```")[0]


@dataclass
class Consumer:
    """A consumer with its own queue. `received` holds all events so far."""

    sqs: Any
    queue_url: str
    received: list[dict[str, Any]]

    def events_of(self, upload_id: str, status: str) -> list[dict[str, Any]]:
        response = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        for message in response.get("Messages", []):
            self.received.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [
            event
            for event in self.received
            if (event["detail"]["uploadId"], event["detail"]["status"]) == (upload_id, status)
        ]

    def wait_for(self, upload_id: str, status: str, times: int = 1) -> dict[str, Any]:
        wait_for(lambda: len(self.events_of(upload_id, status)) >= times, SECONDS, f"event {status} of {upload_id}")
        event = self.events_of(upload_id, status)[-1]
        strict_validator(load_schema(event["detail-type"])).validate(event)
        return event


@pytest.fixture(scope="module")
def consumer(application: Application) -> Iterator[Consumer]:
    cloudformation = application.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=documented_template(),
        Parameters=[{"ParameterKey": "EventBus", "ParameterValue": application.stack["eventBus"]}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    urls = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    yield Consumer(application.sqs, urls["QueueUrl"], [])
    cloudformation.delete_stack(StackName=STACK)


def settle(application: Application, status: str, **changes: Any) -> str:
    """Moves an item of events/upload_events as the validator does: a change that the stream reports."""
    event, _ = event_cases.load("upload_events", status)
    images = event["Records"][0]["dynamodb"]
    dynamodb, table = application.client("dynamodb"), application.stack["uploadsTable"]
    for each in (images["OldImage"], {**images["NewImage"], **changes}):
        dynamodb.put_item(TableName=table, Item=each)
    return images["NewImage"]["uploadId"]["S"]


def test_event_of_an_accepted_upload_names_the_final_object(application: Application, consumer: Consumer):
    issued = application.upload(PNG, "image/png")
    application.wait_for_verdict(issued["uploadId"])
    detail = consumer.wait_for(issued["uploadId"], "accepted")["detail"]
    head = application.s3.head_object(Bucket=detail["finalBucket"], Key=detail["finalKey"])
    assert (head["ContentLength"], head["ContentType"]) == (detail["fileSize"], detail["contentType"])


def test_event_of_a_rejected_upload_contains_the_reason(application: Application, consumer: Consumer):
    issued = application.upload(PNG, "image/gif")
    verdict = application.wait_for_verdict(issued["uploadId"])
    detail = consumer.wait_for(issued["uploadId"], "rejected")["detail"]
    assert {name: detail[name] for name in ("reason", "detail")} == {
        name: verdict[name] for name in ("reason", "detail")
    }


def test_held_upload_is_published(application: Application, consumer: Consumer):
    """Writes the ledger's item directly; test_failures.py tests that the validator holds uploads."""
    upload_id = settle(application, "held")
    assert "finalKey" not in consumer.wait_for(upload_id, "held")["detail"]


def test_other_changes_of_an_item_are_not_published(application: Application, consumer: Consumer):
    """The last item is published after everything before it in the stream was read."""
    for unpublished in ("decided_item_updated", "held_is_redriven"):
        settle(application, unpublished)
    application.issue(PNG, "image/png")
    last = settle(application, "accepted", updatedAt={"S": "2026-11-23T11:02:00.000Z"})
    consumer.wait_for(last, "accepted")
    event, _ = event_cases.load("upload_events", "decided_item_updated")
    updated = event["Records"][0]["dynamodb"]["NewImage"]["uploadId"]["S"]
    assert consumer.events_of(updated, "accepted") == []
    assert {each["detail"]["status"] for each in consumer.received} == {"accepted", "rejected", "held"}


def test_event_that_eventbridge_refused_is_retried(
    application: Application, consumer: Consumer, changed_settings: ChangeSettings
):
    with changed_settings("upload_events", EVENT_BUS="there-is-no-such-bus"):
        upload_id = settle(application, "rejected")
        logs = application.client("logs")
        group = f"/aws/lambda/{application.function_name('upload_events')}"
        wait_for(
            lambda: logs.filter_log_events(logGroupName=group, filterPattern='"upload event not published"')["events"],
            SECONDS,
            "log line of the refusal",
        )
        assert consumer.events_of(upload_id, "rejected") == []
    consumer.wait_for(upload_id, "rejected")


def test_announce_publishes_the_event_again(application: Application, consumer: Consumer):
    begun = datetime.now(UTC)
    issued = application.upload(PNG, "image/png")
    application.wait_for_verdict(issued["uploadId"])
    first = consumer.wait_for(issued["uploadId"], "accepted")
    since = (begun - timedelta(seconds=1)).isoformat()
    done = run_phenom("announce", "local", "--since", since, "--stack", application.stack_file)
    assert done.returncode == 0, done.stdout + done.stderr
    again = consumer.wait_for(issued["uploadId"], "accepted", times=2)
    assert again["detail"] == first["detail"]
    assert again["id"] != first["id"]
