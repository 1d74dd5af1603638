"""Tells others again what became of uploads: of all that the ledger has settled since a moment.

For when the dead letters of the upload events say that something was not sent: they hold no more than its place in a
stream, which is gone after a day, and the ledger keeps the upload itself for 30 days. Safe to repeat, and to interrupt:
consumers know a repetition by the upload, its status and when it got it.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tqdm import tqdm

from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, DeployedStack, UnreachableError, stack_of
from upload_events.publisher import MAX_ENTRIES_PER_CALL, UploadEventPublisher
from upload_events.upload_event import DETAIL_TYPES, UploadEvent, build_event
from uploads.items import iso, to_upload

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that EventBridge has not taken."""

    event: UploadEvent
    reason: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that cannot be told: `key` as the table has it, `what` is missing or wrong."""

    key: str
    what: str


def settled(dynamodb: Any, table: str, final_bucket: str, since: datetime) -> Iterator[UploadEvent | Malformed]:
    """Of all uploads that got their status at `since` or later. Reads the whole table; in no order."""
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
                yield Malformed(str(item["uploadId"]), f"{type(error).__name__} {error}")


def send(
    publisher: UploadEventPublisher, events: Iterable[UploadEvent], pause: Callable[[float], None] = time.sleep
) -> list[Refused]:
    """Those that were refused ATTEMPTS times."""
    lost: list[Refused] = []
    for batch in batched(events, MAX_ENTRIES_PER_CALL, strict=False):
        left = [Refused(each, "") for each in batch]
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(2.0**attempt / 2)
            left = _put(publisher, [each.event for each in left])
            if not left:
                break
        lost += left
    return lost


def _put(publisher: UploadEventPublisher, events: Sequence[UploadEvent]) -> list[Refused]:
    reasons = publisher.publish(events)
    return [Refused(each, why) for each, why in zip(events, reasons, strict=True) if why is not None]


def run(stack: DeployedStack, since: datetime, *, dry_run: bool) -> int:
    """Exit status: 0 when all were sent, 1 otherwise."""
    publisher = UploadEventPublisher(stack.client("events"), stack.output("EventBusName"))
    table, bucket = stack.output("UploadsTableName"), stack.output("VideoFinalBucket")
    all_found = list(settled(stack.client("dynamodb"), table, bucket, since))
    found = [each for each in all_found if isinstance(each, UploadEvent)]
    malformed = [each for each in all_found if isinstance(each, Malformed)]
    for status, detail_type in DETAIL_TYPES.items():
        print(f"{sum(each.status is status for each in found):>8,}  {detail_type}")
    for item in malformed:
        print(f"Item {item.key} of {table} is not one of ours ({item.what}): correct it, and run this again.")
    if dry_run:
        return 1 if malformed else 0
    found.sort(key=lambda each: each.recorded_at)
    lost = send(publisher, tqdm(found, unit="event", desc="Sent", file=sys.stderr))
    for each in lost:
        print(f"  {each.event.upload_id}  {each.event.detail_type}: {each.reason}")
    print(f"{len(found) - len(lost):,} were sent, {len(lost):,} were not." + (" Run it again." if lost else ""))
    return 1 if lost or malformed else 0


def moment(text: str) -> datetime:
    """A date or a moment of ISO 8601; in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment such as 2026-11-28T01:30Z or 2026-11-28") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="phenom.commands.announce", description=__doc__.partition("\n")[0])
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True, help="the environment")
    parser.add_argument("--since", type=moment, required=True, help="settled when or later: 2026-11-28T01:30Z")
    parser.add_argument("--dry-run", action="store_true", help="only count what would be sent")
    parser.add_argument("--stack", type=Path, default=LOCAL_STACK, help="stack.json of another local cloud")
    chosen = parser.parse_args(arguments)
    try:
        return run(stack_of(chosen.env, chosen.stack), chosen.since, dry_run=chosen.dry_run)
    except (UnreachableError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. Run it again: what was sent already comes twice, which does no harm.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
