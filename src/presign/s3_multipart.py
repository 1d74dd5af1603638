"""The multipart uploads of the staging bucket, in S3."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from presign.ports import PartsChangedError, PartsGoneError, StagingUnavailableError, StoredPart
from runtime.aws_errors import code_of
from uploads.record import Upload

_UPLOAD_IS_GONE = frozenset({"NoSuchUpload", "404"})
_OBJECT_EXISTS = frozenset({"PreconditionFailed", "412"})
_PART_CHANGED = frozenset({"InvalidPart", "InvalidPartOrder"})


class S3Client(Protocol):
    """The methods of botocore's S3 client that are used here."""

    def create_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def list_parts(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def complete_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def abort_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...


class S3MultipartStorage:
    """Implements presign.ports.MultipartStorage.

    `make_client` is called on first use, because the S3 client is slow to create and most requests need none.
    """

    def __init__(self, make_client: Callable[[], S3Client], bucket: str) -> None:
        self._make_client = make_client
        self._bucket = bucket

    def begin(self, upload: Upload, *, with_sha256: bool) -> str:
        checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "COMPOSITE"} if with_sha256 else {}
        answer = self._call("create_multipart_upload", upload.staging_key, ContentType=upload.content_type, **checksum)
        return str(answer["UploadId"])

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        parts: list[StoredPart] = []
        marker: dict[str, Any] = {}
        while True:
            answer = self._call("list_parts", key, UploadId=multipart_id, **marker)
            parts += [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"], part.get("ChecksumSHA256"))
                for part in answer.get("Parts", [])
            ]
            if not answer.get("IsTruncated"):
                return parts
            marker = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def complete(self, upload: Upload, multipart_id: str, parts: Sequence[StoredPart]) -> None:
        named = [
            {"PartNumber": part.number, "ETag": part.etag} | ({"ChecksumSHA256": part.sha256} if part.sha256 else {})
            for part in parts
        ]
        self._call(
            "complete_multipart_upload",
            upload.staging_key,
            UploadId=multipart_id,
            MultipartUpload={"Parts": named},
            MpuObjectSize=upload.file_size,
            IfNoneMatch="*",
        )

    def abort(self, key: str, multipart_id: str) -> None:
        try:
            self._call("abort_multipart_upload", key, UploadId=multipart_id)
        except PartsGoneError:
            return

    def _call(self, operation: str, key: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            call = getattr(self._make_client(), operation)
            answer: Mapping[str, Any] = call(Bucket=self._bucket, Key=key, **arguments)
        except ClientError as error:
            raise _port_error(error) from error
        except BotoCoreError as error:
            raise StagingUnavailableError(f"{operation}: {code_of(error)}") from error
        return answer


def _port_error(error: ClientError) -> Exception:
    code = code_of(error)
    # An object under the key has the same meaning as a missing multipart upload: another call completed it.
    if code in _UPLOAD_IS_GONE | _OBJECT_EXISTS:
        return PartsGoneError(code)
    if code in _PART_CHANGED:
        return PartsChangedError(code)
    return StagingUnavailableError(f"{error.operation_name}: {code}")
