"""Parses records of the uploads table's stream (NEW_AND_OLD_IMAGES).

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
"""

from collections.abc import Mapping
from typing import Any

from upload_events.upload_event import is_published_change
from uploads.items import to_upload
from uploads.record import Upload


class MalformedRecordError(Exception):
    """The record does not hold a ledger item. The message names the missing or invalid member, never a value."""


def parse_record(record: Mapping[str, Any]) -> Upload | None:
    """Returns the upload after the change, None when the change is not published. Raises MalformedRecordError."""
    change = record.get("dynamodb")
    images = change if isinstance(change, Mapping) else {}
    new = images.get("NewImage")
    if not is_published_change(_status(images.get("OldImage")), _status(new)):
        return None
    try:
        return to_upload(new)  # type: ignore[arg-type]  # it has a status, so it is a mapping
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else type(error).__name__
        raise MalformedRecordError(f"the item is not a ledger item: {problem}") from None


def sequence_number(record: Mapping[str, Any]) -> str:
    """Returns the number by which Lambda identifies the record. Raises MalformedRecordError."""
    try:
        return str(record["dynamodb"]["SequenceNumber"])
    except (KeyError, TypeError):
        raise MalformedRecordError("the record has no SequenceNumber") from None


def _status(image: Any) -> str | None:
    try:
        status = image["status"]["S"]
    except (KeyError, TypeError):
        return None
    return status if isinstance(status, str) else None
