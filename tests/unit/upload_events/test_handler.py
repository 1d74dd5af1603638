"""Handler of upload_events: the cases of events/upload_events, checked against their expectations and the schemas."""

import json
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from phenom import event_cases
from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext
from testkit.wiring import UPLOAD_EVENTS, import_fresh
from tests.cold_start import imported_modules
from tests.unit.upload_events.fakes import FakeEvents
from tests.upload_events import as_delivered, load_schema, strict_validator
from upload_events.publisher import UploadEventPublisher

BUS, BUCKET = UPLOAD_EVENTS["EVENT_BUS"], UPLOAD_EVENTS["FINAL_BUCKET"]
DETAIL_TYPES_BY_CASE = {
    "accepted": ["Upload Accepted"],
    "accepted_without_sha256": ["Upload Accepted"],
    "accepted_in_parts": ["Upload Accepted"],
    "hostile_file_name": ["Upload Accepted"],
    "rejected": ["Upload Rejected"],
    "held": ["Upload Held"],
    "decided_item_updated": [],
    "held_is_redriven": [],
    "issued": [],
    "no_time_left": [],
    "foreign_item": [],
    "mixed_batch": ["Upload Accepted", "Upload Rejected", "Upload Held"],
    "no_records": [],
}


class Edge:
    """The handler as Lambda calls it, with a fake EventBridge."""

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self.module, self._capsys, self.events = module, capsys, FakeEvents()

    def send(self, event: dict[str, Any]) -> list[str]:
        """Returns the sequence numbers of the records to retry."""
        answer = self.module.handler(event, FakeContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def printed(self) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """Returns the log lines and the sum of each metric."""
        lines = [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]
        metrics = {
            metric["Name"]: int(sum(line[metric["Name"]]))
            for line in lines
            for each in line.get("_aws", {}).get("CloudWatchMetrics", [])
            for metric in each["Metrics"]
        }
        return [line for line in lines if "_aws" not in line], metrics


@pytest.fixture(scope="module")
def imported():
    with pytest.MonkeyPatch.context() as environment:
        yield import_fresh(environment, "upload_events.handler", UPLOAD_EVENTS)


@pytest.fixture
def edge(imported, monkeypatch, capsys) -> Edge:
    edge = Edge(imported, capsys)
    monkeypatch.setattr(imported, "_publisher", UploadEventPublisher(edge.events, BUS))
    return edge


def load(case: str) -> dict[str, Any]:
    event, _ = event_cases.load("upload_events", case)
    return event


def test_table_names_every_case():
    assert sorted(DETAIL_TYPES_BY_CASE) == event_cases.names("upload_events")


@pytest.mark.parametrize("case", DETAIL_TYPES_BY_CASE)
def test_only_settled_uploads_are_published(edge, case):
    event, expected = event_cases.load("upload_events", case)
    assert expectation.failures(expected, expectation.outcome(edge.module.handler, event, FakeContext())) == []
    assert [entry["DetailType"] for entry in edge.events.taken] == DETAIL_TYPES_BY_CASE[case]
    for entry in edge.events.taken:
        strict_validator(load_schema(entry["DetailType"])).validate(as_delivered(entry))
        assert entry["EventBusName"] == BUS


def test_accepted_event_names_bucket_and_key(edge):
    edge.send(load("accepted"))
    (entry,) = edge.events.taken
    detail = json.loads(entry["Detail"])
    assert (detail["finalBucket"], detail["finalKey"]) == (BUCKET, f"images/2026/11/23/{detail['uploadId']}.png")
    assert (detail["createdAt"], detail["updatedAt"]) == ("2026-11-23T11:00:00.250Z", "2026-11-23T11:01:12.345Z")
    assert f"{entry['Time']:%H:%M:%S}" == "11:01:12"


def test_rejected_event_carries_the_reason(edge):
    edge.send(load("rejected"))
    detail = json.loads(edge.events.taken[0]["Detail"])
    assert (detail["reason"], "image/gif" in detail["detail"]) == ("type_mismatch", True)


def test_file_name_is_neither_published_nor_logged(edge):
    edge.send(load("hostile_file_name"))
    lines, _ = edge.printed()
    assert "script" not in json.dumps([entry["Detail"] for entry in edge.events.taken]) + json.dumps(lines)


def test_published_event_is_logged_by_id_and_counted(edge):
    edge.send(load("mixed_batch"))
    lines, metrics = edge.printed()
    ids = [json.loads(entry["Detail"])["uploadId"] for entry in edge.events.taken]
    assert [line["upload_id"] for line in lines if line["message"] == "upload event published"] == ids
    assert metrics == {"UploadAnnounced": 3, "AnnouncementLost": 1}


def test_malformed_record_is_counted_and_not_retried(edge):
    assert edge.send(load("foreign_item")) == []
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["cause"]) == ("ERROR", "the item is not a ledger item: 'contentType' is missing")
    assert metrics == {"AnnouncementLost": 1}


@pytest.mark.parametrize(
    "broken", [{}, {"dynamodb": None}, {"dynamodb": {"NewImage": []}}, {"dynamodb": {"NewImage": 1}}]
)
def test_record_without_images_is_ignored(edge, broken):
    assert edge.send({"Records": [broken]}) == []
    assert edge.events.calls == []


def test_only_the_refused_entry_is_retried(edge):
    event = load("mixed_batch")
    second = event["Records"][1]["dynamodb"]
    edge.events.refused = {second["Keys"]["uploadId"]["S"]: "ThrottlingException"}
    assert edge.send(event) == [second["SequenceNumber"]]
    lines, metrics = edge.printed()
    assert metrics == {"UploadAnnounced": 2, "AnnouncementFailed": 1, "AnnouncementLost": 1}
    assert [line["cause"] for line in lines if line["message"] == "upload event not published"] == [
        "ThrottlingException"
    ]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no bus"}}, "PutEvents"),
         "ResourceNotFoundException"),
        (ConnectTimeoutError(endpoint_url="https://events"), "ConnectTimeoutError"),
    ],
)  # fmt: skip
def test_all_records_are_retried_while_eventbridge_is_down(edge, error, cause):
    edge.events.broken = error
    event = load("mixed_batch")
    numbers = [event["Records"][at]["dynamodb"]["SequenceNumber"] for at in (0, 1, 3)]
    assert edge.send(event) == numbers
    lines, _ = edge.printed()
    assert {line["cause"] for line in lines if line["message"] == "upload event not published"} == {cause}


def test_more_than_ten_events_need_several_calls(edge):
    (record,) = load("accepted")["Records"]
    assert edge.send({"Records": [record] * 23}) == []
    assert edge.events.calls == [10, 10, 3]


def test_cold_start_imports_no_other_function():
    loaded = imported_modules("upload_events.handler", UPLOAD_EVENTS)
    assert loaded & {"boto3", "pydantic", "presign.handler", "validator", "user_sync"} == set()
