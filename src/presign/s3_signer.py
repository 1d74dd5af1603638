"""Pre-signed S3 uploads, signature version 4.

boto3's `generate_presigned_url` needs an S3 client, which adds a third of a second to a cold start; this module calls
botocore's signing class directly (docs/adr/0004-signing.md).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from presign.ports import SignedUpload
from uploads.multipart import Multipart
from uploads.record import Upload


class S3Signer:
    """Signs uploads of whole files and of parts to one bucket.

    `endpoint` replaces the bucket's regional endpoint and is addressed by path, for the local cloud.
    `credentials` returns frozen credentials; a URL expires with the credentials that signed it.
    """

    def __init__(self, credentials: Callable[[], Any], region: str, bucket: str, endpoint: str | None = None) -> None:
        self._credentials = credentials
        self._region = region
        self._base = f"{endpoint.rstrip('/')}/{bucket}" if endpoint else f"https://{bucket}.s3.{region}.amazonaws.com"

    def sign_put(self, upload: Upload, valid_for: timedelta) -> SignedUpload:
        """Signs a PUT that S3 accepts once, for exactly the declared type, size and SHA-256 (if declared)."""
        headers = {"Content-Type": upload.content_type, "If-None-Match": "*"}
        if upload.sha256:
            headers["x-amz-checksum-sha256"] = upload.sha256
        url = self._sign(f"{self._base}/{quote(upload.staging_key)}", headers, upload.file_size, valid_for)
        return SignedUpload(url, headers)

    def sign_part(
        self, upload: Upload, multipart: Multipart, number: int, sha256: str | None, valid_for: timedelta
    ) -> SignedUpload:
        """Signs a PUT that S3 accepts until the upload is complete, for exactly the size and SHA-256 of this part."""
        headers = {"x-amz-checksum-sha256": sha256} if sha256 else {}
        query = urlencode({"uploadId": multipart.multipart_id, "partNumber": number}, quote_via=quote, safe="-_.~")
        url = f"{self._base}/{quote(upload.staging_key)}?{query}"
        size = multipart.part_size(number, upload.file_size)
        return SignedUpload(self._sign(url, headers, size, valid_for), headers)

    def _sign(self, url: str, headers: Mapping[str, str], size: int, valid_for: timedelta) -> str:
        request = AWSRequest(method="PUT", url=url, headers={**headers, "Content-Length": str(size)})
        expires = int(valid_for.total_seconds())
        S3SigV4QueryAuth(self._credentials(), "s3", self._region, expires=expires).add_auth(request)
        return str(request.url)
