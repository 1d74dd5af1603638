"""S3 event notifications as SQS delivers them: hostile until parsed."""

import json
from urllib.parse import unquote_plus


class MalformedMessageError(ValueError):
    """The message is no S3 event notification of our bucket."""


def created_keys(body: str, bucket: str) -> list[str]:
    """The decoded keys of the objects whose creation the message announces; none for S3's test event.

    Raises MalformedMessageError. Format: Amazon S3 User Guide, "Event message structure".
    """
    try:
        message = json.loads(body)
        if message.get("Event") == "s3:TestEvent":
            return []
        created = [r for r in message["Records"] if r["eventName"].startswith("ObjectCreated:")]
        named = [(r["s3"]["bucket"]["name"], _decoded(r["s3"]["object"]["key"])) for r in created]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MalformedMessageError(f"not an S3 event notification: {type(error).__name__}") from error
    if any(name != bucket for name, _ in named):
        raise MalformedMessageError("an event of another bucket")
    return [key for _, key in named]


def _decoded(key: str) -> str:
    decoded = unquote_plus(key, errors="strict")
    decoded.encode()  # JSON can carry lone surrogates, which no key of S3 has and no call to S3 survives
    return decoded
