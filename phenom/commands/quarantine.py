"""Lists what the scanner rejected and the validator keeps under quarantine/."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from phenom.aws.operator_role import Operator, assume_role
from phenom.aws.stacks import DeployedStack
from phenom.errors import DONE
from phenom.terminal import print_table
from phenom.upload_report import printable
from uploads.items import iso
from uploads.ledger import DynamoDbLedger
from uploads.record import QUARANTINE_PREFIX, STAGING_PREFIX, Status, Upload, upload_id_from_key

OPERATOR_ROLE = "QuarantineOperatorRoleArn"
_COLUMNS = ("UPLOAD", "SINCE (UTC)", "STATUS", "REASON", "SIGNATURE", "BYTES", "TYPE", "NAME")
_NO_RECORD = "no record"


@dataclass(frozen=True, slots=True)
class Entry:
    """A quarantined object. `upload` is None when the ledger has no record any more."""

    upload_id: str
    since: datetime
    size: int
    upload: Upload | None


def collect(stack: DeployedStack, operator: Operator) -> list[Entry]:
    """Returns the quarantined objects, the newest first."""
    ledger = DynamoDbLedger(operator.client("dynamodb"), stack.output("UploadsTableName"))
    entries = [
        Entry(upload_id, each["LastModified"].astimezone(UTC), each["Size"], ledger.find(upload_id))
        for each in _objects(operator.client("s3"), stack.output("VideoStagingBucket"))
        if (upload_id := upload_id_from_key(STAGING_PREFIX + each["Key"].removeprefix(QUARANTINE_PREFIX)))
    ]
    return sorted(entries, key=lambda entry: entry.since, reverse=True)


def run(stack: DeployedStack, *, as_json: bool) -> int:
    entries = collect(stack, assume_role(stack, OPERATOR_ROLE))
    if as_json:
        print(as_json_text(entries))
    elif entries:
        print_table(_COLUMNS, [_row(entry) for entry in entries], right=("BYTES",))
    else:
        print("Nothing is in quarantine.")
    return DONE


def as_json_text(entries: Sequence[Entry]) -> str:
    """Returns one JSON array; control characters in file names are escaped."""
    return json.dumps([_as_json(entry) for entry in entries], indent=2, ensure_ascii=True)


def _objects(s3: Any, bucket: str) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=QUARANTINE_PREFIX):
        yield from page.get("Contents", [])


def _row(entry: Entry) -> list[str]:
    upload = entry.upload
    cells = [entry.upload_id, f"{entry.since:%Y-%m-%d %H:%M}", _status(upload)]
    if upload is None:
        return [*cells, "", "", str(entry.size), "", ""]
    facts = [upload.reason or "", upload.signature or "", str(entry.size), upload.content_type, upload.file_name]
    return [printable(cell) for cell in [*cells, *facts]]


def _status(upload: Upload | None) -> str:
    if upload is None:
        return _NO_RECORD
    return "accepted (leftover)" if upload.status is Status.ACCEPTED else upload.status


def _as_json(entry: Entry) -> dict[str, Any]:
    upload = entry.upload
    facts: dict[str, Any] = {"uploadId": entry.upload_id, "time": iso(entry.since), "size": entry.size}
    if upload is None:
        return facts | {"status": None}
    release = upload.release
    return facts | {
        "status": upload.status,
        "reason": upload.reason,
        "signature": upload.signature,
        "contentType": upload.content_type,
        "fileName": upload.file_name,
        "release": release
        and {"mode": release.mode, "by": release.by, "because": release.because, "at": iso(release.at)},
    }
