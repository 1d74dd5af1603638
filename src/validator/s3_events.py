"""Parses S3 event notifications from SQS messages, which are untrusted input."""

import json
from urllib.parse import unquote_plus


class MalformedMessageError(ValueError):
    """The message is not an S3 event notification of our bucket."""


def created_keys(body: str, bucket: str) -> list[str]:
    """Returns the decoded keys of the created objects; [] for S3's test event and for events of other kinds.

    Leaves out empty objects: a URL signs at least one byte, so they are the seals that the validator itself puts on
    used URLs (S3Storage.seal).

    Raises MalformedMessageError. Format: Amazon S3 User Guide, "Event message structure".
    """
    try:
        message = json.loads(body)
        if message.get("Event") == "s3:TestEvent":
            return []
        created = [
            record
            for record in message["Records"]
            if record["eventName"].startswith("ObjectCreated:") and record["s3"]["object"].get("size") != 0
        ]
        named = [(r["s3"]["bucket"]["name"], _decode_key(r["s3"]["object"]["key"])) for r in created]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MalformedMessageError(f"not an S3 event notification: {type(error).__name__}") from error
    if any(name != bucket for name, _ in named):
        raise MalformedMessageError("an event of another bucket")
    return [key for _, key in named]


def _decode_key(key: str) -> str:
    decoded = unquote_plus(key, errors="strict")
    decoded.encode()  # raises for lone surrogates, which JSON can contain but S3 keys cannot
    return decoded
