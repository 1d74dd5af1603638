"""What became of an upload reaches the consumer of docs/events.md, by the deployed function and its permissions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phenom import event_cases
from tests.commands import run_phenom
from tests.e2e.api import Application, wait_for
from tests.e2e.conftest import ROOT, Reconfigure
from tests.e2e.samples import image
from tests.upload_events import load_schema, strict_validator

PNG = image("image/png")
STACK = "consumer-of-upload-events"
SECONDS = 60


def snippet() -> str:
    """The template in docs/events.md."""
    _, _, text = (ROOT / "docs" / "events.md").read_text().partition("tests/e2e/test_events.py -->\n```yaml\n")
    return text.partition("```")[0]


@dataclass
class Consumer:
    """Somebody with a queue; `received` are all events so far."""

    sqs: Any
    queue_url: str
    received: list[dict[str, Any]]

    def heard(self, upload_id: str, status: str) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.received.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [
            event
            for event in self.received
            if (event["detail"]["uploadId"], event["detail"]["status"]) == (upload_id, status)
        ]

    def wait_for(self, upload_id: str, status: str, times: int = 1) -> dict[str, Any]:
        wait_for(lambda: len(self.heard(upload_id, status)) >= times, SECONDS, f"event {status} of {upload_id}")
        event = self.heard(upload_id, status)[-1]
        strict_validator(load_schema(event["detail-type"])).validate(event)
        return event


@pytest.fixture(scope="module")
def consumer(application: Application) -> Iterator[Consumer]:
    cloudformation = application.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=snippet(),
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


def test_an_accepted_upload_is_told_with_the_object_that_is_there(application: Application, consumer: Consumer):
    issued = application.upload(PNG, "image/png")
    application.verdict(issued["uploadId"])
    detail = consumer.wait_for(issued["uploadId"], "accepted")["detail"]
    head = application.s3.head_object(Bucket=detail["finalBucket"], Key=detail["finalKey"])
    assert (head["ContentLength"], head["ContentType"]) == (detail["fileSize"], detail["contentType"])


def test_a_rejected_upload_is_told_with_its_reason(application: Application, consumer: Consumer):
    issued = application.upload(PNG, "image/gif")
    verdict = application.verdict(issued["uploadId"])
    detail = consumer.wait_for(issued["uploadId"], "rejected")["detail"]
    assert {name: detail[name] for name in ("reason", "detail")} == {
        name: verdict[name] for name in ("reason", "detail")
    }


def test_a_held_upload_is_told(application: Application, consumer: Consumer):
    """As the stream reports it; that the validator holds what it cannot judge is in test_failures.py."""
    upload_id = settle(application, "held")
    assert "finalKey" not in consumer.wait_for(upload_id, "held")["detail"]


def test_what_else_happens_to_an_item_is_not_told(application: Application, consumer: Consumer):
    """The item of `held` comes last: what is before it in the stream has been read by then."""
    for silent in ("decided_item_updated", "held_is_redriven"):
        settle(application, silent)
    application.issue(PNG, "image/png")
    last = settle(application, "accepted", updatedAt={"S": "2026-11-23T11:02:00.000Z"})
    consumer.wait_for(last, "accepted")
    event, _ = event_cases.load("upload_events", "decided_item_updated")
    written_again = event["Records"][0]["dynamodb"]["NewImage"]["uploadId"]["S"]
    assert consumer.heard(written_again, "accepted") == []
    assert {each["detail"]["status"] for each in consumer.received} == {"accepted", "rejected", "held"}


def test_what_eventbridge_refuses_is_sent_when_it_takes_it_again(
    application: Application, consumer: Consumer, reconfigured: Reconfigure
):
    with reconfigured("upload_events", EVENT_BUS="there-is-no-such-bus"):
        upload_id = settle(application, "rejected")
        logs = application.client("logs")
        group = f"/aws/lambda/{application.stack['functions']['uploadEvents']}"
        wait_for(
            lambda: logs.filter_log_events(logGroupName=group, filterPattern='"upload event not published"')["events"],
            SECONDS,
            "refusal in the log",
        )
        assert consumer.heard(upload_id, "rejected") == []
    consumer.wait_for(upload_id, "rejected")


def test_an_operator_has_it_told_again(application: Application, consumer: Consumer):
    begun = datetime.now(UTC)
    issued = application.upload(PNG, "image/png")
    application.verdict(issued["uploadId"])
    first = consumer.wait_for(issued["uploadId"], "accepted")
    since = (begun - timedelta(seconds=1)).isoformat()
    done = run_phenom("announce", "local", "--since", since, "--stack", application.stack_file)
    assert done.returncode == 0, done.stdout + done.stderr
    again = consumer.wait_for(issued["uploadId"], "accepted", times=2)
    assert again["detail"] == first["detail"]
    assert again["id"] != first["id"]
