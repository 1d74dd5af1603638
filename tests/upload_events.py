"""The schemas of upload events, and events as EventBridge delivers them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "schemas" / "upload-events"


def load_schema(detail_type: str) -> dict[str, Any]:
    """Returns the schema of `Upload Accepted`, `Upload Rejected` or `Upload Held`."""
    content: dict[str, Any] = json.loads((SCHEMAS / f"{detail_type.lower().replace(' ', '-')}.json").read_text())
    return content


def strict_validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Returns a validator that refuses undescribed properties, which consumers must tolerate and we must not send."""
    detail = {**schema["properties"]["detail"], "additionalProperties": False}
    properties = {**schema["properties"], "detail": detail}
    return Draft202012Validator({**schema, "properties": properties, "additionalProperties": False})


def as_delivered(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the event that EventBridge delivers for an entry of PutEvents."""
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
