"""The rules: which status changes become upload events, and what an event holds (schemas/upload-events)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from uploads.items import iso
from uploads.record import Status, Upload

SOURCE = "phenom.uploads"
SCHEMA_VERSION = 1
"""Increment when a consumer that follows the schema would have to change; a new property is no such change."""

DETAIL_TYPES: Mapping[Status, str] = {
    Status.ACCEPTED: "Upload Accepted",
    Status.REJECTED: "Upload Rejected",
    Status.HELD: "Upload Held",
}
"""EventBridge's detail-type for each status that is published."""


@dataclass(frozen=True, slots=True)
class UploadEvent:
    """One event: `detail` follows the schema of `detail_type`; `recorded_at` is when the ledger recorded the status."""

    upload_id: str
    status: Status
    detail_type: str
    detail: Mapping[str, str | int | bool]
    recorded_at: datetime


def is_published_change(before: str | None, after: str | None) -> bool:
    """Returns True when the change from status `before` to `after` (None: no item) is to be published.

    Rewritten items, held uploads that are issued again, and expired items are not.
    """
    return before is not None and before != after and after in DETAIL_TYPES


def build_event(upload: Upload, final_bucket: str) -> UploadEvent:
    """Returns the event of an accepted, rejected or held upload.

    It omits the file name, which is chosen by an unknown client and may be personal data.
    """
    detail: dict[str, str | int | bool | None] = {
        "schemaVersion": SCHEMA_VERSION,
        "uploadId": upload.upload_id,
        "status": upload.status,
        "contentType": upload.content_type,
        "fileSize": upload.file_size,
        "createdAt": iso(upload.created_at),
        "updatedAt": iso(upload.updated_at),
    }
    match upload.status:
        case Status.ACCEPTED:
            detail |= {"finalBucket": final_bucket, "finalKey": upload.final_key, "sha256": upload.sha256}
        case Status.REJECTED:
            detail |= {"reason": upload.reason, "detail": upload.detail, "quarantined": upload.quarantined}
    present = {name: value for name, value in detail.items() if value is not None}
    return UploadEvent(upload.upload_id, upload.status, DETAIL_TYPES[upload.status], present, upload.updated_at)
