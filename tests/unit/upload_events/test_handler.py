"""From the ledger's stream to EventBridge, held to the events of events/upload_events and to the schemas."""

import json
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext
from testkit.wiring import ANNOUNCER, import_fresh
from tests.cold_start import modules_of
from tests.unit.upload_events.fakes import FakeEvents
from tests.upload_events import delivered, schema, strictly
from upload_events.bus import EventBus

BUS, BUCKET = ANNOUNCER["EVENT_BUS"], ANNOUNCER["FINAL_BUCKET"]
TOLD = {
    "accepted": ["Upload Accepted"],
    "accepted_without_sha256": ["Upload Accepted"],
    "accepted_in_parts": ["Upload Accepted"],
    "hostile_file_name": ["Upload Accepted"],
    "rejected": ["Upload Rejected"],
    "held": ["Upload Held"],
    "settled_item_written_again": [],
    "held_is_readmitted": [],
    "issued": [],
    "time_is_up": [],
    "not_one_of_ours": [],
    "mixed_batch": ["Upload Accepted", "Upload Rejected", "Upload Held"],
    "no_records": [],
}


class Edge:
    """The handler as Lambda sees it, and the EventBridge behind it."""

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self.module, self._capsys, self.events = module, capsys, FakeEvents()

    def send(self, event: dict[str, Any]) -> list[str]:
        """The sequence numbers that come back."""
        answer = self.module.handler(event, FakeContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def printed(self) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """The lines of the log, and the sum of each metric."""
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
        yield import_fresh(environment, "upload_events.handler", ANNOUNCER)


@pytest.fixture
def edge(imported, monkeypatch, capsys) -> Edge:
    edge = Edge(imported, capsys)
    monkeypatch.setattr(imported, "_bus", EventBus(edge.events, BUS))
    return edge


def load(case: str) -> dict[str, Any]:
    event, _ = expectation.load("upload_events", case)
    return event


def test_each_event_is_told_of_here():
    assert sorted(TOLD) == expectation.cases("upload_events")


@pytest.mark.parametrize("case", TOLD)
def test_others_hear_of_what_was_settled_and_of_nothing_else(edge, case):
    event, expected = expectation.load("upload_events", case)
    assert expectation.failures(expected, expectation.outcome(edge.module.handler, event, FakeContext())) == []
    assert [entry["DetailType"] for entry in edge.events.taken] == TOLD[case]
    for entry in edge.events.taken:
        strictly(schema(entry["DetailType"])).validate(delivered(entry))
        assert entry["EventBusName"] == BUS


def test_an_accepted_file_is_named_by_bucket_and_key(edge):
    edge.send(load("accepted"))
    (entry,) = edge.events.taken
    detail = json.loads(entry["Detail"])
    assert (detail["finalBucket"], detail["finalKey"]) == (BUCKET, f"images/2026/11/23/{detail['uploadId']}.png")
    assert (detail["createdAt"], detail["updatedAt"]) == ("2026-11-23T11:00:00.250Z", "2026-11-23T11:01:12.345Z")
    assert f"{entry['Time']:%H:%M:%S}" == "11:01:12"


def test_a_refusal_comes_with_its_reason(edge):
    edge.send(load("rejected"))
    detail = json.loads(edge.events.taken[0]["Detail"])
    assert (detail["reason"], "image/gif" in detail["detail"]) == ("type_mismatch", True)


def test_a_strangers_file_name_is_neither_sent_nor_logged(edge):
    edge.send(load("hostile_file_name"))
    lines, _ = edge.printed()
    assert "script" not in json.dumps([entry["Detail"] for entry in edge.events.taken]) + json.dumps(lines)


def test_what_is_announced_is_logged_by_its_id_and_counted(edge):
    edge.send(load("mixed_batch"))
    lines, metrics = edge.printed()
    ids = [json.loads(entry["Detail"])["uploadId"] for entry in edge.events.taken]
    assert [line["upload_id"] for line in lines if line["message"] == "upload announced"] == ids
    assert metrics == {"UploadAnnounced": 3, "AnnouncementLost": 1}


def test_a_record_that_makes_no_sense_holds_up_nobody_and_is_counted(edge):
    assert edge.send(load("not_one_of_ours")) == []
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["cause"]) == ("ERROR", "the item is not one of ours: 'contentType' is missing")
    assert metrics == {"AnnouncementLost": 1}


@pytest.mark.parametrize(
    "broken", [{}, {"dynamodb": None}, {"dynamodb": {"NewImage": []}}, {"dynamodb": {"NewImage": 1}}]
)
def test_a_record_without_images_is_no_news(edge, broken):
    assert edge.send({"Records": [broken]}) == []
    assert edge.events.calls == []


def test_a_single_entry_that_is_refused_comes_back_alone(edge):
    event = load("mixed_batch")
    second = event["Records"][1]["dynamodb"]
    edge.events.refused = {second["Keys"]["uploadId"]["S"]: "ThrottlingException"}
    assert edge.send(event) == [second["SequenceNumber"]]
    lines, metrics = edge.printed()
    assert metrics == {"UploadAnnounced": 2, "AnnouncementFailed": 1, "AnnouncementLost": 1}
    assert [line["cause"] for line in lines if line["message"] == "upload not announced yet"] == ["ThrottlingException"]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no bus"}}, "PutEvents"),
         "ResourceNotFoundException"),
        (ConnectTimeoutError(endpoint_url="https://events"), "ConnectTimeoutError"),
    ],
)  # fmt: skip
def test_when_eventbridge_is_down_all_news_come_back(edge, error, cause):
    edge.events.broken = error
    event = load("mixed_batch")
    numbers = [event["Records"][at]["dynamodb"]["SequenceNumber"] for at in (0, 1, 3)]
    assert edge.send(event) == numbers
    lines, _ = edge.printed()
    assert {line["cause"] for line in lines if line["message"] == "upload not announced yet"} == {cause}


def test_more_than_ten_go_in_several_calls(edge):
    (record,) = load("accepted")["Records"]
    assert edge.send({"Records": [record] * 23}) == []
    assert edge.events.calls == [10, 10, 3]


def test_a_cold_start_loads_nothing_of_the_other_functions():
    loaded = modules_of("upload_events.handler", ANNOUNCER)
    assert loaded & {"boto3", "pydantic", "presign.handler", "validator", "user_sync"} == set()
