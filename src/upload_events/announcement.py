"""The rules: which change of the ledger others hear of, and in which words (schemas/upload-events)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from uploads.items import iso
from uploads.record import Status, Upload

SOURCE = "phenom.uploads"
SCHEMA_VERSION = 1
"""Goes up when a consumer that keeps to the schema would have to change. A new property does not do that."""

TITLES: Mapping[Status, str] = {
    Status.ACCEPTED: "Upload Accepted",
    Status.REJECTED: "Upload Rejected",
    Status.HELD: "Upload Held",
}
"""EventBridge's detail-type, by the status that others hear of."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event: `detail` is what the schema of its `title` says, `at` when the ledger recorded it."""

    upload_id: str
    status: Status
    title: str
    detail: Mapping[str, str | int]
    at: datetime


def is_news(before: str | None, after: str | None) -> bool:
    """Whether a change from one status to another is one that others hear of.

    A settled item that is written again, a held one that is readmitted and one whose time is up are not.
    """
    return before is not None and before != after and after in TITLES


def announce(upload: Upload, final_bucket: str) -> Announcement:
    """`upload` is accepted, rejected or held.

    Not the file's name: a stranger chose it, and it may be about a person.
    """
    detail: dict[str, str | int | None] = {
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
            detail |= {"reason": upload.reason, "detail": upload.detail}
    said = {name: value for name, value in detail.items() if value is not None}
    return Announcement(upload.upload_id, upload.status, TITLES[upload.status], said, upload.updated_at)
