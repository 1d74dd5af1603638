"""Records of the ledger's stream (NEW_AND_OLD_IMAGES).

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
"""

from collections.abc import Mapping
from typing import Any

from upload_events.announcement import is_news
from uploads.items import to_upload
from uploads.record import Upload


class MalformedRecordError(Exception):
    """The record is no change of a ledger item. The message says what is missing or wrong, and no value."""


def news_of(record: Mapping[str, Any]) -> Upload | None:
    """The upload as it is now, None where there is nothing to tell. Raises MalformedRecordError."""
    change = record.get("dynamodb")
    images = change if isinstance(change, Mapping) else {}
    new = images.get("NewImage")
    if not is_news(_status(images.get("OldImage")), _status(new)):
        return None
    try:
        return to_upload(new)  # type: ignore[arg-type]  # it has a status, and what else it lacks is told here
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else type(error).__name__
        raise MalformedRecordError(f"the item is not one of ours: {what}") from None


def sequence_number(record: Mapping[str, Any]) -> str:
    """What Lambda knows the record by. Raises MalformedRecordError."""
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
