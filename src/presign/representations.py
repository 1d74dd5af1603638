"""Uploads as the API shows them."""

from typing import Any

from presign.service import Issued
from uploads.record import Upload


def issued_as_json(issued: Issued) -> dict[str, Any]:
    """What a client needs to upload."""
    upload = issued.upload
    return {
        "uploadId": upload.upload_id,
        "uploadUrl": issued.signed.url,
        "method": "PUT",
        "headers": dict(issued.signed.headers),
        "key": upload.staging_key,
        "expiresAt": f"{issued.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "statusUrl": f"/upload/{upload.upload_id}",
    }


def state_as_json(upload: Upload) -> dict[str, Any]:
    """What became of an upload, without what is not known."""
    state = {
        "uploadId": upload.upload_id,
        "status": upload.status,
        "reason": upload.reason,
        "detail": upload.detail,
        "contentType": upload.content_type,
        "fileSize": upload.file_size,
        "finalKey": upload.final_key,
        "createdAt": f"{upload.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "updatedAt": f"{upload.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {name: value for name, value in state.items() if value is not None}
