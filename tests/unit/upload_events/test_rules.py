"""Rules of upload events: which changes are published, and that events follow their schemas."""

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
from tests.upload_events import SCHEMAS, as_delivered, load_schema, strict_validator
from upload_events import settings
from upload_events.publisher import UploadEventPublisher
from upload_events.stream import MalformedRecordError, parse_record, sequence_number
from upload_events.upload_event import DETAIL_TYPES, SCHEMA_VERSION, SOURCE, build_event, is_published_change
from uploads.media_types import MEDIA_TYPES
from uploads.reasons import Reason
from uploads.record import Status, Upload

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
UPLOADS = st.builds(
    Upload,
    upload_id=st.from_regex(r"\A[0-9a-f]{32}\Z"),
    status=st.sampled_from(sorted(DETAIL_TYPES)),
    content_type=st.sampled_from(sorted(MEDIA_TYPES)),
    file_size=st.integers(1, 2**31),
    file_name=st.text(),
    created_at=MOMENTS,
    updated_at=MOMENTS,
    sha256=st.none() | st.just("3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="),
    reason=st.sampled_from(sorted(Reason)),
    detail=st.text(),
    quarantined=st.booleans(),
    signature=st.none() | st.just("Win.Test"),
)


@pytest.mark.parametrize("after", DETAIL_TYPES)
@pytest.mark.parametrize("before", list(Status))
def test_change_to_a_settled_status_is_published(before: Status, after: Status):
    assert is_published_change(before, after) is (before is not after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("held", "issued"), ("issued", "validating"), (None, "accepted"), ("accepted", None), (None, None), ("held", "x")],
)
def test_other_changes_are_not_published(before, after):
    assert not is_published_change(before, after)


@given(upload=UPLOADS)
def test_event_of_any_upload_follows_its_schema(upload: Upload):
    upload = replace(upload, final_key=upload.promotion_key)
    events = FakeEvents()
    assert UploadEventPublisher(events, "bus").publish([build_event(upload, "final-bucket")]) == [None]
    (entry,) = events.taken
    strict_validator(load_schema(DETAIL_TYPES[upload.status])).validate(as_delivered(entry))


@given(upload=UPLOADS)
def test_only_a_rejection_says_whether_the_file_is_quarantined(upload: Upload):
    detail = build_event(upload, "final-bucket").detail
    assert detail.get("quarantined") == (upload.quarantined if upload.status is Status.REJECTED else None)
    assert "Win.Test" not in detail.values(), "it would tell an attacker what to change"


@pytest.mark.parametrize("status", DETAIL_TYPES)
def test_schema_is_valid_and_matches_the_code(status: Status):
    schema = load_schema(DETAIL_TYPES[status])
    Draft202012Validator.check_schema(schema)
    detail = schema["properties"]["detail"]["properties"]
    assert schema["properties"]["source"] == {"const": SOURCE}
    assert schema["properties"]["detail-type"] == {"const": DETAIL_TYPES[status]}
    assert (detail["status"], detail["schemaVersion"]["const"]) == ({"const": status}, SCHEMA_VERSION)
    assert schema["$id"] == f"urn:phenom:upload-events:{status}:{SCHEMA_VERSION}"
    assert detail["contentType"]["examples"] == list(MEDIA_TYPES)
    assert detail.get("reason", {}).get("examples", list(Reason)) == list(Reason)


def test_each_event_has_one_schema():
    assert {path.stem for path in SCHEMAS.iterdir()} == {
        detail_type.lower().replace(" ", "-") for detail_type in DETAIL_TYPES.values()
    }


@pytest.mark.parametrize("status", DETAIL_TYPES)
def test_schema_allows_new_properties(status: Status):
    schema = load_schema(DETAIL_TYPES[status])
    assert "additionalProperties" not in schema
    assert "additionalProperties" not in schema["properties"]["detail"]


def test_stream_filter_passes_every_published_change():
    """A change that the filter drops is lost without a trace."""
    event = properties("UploadEventsFunction")["Events"]["Settled"]["Properties"]
    patterns = [each["Pattern"] for each in event["FilterCriteria"]["Filters"]]
    assert len(patterns) == len(DETAIL_TYPES)
    for status, pattern in zip(DETAIL_TYPES, patterns, strict=True):
        assert pattern.count(f'["{status}"]') == 2
        assert '"eventName":["MODIFY"]' in pattern
    assert properties("UploadsTable")["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_batch_fits_into_one_call():
    event = properties("UploadEventsFunction")["Events"]["Settled"]["Properties"]
    assert event["BatchSize"] == 10
    assert event["MaximumRecordAgeInSeconds"] < 24 * 3600, "the stream keeps its records for a day"


@pytest.mark.parametrize("name", ["EVENT_BUS", "FINAL_BUCKET", "POWERTOOLS_METRICS_NAMESPACE"])
def test_missing_setting_is_named(monkeypatch, name):
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
def test_any_image_is_an_upload_or_malformed(image: dict[str, Any]):
    change = {"OldImage": {"status": {"S": "validating"}}, "NewImage": {**image, "status": {"S": "accepted"}}}
    with pytest.raises(MalformedRecordError):
        parse_record({"dynamodb": change})


def test_record_without_sequence_number_is_malformed():
    with pytest.raises(MalformedRecordError, match="SequenceNumber"):
        sequence_number({"dynamodb": {}})
