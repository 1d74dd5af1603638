"""Which changes are news, and that what is said keeps to schemas that consumers can live with."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runtime.settings import SettingError
from tests.template import properties
from tests.unit.upload_events.fakes import FakeEvents
from tests.upload_events import SCHEMAS, delivered, schema, strictly
from upload_events import settings
from upload_events.announcement import SCHEMA_VERSION, SOURCE, TITLES, announce, is_news
from upload_events.bus import EventBus
from upload_events.stream import MalformedRecordError, news_of, sequence_number
from uploads.media_types import MEDIA_TYPES
from uploads.reasons import Reason
from uploads.record import Status, Upload

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
UPLOADS = st.builds(
    Upload,
    upload_id=st.from_regex(r"\A[0-9a-f]{32}\Z"),
    status=st.sampled_from(sorted(TITLES)),
    content_type=st.sampled_from(sorted(MEDIA_TYPES)),
    file_size=st.integers(1, 2**31),
    file_name=st.text(),
    created_at=MOMENTS,
    updated_at=MOMENTS,
    sha256=st.none() | st.just("3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="),
    reason=st.sampled_from(sorted(Reason)),
    detail=st.text(),
)


@pytest.mark.parametrize("after", TITLES)
@pytest.mark.parametrize("before", list(Status))
def test_news_is_a_change_to_one_of_three_statuses(before: Status, after: Status):
    assert is_news(before, after) is (before is not after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("held", "issued"), ("issued", "validating"), (None, "accepted"), ("accepted", None), (None, None), ("held", "x")],
)
def test_nothing_else_is_news(before, after):
    assert not is_news(before, after)


@given(upload=UPLOADS)
def test_whatever_the_ledger_says_is_said_as_its_schema_has_it(upload: Upload):
    upload = replace(upload, final_key=upload.promotion_key)
    events = FakeEvents()
    assert EventBus(events, "bus").put([announce(upload, "final-bucket")]) == [None]
    (entry,) = events.taken
    strictly(schema(TITLES[upload.status])).validate(delivered(entry))


@pytest.mark.parametrize("status", TITLES)
def test_schemas_are_sound_and_say_what_the_code_says(status: Status):
    described = schema(TITLES[status])
    Draft202012Validator.check_schema(described)
    detail = described["properties"]["detail"]["properties"]
    assert described["properties"]["source"] == {"const": SOURCE}
    assert described["properties"]["detail-type"] == {"const": TITLES[status]}
    assert (detail["status"], detail["schemaVersion"]["const"]) == ({"const": status}, SCHEMA_VERSION)
    assert described["$id"] == f"urn:phenom:upload-events:{status}:{SCHEMA_VERSION}"
    assert detail["contentType"]["examples"] == list(MEDIA_TYPES)
    assert detail.get("reason", {}).get("examples", list(Reason)) == list(Reason)


def test_there_is_a_schema_for_each_event_and_no_other():
    assert {path.stem for path in SCHEMAS.iterdir()} == {title.lower().replace(" ", "-") for title in TITLES.values()}


@pytest.mark.parametrize("status", TITLES)
def test_a_consumer_that_validates_is_not_broken_by_a_new_property(status: Status):
    described = schema(TITLES[status])
    assert "additionalProperties" not in described
    assert "additionalProperties" not in described["properties"]["detail"]


def test_the_subscription_lets_through_what_the_rules_call_news():
    """Whatever is filtered out is lost without a trace: the two must agree."""
    event = properties("UploadEventsFunction")["Events"]["Settled"]["Properties"]
    patterns = [each["Pattern"] for each in event["FilterCriteria"]["Filters"]]
    assert len(patterns) == len(TITLES)
    for status, pattern in zip(TITLES, patterns, strict=True):
        assert pattern.count(f'["{status}"]') == 2
        assert '"eventName":["MODIFY"]' in pattern
    assert properties("UploadsTable")["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_a_batch_is_no_longer_than_one_call_takes():
    event = properties("UploadEventsFunction")["Events"]["Settled"]["Properties"]
    assert event["BatchSize"] == 10
    assert event["MaximumRecordAgeInSeconds"] < 24 * 3600, "the stream keeps its records for a day"


@pytest.mark.parametrize("name", ["EVENT_BUS", "FINAL_BUCKET", "POWERTOOLS_METRICS_NAMESPACE"])
def test_a_setting_that_is_missing_is_named(monkeypatch, name):
    for each in ("EVENT_BUS", "FINAL_BUCKET", "POWERTOOLS_METRICS_NAMESPACE"):
        monkeypatch.setenv(each, "x")
    monkeypatch.delenv(name)
    with pytest.raises(SettingError, match=name):
        settings.load()


@given(
    image=st.dictionaries(
        st.sampled_from(["uploadId", "fileSize", "contentType", "createdAt", "reason", "finalKey"]),
        st.dictionaries(st.sampled_from(["S", "N", "M"]), st.text() | st.none()) | st.none() | st.text(),
    )
)
def test_an_image_of_anything_is_an_upload_or_malformed(image: dict[str, Any]):
    change = {"OldImage": {"status": {"S": "validating"}}, "NewImage": {**image, "status": {"S": "accepted"}}}
    with pytest.raises(MalformedRecordError):
        news_of({"dynamodb": change})


def test_a_record_without_its_number_is_malformed():
    with pytest.raises(MalformedRecordError, match="SequenceNumber"):
        sequence_number({"dynamodb": {}})
