"""Publishes upload events again, for all uploads that the ledger has decided since a point in time.

For use after the dead-letter queue of upload_events received something: its messages name only a position in a stream
that is gone after a day, while the ledger keeps an upload for 30 days. Safe to repeat and to interrupt: consumers
recognise duplicates by upload id, status and time of the status.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE, NOT_ALL_DONE
from phenom.terminal import track
from upload_events.publisher import MAX_ENTRIES_PER_CALL, UploadEventPublisher
from upload_events.upload_event import DETAIL_TYPES, UploadEvent, build_event
from uploads.items import iso, to_upload

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that EventBridge did not accept."""

    event: UploadEvent
    reason: str


@dataclass(frozen=True, slots=True)
class MalformedItem:
    """An item that no event can be built from: `upload_id` as in the table, `reason` says what is missing or wrong."""

    upload_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The uploads of a table that were decided since a point in time; events are sorted by that time."""

    events: list[UploadEvent]
    malformed: list[MalformedItem]


def read_decided(dynamodb: Any, table: str, final_bucket: str, since: datetime) -> Decided:
    """Scans the whole table for uploads that got their status at `since` or later."""
    found = list(_scan(dynamodb, table, final_bucket, since))
    events = [each for each in found if isinstance(each, UploadEvent)]
    return Decided(
        sorted(events, key=lambda each: each.recorded_at),
        [each for each in found if isinstance(each, MalformedItem)],
    )


def publish(
    publisher: UploadEventPublisher, events: Iterable[UploadEvent], pause: Callable[[float], None] = time.sleep
) -> list[RefusedEvent]:
    """Publishes in batches. Returns the events that were refused ATTEMPTS times."""
    refused: list[RefusedEvent] = []
    for batch in batched(events, MAX_ENTRIES_PER_CALL, strict=False):
        left = [RefusedEvent(each, "") for each in batch]
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(2.0**attempt / 2)
            left = _publish_batch(publisher, [each.event for each in left])
            if not left:
                break
        refused += left
    return refused


def run(stack: DeployedStack, since: datetime, *, dry_run: bool, pause: Callable[[float], None] = time.sleep) -> int:
    """Returns the exit code: 0 when all events were sent. `pause` waits between attempts."""
    publisher = UploadEventPublisher(stack.client("events"), stack.output("EventBusName"))
    table = stack.output("UploadsTableName")
    decided = read_decided(stack.client("dynamodb"), table, stack.output("VideoFinalBucket"), since)
    print_decided(decided, table)
    if dry_run:
        return NOT_ALL_DONE if decided.malformed else DONE
    refused = publish(publisher, track(decided.events, "Publishing events"), pause)
    print_published(len(decided.events), refused)
    return NOT_ALL_DONE if refused or decided.malformed else DONE


def print_decided(decided: Decided, table: str) -> None:
    for status, detail_type in DETAIL_TYPES.items():
        print(f"{sum(each.status is status for each in decided.events):>8,}  {detail_type}")
    for item in decided.malformed:
        print(f"Item {item.upload_id} of {table} is malformed ({item.reason}): correct it, then run this again.")


def print_published(total: int, refused: Sequence[RefusedEvent]) -> None:
    for each in refused:
        print(f"  {each.event.upload_id}  {each.event.detail_type}: {each.reason}")
    print(f"{total - len(refused):,} sent, {len(refused):,} not sent." + (" Run it again." if refused else ""))


def parse_time(text: str) -> datetime:
    """Parses an ISO 8601 date or time; UTC when it names no zone. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time such as 2026-11-28T01:30Z or 2026-11-28") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _scan(dynamodb: Any, table: str, final_bucket: str, since: datetime) -> Iterator[UploadEvent | MalformedItem]:
    names = {f":{status}": {"S": str(status)} for status in DETAIL_TYPES}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=f"#status IN ({', '.join(names)}) AND updatedAt >= :since",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={**names, ":since": {"S": iso(since)}},
    )
    for page in pages:
        for item in page["Items"]:
            try:
                yield build_event(to_upload(item), final_bucket)
            except (KeyError, ValueError) as error:
                yield MalformedItem(str(item["uploadId"]), f"{type(error).__name__} {error}")


def _publish_batch(publisher: UploadEventPublisher, events: Sequence[UploadEvent]) -> list[RefusedEvent]:
    reasons = publisher.publish(events)
    return [RefusedEvent(each, why) for each, why in zip(events, reasons, strict=True) if why is not None]
