"""Conversion of uploads to and from DynamoDB items, in the ledger's table and in its stream."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from uploads.multipart import Multipart, MultipartState
from uploads.reasons import Reason
from uploads.record import Release, ReleaseMode, Status, Upload

LEDGER_TTL = timedelta(days=30)

type Value = str | float | bool
type Item = dict[str, dict[str, Any]]


def to_attribute(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def iso(moment: datetime) -> str:
    """Returns the moment in UTC with milliseconds, so that texts sort chronologically."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_item(upload: Upload) -> Item:
    fields: dict[str, Value | None] = {
        "uploadId": upload.upload_id,
        "status": upload.status,
        "contentType": upload.content_type,
        "fileSize": upload.file_size,
        "fileName": upload.file_name,
        "createdAt": iso(upload.created_at),
        "updatedAt": iso(upload.updated_at),
        "sha256": upload.sha256,
        "passwordLabel": upload.password_label,
        "expiresAt": math.ceil((upload.created_at + LEDGER_TTL).timestamp()),
        **(_multipart_fields(upload.multipart) if upload.multipart else {}),
    }
    return {name: to_attribute(value) for name, value in fields.items() if value is not None}


def _multipart_fields(multipart: Multipart) -> dict[str, Value | None]:
    return {
        "multipartId": multipart.multipart_id,
        "multipartState": multipart.state,
        "partBytes": multipart.part_bytes,
        "partCount": multipart.part_count,
        "partChecksums": "sha256" if multipart.with_sha256 else None,
    }


def _to_multipart(text: Mapping[str, str], number: Mapping[str, str]) -> Multipart:
    return Multipart(
        multipart_id=text["multipartId"],
        part_bytes=int(number["partBytes"]),
        part_count=int(number["partCount"]),
        with_sha256="partChecksums" in text,
        state=MultipartState(text["multipartState"]),
    )


def _to_release(text: Mapping[str, str]) -> Release:
    return Release(
        mode=ReleaseMode(text["releaseMode"]),
        by=text["releasedBy"],
        because=text["releasedBecause"],
        at=datetime.fromisoformat(text["releasedAt"]),
    )


def to_upload(item: Item) -> Upload:
    """Raises KeyError or ValueError when the item is not an upload."""
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    number = {name: value["N"] for name, value in item.items() if "N" in value}
    return Upload(
        upload_id=text["uploadId"],
        status=Status(text["status"]),
        content_type=text["contentType"],
        file_size=int(number["fileSize"]),
        file_name=text["fileName"],
        created_at=datetime.fromisoformat(text["createdAt"]),
        updated_at=datetime.fromisoformat(text["updatedAt"]),
        sha256=text.get("sha256"),
        etag=text.get("etag"),
        reason=Reason(text["reason"]) if "reason" in text else None,
        detail=text.get("detail"),
        final_key=text.get("finalKey"),
        lease_until=float(number.get("leaseUntil", "0")),
        approved_etag=text.get("approvedEtag"),
        held_etag=text.get("heldEtag"),
        quarantined=item.get("quarantined") == {"BOOL": True},
        quarantine_etag=text.get("quarantineEtag"),
        signature=text.get("signature"),
        release=_to_release(text) if "releasedAt" in text else None,
        multipart=_to_multipart(text, number) if "multipartId" in text else None,
        password_label=text.get("passwordLabel"),
    )
