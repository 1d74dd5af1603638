"""The multipart uploads of the staging bucket, on S3."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from presign.multipart import PartsChangedError, PartsGoneError, StagingUnavailableError, StoredPart
from runtime.aws_errors import code_of
from uploads.record import Upload

_GONE = frozenset({"NoSuchUpload", "404"})
_OBJECT_IS_THERE = frozenset({"PreconditionFailed", "412"})
_CHANGED = frozenset({"InvalidPart", "InvalidPartOrder"})


class S3Client(Protocol):
    """The calls of botocore's S3 client that are made here."""

    def create_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def list_parts(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def complete_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def abort_multipart_upload(self, **kwargs: Any) -> Mapping[str, Any]: ...


class S3Parts:
    """See presign.multipart.Parts. `client` makes the client, whose import most requests need not pay for."""

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._make = client
        self._bucket = bucket

    def begin(self, upload: Upload, *, with_sha256: bool) -> str:
        checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "COMPOSITE"} if with_sha256 else {}
        answer = self._call("create_multipart_upload", upload.staging_key, ContentType=upload.content_type, **checksum)
        return str(answer["UploadId"])

    def stored(self, key: str, multipart_id: str) -> list[StoredPart]:
        parts: list[StoredPart] = []
        more: dict[str, Any] = {}
        while True:
            answer = self._call("list_parts", key, UploadId=multipart_id, **more)
            parts += [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"], part.get("ChecksumSHA256"))
                for part in answer.get("Parts", [])
            ]
            if not answer.get("IsTruncated"):
                return parts
            more = {"PartNumberMarker": answer["NextPartNumberMarker"]}

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
            answer: Mapping[str, Any] = getattr(self._make(), operation)(Bucket=self._bucket, Key=key, **arguments)
        except ClientError as error:
            raise _meaning(error) from error
        except BotoCoreError as error:
            raise StagingUnavailableError(f"{operation}: {code_of(error)}") from error
        return answer


def _meaning(error: ClientError) -> Exception:
    code = code_of(error)
    # An object under the key means the same as no upload: somebody has completed it.
    if code in _GONE | _OBJECT_IS_THERE:
        return PartsGoneError(code)
    if code in _CHANGED:
        return PartsChangedError(code)
    return StagingUnavailableError(f"{error.operation_name}: {code}")
