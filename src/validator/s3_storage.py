"""The staging and the final bucket, on S3.

Every call names the ETag that `find` saw, so that the bytes that are read, copied and deleted are the ones judged.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from botocore.exceptions import ClientError

from runtime.aws_errors import code_of
from validator.formats.reader import Fetch
from validator.ports import ObjectChangedError, Promoted, Promotion, StagedObject

STREAM_CHUNK_BYTES = 1024 * 1024
MAX_NAME_METADATA_BYTES = 1024  # S3 allows 2 KB for all user metadata of an object

_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_PRECONDITION = frozenset({"412", "PreconditionFailed"})


class S3Client(Protocol):
    """The calls of botocore's S3 client that are made here."""

    def head_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def get_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def copy_object(self, **kwargs: Any) -> Mapping[str, Any]: ...
    def delete_object(self, **kwargs: Any) -> Mapping[str, Any]: ...


class S3Storage:
    """See validator.ports.Storage."""

    def __init__(self, client: S3Client, staging_bucket: str, final_bucket: str) -> None:
        self._client = client
        self._staging = staging_bucket
        self._final = final_bucket

    def find(self, key: str) -> StagedObject | None:
        head = self._head(self._staging, key)
        return StagedObject(key, head["ETag"], head["ContentLength"]) if head else None

    def fetch(self, staged: StagedObject) -> Fetch:
        def fetch(offset: int, length: int) -> bytes:
            answer = self._get(staged, Range=f"bytes={offset}-{offset + length - 1}")
            body: bytes = answer["Body"].read()
            return body

        return fetch

    def stream(self, staged: StagedObject) -> Iterator[bytes]:
        """The whole object in chunks of STREAM_CHUNK_BYTES; a body that ends early raises."""
        chunks: Iterator[bytes] = self._get(staged)["Body"].iter_chunks(STREAM_CHUNK_BYTES)
        return chunks

    def promote(self, staged: StagedObject, promotion: Promotion) -> Promoted:
        """Copies to the final bucket, once. S3 computes a SHA-256 on the way."""
        try:
            answer = self._copy(staged, **self._promotion(staged, promotion), IfNoneMatch="*")
        except ObjectChangedError:
            existing = self.promoted(promotion.key)
            if existing is None or existing.source_etag != staged.etag:
                raise
            return existing
        return Promoted(staged.etag, answer["CopyObjectResult"].get("ChecksumSHA256"))

    def promoted(self, final_key: str) -> Promoted | None:
        head = self._head(self._final, final_key, ChecksumMode="ENABLED")
        if head is None or "source-etag" not in head["Metadata"]:
            return None
        return Promoted(f'"{head["Metadata"]["source-etag"]}"', head.get("ChecksumSHA256"))

    def hold(self, staged: StagedObject, held_key: str) -> str:
        """Copies aside, once: what lies there already was sent first."""
        try:
            answer = self._copy(staged, Bucket=self._staging, Key=held_key, IfNoneMatch="*")
        except ObjectChangedError:
            existing = self.find(held_key)
            if existing is None:
                raise
            return existing.etag
        return str(answer["CopyObjectResult"]["ETag"])

    def delete(self, staged: StagedObject) -> None:
        """Leaves an object that has taken the place of this one: it has an event of its own."""
        try:
            self._client.delete_object(Bucket=self._staging, Key=staged.key, IfMatch=staged.etag)
        except ClientError as error:
            if code_of(error) not in _GONE | _PRECONDITION:
                raise

    def _promotion(self, staged: StagedObject, promotion: Promotion) -> dict[str, Any]:
        metadata = {
            "upload-id": promotion.upload_id,
            "file-name": _ascii_name(promotion.file_name),
            "source-etag": staged.etag.strip('"'),
        }
        if promotion.sha256:
            metadata["sha256"] = promotion.sha256
        disposition = {"ContentDisposition": "attachment"} if promotion.as_attachment else {}
        return {
            "Bucket": self._final,
            "Key": promotion.key,
            "ContentType": promotion.content_type,
            "MetadataDirective": "REPLACE",
            "Metadata": metadata,
            "ChecksumAlgorithm": "SHA256",
            **disposition,
        }

    def _get(self, staged: StagedObject, **extra: Any) -> Mapping[str, Any]:
        return _unchanged(self._client.get_object, Bucket=self._staging, Key=staged.key, IfMatch=staged.etag, **extra)

    def _copy(self, staged: StagedObject, **target: Any) -> Mapping[str, Any]:
        source = {"Bucket": self._staging, "Key": staged.key}
        return _unchanged(self._client.copy_object, CopySource=source, CopySourceIfMatch=staged.etag, **target)

    def _head(self, bucket: str, key: str, **extra: Any) -> Mapping[str, Any] | None:
        try:
            return self._client.head_object(Bucket=bucket, Key=key, **extra)
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise


def _unchanged(call: Callable[..., Mapping[str, Any]], **arguments: Any) -> Mapping[str, Any]:
    try:
        return call(**arguments)
    except ClientError as error:
        if code_of(error) in _GONE | _PRECONDITION:
            raise ObjectChangedError(arguments.get("Key", "")) from error
        raise


def _ascii_name(name: str) -> str:
    """Percent-encoded UTF-8, cut between characters."""
    encoded = ""
    for character in name:
        encoded += quote(character, safe=" ")
        if len(encoded) > MAX_NAME_METADATA_BYTES:
            return encoded[: len(encoded) - len(quote(character, safe=" "))]
    return encoded
