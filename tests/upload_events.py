"""schemas/upload-events, and what EventBridge makes of an entry of PutEvents."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "schemas" / "upload-events"


def schema(title: str) -> dict[str, Any]:
    """That of `Upload Accepted`, `Upload Rejected` or `Upload Held`."""
    content: dict[str, Any] = json.loads((SCHEMAS / f"{title.lower().replace(' ', '-')}.json").read_text())
    return content


def strictly(described: Mapping[str, Any]) -> Draft202012Validator:
    """What we send ourselves has no property that is not described."""
    detail = {**described["properties"]["detail"], "additionalProperties": False}
    properties = {**described["properties"], "detail": detail}
    return Draft202012Validator({**described, "properties": properties, "additionalProperties": False})


def delivered(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The event that a consumer gets for an entry."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": "123456789012",
        "time": f"{entry['Time']:%Y-%m-%dT%H:%M:%SZ}",
        "region": "us-east-1",
        "resources": entry.get("Resources", []),
        "detail": json.loads(entry["Detail"]),
    }
